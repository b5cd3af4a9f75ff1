"""Settings in layers: for every variable, the first layer that has it."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from .config import Config, Values
from .setting import Secrets, Setting


def from_environment(environment: Mapping[str, str]) -> Values:
    """Return the layer of the environment; an empty variable is as good as none."""
    return {name: Setting(text.strip(), f"the variable {name}") for name, text in environment.items() if text.strip()}


class Layers(Mapping[str, str]):
    """Reads like an environment; `where` tells from which layer a variable's value came.

    `layers` are the environment, the project and the configuration file, in this order. `problems` are what cannot
    be used, and `warnings` what a person should change, as sentences that hold no secret. `refused` says why the
    registry that the project names is not taken, "" where it is or names none.
    """

    def __init__(
        self,
        layers: Sequence[Values],
        config: Config,
        *,
        files: Mapping[str, Path | None] = MappingProxyType({}),
        refused: str = "",
        problems: Sequence[str] = (),
        warnings: Sequence[str] = (),
    ) -> None:
        self._layers = tuple(layers)
        self._config = config
        self.files = files
        self.refused = refused
        self.problems, self.warnings = tuple(problems), tuple(warnings)

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> "Layers":
        """Return variables alone, as where no file is read; Layers as they are."""
        if isinstance(environment, cls):
            return environment
        return cls([from_environment(environment)], Config())

    def __getitem__(self, variable: str) -> str:
        return self._found(variable).text

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys(name for layer in self._layers for name in layer))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __repr__(self) -> str:
        return f"<Layers of {len(self)} settings>"

    def where(self, variable: str) -> str:
        """Return where a variable's value was found, "" where it has none."""
        return self._found(variable).where if variable in self else ""

    @property
    def from_variables(self) -> Values:
        """The highest layer: the environment."""
        return self._layers[0]

    def _found(self, variable: str) -> Setting:
        for layer in self._layers:
            if variable in layer:
                return layer[variable]
        raise KeyError(variable)

    @property
    def registries(self) -> tuple[str, ...]:
        """The names of registries."""
        return tuple(self._config.registries)

    def choosing(self, name: str) -> "Layers":
        """Return the same with what is said of a named registry above the rest of the file. Raises KeyError.

        Its problems are left to the one that it was made from.
        """
        *above, file = self._layers
        entry = self._config.registries[name]
        return Layers([*above, {**file, **entry}], self._config, files=self.files, warnings=self.warnings)

    def address(self, name: str) -> Setting:
        """Return the address of a named registry. Raises KeyError."""
        return self._config.registries[name]["DIPMP_REGISTRY"]

    @property
    def secrets(self) -> Secrets:
        """What the signer and pinners find under the names of variables besides the environment."""
        return self._config.secrets

    @property
    def account(self) -> str:
        """The address that the file's own key must have, "" where nothing says it."""
        return self._config.account
