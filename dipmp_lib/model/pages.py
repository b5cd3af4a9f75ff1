"""The values that readers and renderers share: frozen, complete, and a function of a log's head alone.

Sources: PEP 503/691 (project pages), PEP 592 (yank), PEP 658/714 (core metadata), PEP 700 (size, upload-time),
PEP 792 (status). Times are unix seconds; digests are raw bytes.
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
    """Something the fold did not take at face value: `code` is a stable word, `filename` is "" for a whole entry."""

    entry: int
    code: str
    filename: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyNote:
    """What the server's operator, not the log, says of a project, or of one of its files where `filename` is not "".

    `rule` names the rule; `action` is quarantine, block or warn; `reason` is a word, `ref` and `statement` (of reasons)
    say more; `url` is where the operator explains its policy. Each may be "" but the first two.
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
    """What the operator's policy made of a page: `withheld` files are not on it.

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
    """What one project's log says: files in log order, and everything that was withdrawn or ignored.

    `policy` is not the log's: a server puts it there just before it answers.
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


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectList:
    """What a registry's own log says: its project names, sorted."""

    registry: RegistryAddress
    head: bytes
    count: int
    names: tuple[ProjectName, ...]
    notes: tuple[Note, ...] = ()
    incomplete: bool = False
