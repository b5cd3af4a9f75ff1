"""What a publish would do, as a value: made without I/O, shown to a person, then carried out."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from ..distributions import Distribution
from ..log.entries import RELEASE
from ..model.names import ProjectName, RegistryAddress
from ..transactions import Call


class FileAction(StrEnum):
    """What happens to one file."""

    ADD = "publish"
    SKIP = "skip"


@dataclass(frozen=True, slots=True)
class PlannedFile:
    """One file and what happens to it; `detail` says why, as a clause, where that is not plain."""

    dist: Distribution
    action: FileAction
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedEntry:
    """One RELEASE entry, which one transaction appends; `claims` tells whether it also takes the project's name."""

    project: ProjectName
    version: str
    dists: tuple[Distribution, ...]
    payload: bytes
    claims: bool

    def call(self, actor: bytes) -> Call:
        """Return the contract call that appends the entry in `actor`'s name."""
        if self.claims:
            return Call.claim(self.project, actor, self.payload)
        return Call.append(self.project, RELEASE, self.payload)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """All files, and the entries in the order in which they are sent. `actor` is the publishing address."""

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
        """The names that will be taken."""
        return tuple(entry.project for entry in self.entries if entry.claims)

    @property
    def calls(self) -> tuple[Call, ...]:
        """The contract calls of all entries, in order."""
        return tuple(entry.call(self.actor) for entry in self.entries)

    @property
    def remarks(self) -> tuple[str, ...]:
        """What a person should know before agreeing, as sentences."""
        claims = [f"{name} is a free name and will belong to you" for name in self.claims]
        warnings = [f"{dist.filename.text} {text}" for dist in self.additions for text in dist.warnings]
        return (*claims, *_splits(self.entries), *warnings)


def _splits(entries: Sequence[PlannedEntry]) -> list[str]:
    """Say which releases take more than one transaction, and why."""
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
