"""Log entries as frozen values, one class per kind. Shapes: docs/log-format.md, "Kinds"."""

from dataclasses import dataclass
from typing import TypeAlias

from ..model.names import ProjectName

RELEASE = 0x01
YANK = 0x20
CLAIM = 0x80
OWNER = 0x81
ROLE = 0x82
STATUS = 0x83


@dataclass(frozen=True, slots=True)
class FileRecord:
    """One row of a RELEASE. Digests are 32 raw bytes; `rules.check_file` checks the rest."""

    filename: str
    size: int
    sha256: bytes
    dag_root: bytes | None
    metadata_sha256: bytes | None


@dataclass(frozen=True, slots=True)
class Release:
    """Kind 0x01: files of one version; `requires_python` is "" where there is none."""

    requires_python: str
    files: tuple[FileRecord, ...]


@dataclass(frozen=True, slots=True)
class Yank:
    """Kind 0x20: a target is a file name, or the number of an earlier RELEASE entry and so all its files.

    `reason` is None where it breaks the rules for reasons; a yank without a reason has "".
    """

    targets: tuple[str | int, ...]
    yanked: bool
    reason: str | None


@dataclass(frozen=True, slots=True)
class Claim:
    """Kind 0x80: the first entry of a project. `rprev` is the nonce of the registry log's previous blob."""

    rprev: int
    owner: bytes
    name: ProjectName


@dataclass(frozen=True, slots=True)
class OwnerStep:
    """Kind 0x81: step 0 offers ownership to `address`, 1 accepts it; readers take every other `step` as well."""

    step: int
    address: bytes


@dataclass(frozen=True, slots=True)
class Role:
    """Kind 0x82: `address` may publish until the unix second `until`; `compromised_since` is 0 for none."""

    address: bytes
    until: int
    compromised_since: int


@dataclass(frozen=True, slots=True)
class StatusChange:
    """Kind 0x83: the project's whole status byte; `reason` is None where it breaks the rules for reasons."""

    status: int
    reason: str | None


Entry: TypeAlias = Release | Yank | Claim | OwnerStep | Role | StatusChange
