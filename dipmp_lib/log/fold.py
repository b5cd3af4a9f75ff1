"""The fold of a log's entries into the contents of its page, the same in every reader.

A pure function of the entries, and total: whatever a hostile contract wrote, the fold returns; entries that it ignores
or changes get a note. Linear in the size of the log. Source: docs/log-format.md, "Fold".
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ..errors import MalformedPayload
from ..model.names import ProjectName
from ..model.pages import File, Note, Status
from .acceptance import Acceptance
from .blob import Blob
from .entries import ROLE, Claim, Entry, Release, Role, StatusChange, Yank
from .notes import FoldNotes
from .payload import parse_payload, parse_registry_payload
from .rules import UNKNOWN, status_of


def revoked_entries(blobs: Sequence[Blob]) -> frozenset[int]:
    """Return the numbers of the entries whose key a later ROLE entry declares compromised at their time.

    Walks from the newest entry to the oldest and keeps each key's earliest `compromised_since` so far: linear.
    """
    since: dict[bytes, int] = {}
    revoked = []
    for number in range(len(blobs) - 1, -1, -1):
        blob = blobs[number]
        if blob.time >= since.get(blob.actor, blob.time + 1):
            revoked.append(number)
        role = _role(blob)
        if role is not None and role.compromised_since:
            since[role.address] = min(role.compromised_since, since.get(role.address, role.compromised_since))
    return frozenset(revoked)


def _role(blob: Blob) -> Role | None:
    if blob.kind != ROLE:
        return None
    try:
        entry = parse_payload(ROLE, blob.payload)
    except MalformedPayload:
        return None
    return entry if isinstance(entry, Role) else None


_Yanked = tuple[int, str | None]
"""The number of the YANK entry, and its reason; None where it undoes an earlier yank."""

_NOT_YANKED: _Yanked = (-1, None)


class Yanks:
    """The last YANK per release entry and per file name, so that a YANK costs its targets, not their files."""

    def __init__(self, accepted: Acceptance, notes: FoldNotes) -> None:
        self._accepted = accepted
        self._notes = notes
        self._entries: dict[int, _Yanked] = {}
        self._files: dict[str, _Yanked] = {}

    def add(self, number: int, yank: Yank) -> None:
        """Add a YANK entry, which applies to earlier entries only."""
        if yank.reason is None:
            self._notes.add(number, "bad-reason", detail="the reason is too long or holds controls")
        yanked = (number, (yank.reason or "") if yank.yanked else None)
        for target in yank.targets:
            if isinstance(target, int) and target in self._accepted.releases:
                self._entries[target] = yanked
            elif isinstance(target, str) and target in self._accepted.files:
                self._files[target] = yanked
            else:
                self._unknown(number, target)

    def reason(self, file: File) -> str | None:
        """Return why a file is yanked, or None if it is not."""
        by_entry = self._entries.get(file.entry, _NOT_YANKED)
        by_name = self._files.get(file.filename, _NOT_YANKED)
        return max(by_entry, by_name, key=lambda yanked: yanked[0])[1]

    def _unknown(self, number: int, target: str | int) -> None:
        if isinstance(target, int):
            self._notes.add(number, "unknown-target", detail=f"entry {target} is not an earlier release")
        else:
            self._notes.add(number, "unknown-target", target, "no earlier file has this name")


@dataclass(frozen=True, slots=True, kw_only=True)
class Folded:
    """A project log, folded: listed files in log order, notes in log order."""

    files: tuple[File, ...]
    notes: tuple[Note, ...]
    incomplete: bool
    status: Status
    status_reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FoldedRegistry:
    """A registry log, folded: project names, sorted."""

    names: tuple[ProjectName, ...]
    notes: tuple[Note, ...]
    incomplete: bool


def fold_project(name: ProjectName, blobs: Sequence[Blob]) -> Folded:
    """Fold the log of the project `name`, oldest entry first. Raises nothing."""
    fold = _ProjectFold(name, revoked_entries(blobs))
    for number, blob in enumerate(blobs):
        fold.apply(number, blob)
    return fold.result()


def fold_registry(blobs: Sequence[Blob]) -> FoldedRegistry:
    """Fold a registry log, oldest entry first. Raises nothing."""
    names: set[ProjectName] = set()
    notes = FoldNotes()
    for number, blob in enumerate(blobs):
        try:
            entry = parse_registry_payload(blob.kind, blob.payload)
        except MalformedPayload as error:
            notes.add(number, error.code, detail=str(error))
            continue
        if isinstance(entry, Claim):
            if entry.name in names:
                notes.add(number, "duplicate-claim", detail=f"{entry.name} is claimed already")
            names.add(entry.name)
    return FoldedRegistry(names=tuple(sorted(names)), notes=notes.result(), incomplete=notes.incomplete)


class _ProjectFold:
    def __init__(self, name: ProjectName, revoked: frozenset[int]) -> None:
        self._name = name
        self._revoked = revoked
        self._notes = FoldNotes()
        self._accepted = Acceptance(name, self._notes)
        self._yanks = Yanks(self._accepted, self._notes)
        self._status = StatusChange(0, "")

    def apply(self, number: int, blob: Blob) -> None:
        """Fold the next entry."""
        entry = self._parse(number, blob)
        self._check_claim(number, entry)
        match entry:
            case Release():
                self._accepted.add(number, blob, entry, revoked=number in self._revoked)
            case Yank() if number in self._revoked:
                self._notes.add(number, "yank-undone", detail="its publisher's key was compromised")
            case Yank():
                self._yanks.add(number, entry)
            case StatusChange():
                self._change_status(number, entry)

    def result(self) -> Folded:
        """Return the page of the entries so far."""
        withdrawn = self._accepted.withdrawn
        files = [self._listed(file) for name, file in self._accepted.files.items() if name not in withdrawn]
        return Folded(
            files=tuple(files),
            notes=self._notes.result(),
            incomplete=self._notes.incomplete,
            status=status_of(self._status.status),
            status_reason=self._status.reason or "",
        )

    def _parse(self, number: int, blob: Blob) -> Entry | None:
        try:
            return parse_payload(blob.kind, blob.payload)
        except MalformedPayload as error:
            self._notes.add(number, error.code, detail=str(error))
            return None

    def _check_claim(self, number: int, entry: Entry | None) -> None:
        """Entry 0, and no other, has to be the CLAIM of this project: it ties the log to its name."""
        claims = isinstance(entry, Claim)
        if number == 0 and not (isinstance(entry, Claim) and entry.name == self._name):
            self._notes.add(number, "no-claim", detail="the log does not begin with the claim of its project")
        elif number > 0 and claims:
            self._notes.add(number, "unexpected-claim", detail="only the first entry of a log can be a claim")

    def _change_status(self, number: int, change: StatusChange) -> None:
        self._status = change
        if change.status & UNKNOWN:
            self._notes.add(number, "unknown-status", detail=f"status 0x{change.status:02x} has bits without a meaning")
        if change.reason is None:
            self._notes.add(number, "bad-reason", detail="the reason is not UTF-8, too long or holds controls")

    def _listed(self, file: File) -> File:
        reason = self._yanks.reason(file)
        return file if reason is None else replace(file, yanked=reason)
