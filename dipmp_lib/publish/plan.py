"""The plan of a publish as a value: made without I/O, shown to a person, then carried out."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from ..distributions import Distribution
from ..log.entries import RELEASE
from ..model.names import ProjectName, RegistryAddress
from ..transactions import Call


class FileAction(StrEnum):
    """The action for one file."""

    ADD = "publish"
    SKIP = "skip"


@dataclass(frozen=True, slots=True)
class PlannedFile:
    """One file and its action; `detail` is a clause that gives the reason, or ""."""

    dist: Distribution
    action: FileAction
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedEntry:
    """One RELEASE entry, appended by one transaction; with `claims` the transaction also claims the project's name."""

    project: ProjectName
    version: str
    dists: tuple[Distribution, ...]
    payload: bytes
    claims: bool

    def call(self, actor: bytes) -> Call:
        """Return the contract call that appends the entry for `actor`, a 20-byte address."""
        if self.claims:
            return Call.claim(self.project, actor, self.payload)
        return Call.append(self.project, RELEASE, self.payload)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """All files, and the entries in the order of sending. `actor` is the publishing address, 20 bytes."""

    registry: RegistryAddress
    actor: bytes
    files: tuple[PlannedFile, ...]
    entries: tuple[PlannedEntry, ...]

    @property
    def additions(self) -> tuple[Distribution, ...]:
        """The files that will be pinned and listed."""
        return tuple(dist for entry in self.entries for dist in entry.dists)

    @property
    def skipped(self) -> tuple[Distribution, ...]:
        """The files that are listed already."""
        return tuple(file.dist for file in self.files if file.action is FileAction.SKIP)

    @property
    def claims(self) -> tuple[ProjectName, ...]:
        """The project names that will be claimed."""
        return tuple(entry.project for entry in self.entries if entry.claims)

    @property
    def calls(self) -> tuple[Call, ...]:
        """The contract calls of all entries, in order."""
        return tuple(entry.call(self.actor) for entry in self.entries)

    @property
    def remarks(self) -> tuple[str, ...]:
        """Sentences for the person who is asked to agree: claimed names, split releases, warnings about files."""
        claims = [f"{name} is a free name and will belong to you" for name in self.claims]
        warnings = [f"{dist.filename.text} {text}" for dist in self.additions for text in dist.warnings]
        return (*claims, *_splits(self.entries), *warnings)


def _splits(entries: Sequence[PlannedEntry]) -> list[str]:
    """Return a sentence for each release that takes more than one transaction."""
    releases: dict[tuple[str, str], list[PlannedEntry]] = {}
    for entry in entries:
        releases.setdefault((entry.project, entry.version), []).append(entry)
    return [
        f"{project} {version} takes {len(parts)} transactions: {_reason(parts)}"
        for (project, version), parts in releases.items()
        if len(parts) > 1
    ]


def _reason(parts: Sequence[PlannedEntry]) -> str:
    requirements = {dist.requires_python for entry in parts for dist in entry.dists}
    differ = "its files differ in Requires-Python"
    too_long = "its files do not fit one entry"
    if len(requirements) == len(parts):
        return differ
    return too_long if len(requirements) == 1 else f"{differ}, and {too_long}"
