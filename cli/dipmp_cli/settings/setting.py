"""A setting with its origin, and secrets that show in no message."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from dipmp_lib.secret import Secret


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting: its text as in the environment variable, and its origin as messages name it."""

    text: str = field(repr=False)
    where: str


class Secrets(Mapping[str, str]):
    """Secrets of a configuration file by variable; the representation is `***`."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = {name: Secret(text.encode()) for name, text in values.items()}

    def __getitem__(self, name: str) -> str:
        return self._values[name].reveal().decode()

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return "***"
