"""Layers of settings: a variable has the value of the first layer that sets it."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from dipmp_lib.errors import InvalidSettings

from .config_file import CONFIG_VARIABLE, Config, TomlFile, Values, config_path, parse_config, pyproject_path, read_toml
from .keys import KEYS, PROJECT_KEYS, REGISTRY_KEYS, take
from .setting import Secrets, Setting


def from_environment(environment: Mapping[str, str]) -> Values:
    """Return the layer of the environment; an empty variable counts as unset."""
    return {name: Setting(text.strip(), f"the variable {name}") for name, text in environment.items() if text.strip()}


class Layers(Mapping[str, str]):
    """A mapping like an environment, made of layers; `where` names the layer of a variable's value.

    `layers` are the environment, the project and the configuration file, in this order. `problems` and `warnings` are
    sentences without secrets about errors and about things to change. `refused` is the reason for which the project's
    choice of a registry is not used, "" if it is used or there is none.
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
        """Return an environment as the only layer; Layers are returned unchanged."""
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
        """Return the origin of a variable's value, "" if it has none."""
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
        """Names of the configured registries."""
        return tuple(self._config.registries)

    def choosing(self, name: str) -> "Layers":
        """Return the same with the settings of a named registry above the rest of the file. Raises KeyError.

        Problems stay with the original.
        """
        *above, file = self._layers
        entry = self._config.registries[name]
        return Layers([*above, {**file, **entry}], self._config, files=self.files, warnings=self.warnings)

    def address(self, name: str) -> Setting:
        """Return the address of a named registry. Raises KeyError."""
        return self._config.registries[name]["DIPMP_REGISTRY"]

    @property
    def secrets(self) -> Secrets:
        """Secrets of the configuration file for the signer and the pinners, by variable."""
        return self._config.secrets

    @property
    def account(self) -> str:
        """Address that the file's own key must have, "" for any."""
        return self._config.account


_TABLES = {"registries", "chains", "chain", "ipfs"}
_IMPORT = "move the key into a keystore with: dipmp account import NAME"


def open_layers() -> Layers:
    """Return the layers of this process; warnings go to stderr."""
    import os

    import typer

    layers = read_layers(os.environ, Path.cwd())
    for warning in layers.warnings:
        typer.echo(f"warning: {warning}", err=True)
    return layers


def read_layers(environment: Mapping[str, str], folder: Path) -> Layers:
    """Return the layers of the environment, the project around `folder` and the configuration file.

    Mistakes become `problems` of the result; nothing is raised.
    """
    problems: list[str] = []
    warnings: list[str] = []
    path = config_path(environment)
    config = _config(path, named=bool(environment.get(CONFIG_VARIABLE, "").strip()), problems=problems)
    if config.secrets:
        warnings.append(f"{path} holds secrets in plain text; {_IMPORT}")
    pyproject = pyproject_path(folder)
    project = _project(pyproject, path, problems) if pyproject else {}
    refused = _refused(project, config, path)
    return Layers(
        [from_environment(environment), {} if refused else project, config.values],
        config,
        files={"config": path if path.exists() else None, "pyproject": pyproject},
        refused=refused,
        problems=problems,
        warnings=warnings,
    )


def _config(path: Path, *, named: bool, problems: list[str]) -> Config:
    if not named and not path.exists():
        return Config()
    try:
        file = read_toml(path)
    except InvalidSettings as error:
        problems += error.problems
        return Config()
    config = parse_config(file.document, str(path))
    problems += [*config.problems, *_loose(path, file, config)]
    return config


def _loose(path: Path, file: TomlFile, config: Config) -> list[str]:
    """Return the problem that others may read the file's secrets, or change it, by its permissions (POSIX)."""
    import os

    if os.name != "posix":
        return []
    if config.secrets and file.mode & 0o077:
        return [f"{path} holds secrets, and other users can read or write it (mode {file.mode:04o}): chmod 600 {path}"]
    if file.mode & 0o002:
        return [f"{path} can be written by everybody (mode {file.mode:04o}): chmod go-w {path}"]
    return []


def _project(pyproject: Path, path: Path, problems: list[str]) -> Values:
    """Return the settings of `[tool.dipmp]`: a repository may choose among its publisher's registries, nothing else."""
    where = f"[tool.dipmp] of {pyproject}"
    try:
        tool = read_toml(pyproject).document.get("tool")
    except InvalidSettings as error:
        problems += error.problems
        return {}
    table = tool.get("dipmp", {}) if isinstance(tool, dict) else {}
    if not isinstance(table, dict):
        problems.append(f"{where} is not a table")
        return {}
    forbidden = (KEYS.keys() | REGISTRY_KEYS.keys() | _TABLES) - PROJECT_KEYS.keys()
    problems += [
        f"{name} in {where} is not allowed, because a repository must not choose it: set it in {path}"
        for name in table
        if name in forbidden
    ]
    return take({name: table[name] for name in table if name not in forbidden}, PROJECT_KEYS, where, problems)


def _refused(project: Values, config: Config, path: Path) -> str:
    """Return the reason for not using a project's registry, if the configuration file does not know it."""
    registry = project.get("DIPMP_REGISTRY")
    known = [config.values, *config.registries.values()]
    addresses = {values["DIPMP_REGISTRY"].text.lower() for values in known if "DIPMP_REGISTRY" in values}
    if registry is None or registry.text in config.registries or registry.text.lower() in addresses:
        return ""
    return (
        f"{registry.where} is {registry.text[:80]!r}, and a repository may only choose among your own registries: "
        f"add [registries.NAME] with that address to {path}, or give --registry"
    )
