"""Credentials of pinning services, from environment variables or a private file; no message shows them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ...errors import InvalidSettings, SignerError
from ...secret import Secret, read_private_file


@dataclass(frozen=True, slots=True)
class Credentials:
    """One or more secret values, in the order in which the service names them."""

    values: Sequence[Secret] = field(repr=False)

    def token(self, index: int = 0) -> str:
        """Return one value. Callers keep it in no attribute, message or log."""
        return self.values[index].reveal().decode("latin-1")


def read_credentials(pinner: str, names: Sequence[str], environment: Mapping[str, str], file: str = "") -> Credentials:
    """Read one value from each variable of `names`, or one from each line of a `file` that only its owner may read.

    Raises InvalidSettings.
    """
    if file:
        texts = _lines(pinner, Path(file).expanduser(), len(names))
    else:
        texts = [environment.get(name, "").strip() for name in names]
        if missing := [name for name, text in zip(names, texts, strict=True) if not text]:
            raise InvalidSettings([f"the pinner {pinner} needs the variable {' and '.join(missing)}"])
    # http.client would quote a header that it cannot send.
    if not all(text.isascii() and text.isprintable() and " " not in text for text in texts):
        raise InvalidSettings([f"the credentials of the pinner {pinner} are not one line of ASCII without blanks"])
    return Credentials([Secret(text.encode()) for text in texts])


def _lines(pinner: str, path: Path, count: int) -> list[str]:
    try:
        lines = read_private_file(path, f"credentials file of {pinner}").reveal().decode("latin-1").split()
    except SignerError as error:
        raise InvalidSettings([str(error)]) from None
    if len(lines) != count:
        raise InvalidSettings([f"the credentials file {path} of {pinner} has {len(lines)} lines instead of {count}"])
    return lines
