"""Values that somebody typed or sent and that cannot be used."""

from collections.abc import Sequence

from .base import DipmpError


class InvalidInput(DipmpError):
    """A value given by a caller cannot be used."""


class InvalidAddress(InvalidInput):
    """Not a registry address (EIP-55, EIP-3770)."""


class InvalidName(InvalidInput):
    """Not a project name in PEP 503 normal form."""


class InvalidFilename(InvalidInput):
    """Not the name of a wheel or an sdist."""


class InvalidCid(InvalidInput):
    """Not a CIDv1 with a codec and hash that dipmp uses."""


class InvalidUpload(InvalidInput):
    """A request of the upload API cannot be read, or says something else of its file than the file does."""


class UploadTooLarge(InvalidUpload):
    """A request of the upload API exceeds a bound."""


class InvalidDenylist(InvalidInput):
    """A denylist cannot be read, or has no header that says so; what it would forbid is unknown."""


class InvalidSettings(InvalidInput):
    """Settings that are wrong or missing, all of them at once."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = tuple(problems)
