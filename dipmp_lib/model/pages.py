"""Project pages and project lists as frozen values, which readers make and renderers take.

Sources: PEP 503/691 (project pages), PEP 592 (yank), PEP 658/714 (core metadata), PEP 700 (size, upload-time),
PEP 792 (status). Times are unix seconds; digests are raw bytes. All but `policy` follows from a log's head alone.
"""

from dataclasses import dataclass
from enum import StrEnum

from .names import ProjectName, RegistryAddress


class Status(StrEnum):
    """PEP 792 project status markers."""

    ACTIVE = "active"
    ARCHIVED = "archived"
    DEPRECATED = "deprecated"
    QUARANTINED = "quarantined"


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """One distribution that the fold accepted.

    `dag_root` is the sha2-256 of the dag-pb root block, None where the file is one raw block (size <= 1 MiB).
    `metadata_sha256` is set for wheels. `yanked` is None, or the reason, which may be "".
    """

    filename: str
    version: str
    size: int
    sha256: bytes
    dag_root: bytes | None
    metadata_sha256: bytes | None
    requires_python: str
    uploaded: int
    publisher: bytes
    entry: int
    yanked: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A remark of the fold on an entry: `code` is a stable word (docs/log-format.md), `filename` "" for all of it."""

    entry: int
    code: str
    filename: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyNote:
    """A remark of the server's operator on a project, or on one of its files where `filename` is not "".

    `rule` names the rule; `action` is quarantine, block or warn; `reason` is one word; `ref` and `statement` refer to
    the grounds; `url` is the operator's policy. All but the first two may be "".
    """

    rule: str
    action: str
    filename: str = ""
    reason: str = ""
    ref: str = ""
    statement: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PagePolicy:
    """The operator's policy as applied to a page; `withheld` is the number of files that were left out.

    `denied` is the rule that takes the whole project off, "" for none. `revision` changes when one of the rules that
    apply to the page does; "" where none applies.
    """

    revision: str = ""
    notes: tuple[PolicyNote, ...] = ()
    withheld: int = 0
    denied: str = ""


NO_POLICY = PagePolicy()


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """A project as its log has it: the listed files in log order, and notes on what was withdrawn or ignored.

    `policy` does not come from the log: a server sets it just before it answers.
    """

    registry: RegistryAddress
    name: ProjectName
    head: bytes
    count: int
    owner: bytes
    status: Status
    status_reason: str = ""
    files: tuple[File, ...]
    notes: tuple[Note, ...] = ()
    incomplete: bool = False
    policy: PagePolicy = NO_POLICY

    @property
    def weight(self) -> int:
        """The number of objects that the page takes in a cache: itself, its files and its notes, each below 1 KiB."""
        return 1 + len(self.files) + len(self.notes)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectList:
    """The project names of a registry, sorted, as its own log has them."""

    registry: RegistryAddress
    head: bytes
    count: int
    names: tuple[ProjectName, ...]
    notes: tuple[Note, ...] = ()
    incomplete: bool = False

    @property
    def weight(self) -> int:
        """The number of objects that the list takes in a cache: itself, its names and its notes, each below 1 KiB."""
        return 1 + len(self.names) + len(self.notes)
