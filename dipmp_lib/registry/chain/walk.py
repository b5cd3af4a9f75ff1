"""Walk along a log: from its newest entry back to those that the reader holds, checked link by link.

A walk does no I/O. It takes pages as they come and ends in a Log whose head recomputes, or in MalformedLog.
Source: contract/src/IPackageIndex.sol, `read`.
"""

from ...errors import MalformedLog
from ...ethereum.calls import ReadAnswer
from ...log.blob import Blob, fold_head, next_nonce, parse_page
from ...log.log import Log, parse_slot
from ...log.verify import check_owner
from ...model.names import ProjectName


class Walk:
    """The log `name` in the state that `first` shows, down to the entries of `base`, or to the beginning.

    `empty_head` is the head of the log before its first entry. `cursor` is where the next page begins, 0 after the
    last; `weight` is about how many bytes of memory the entries take. Raises MalformedLog.
    """

    def __init__(self, name: ProjectName | str, base: Log | None, empty_head: bytes, first: ReadAnswer) -> None:
        self.name = name
        self.slot = parse_slot(first.slot_a)
        self.head = first.head
        self.cursor = 0
        self.weight = 0
        self._base = base
        self._base_head = base.head if base else empty_head
        self._known = base.slot.last if base else 0
        self._wanted = self.slot.count - (base.slot.count if base else 0)
        self._nonce = self.slot.last
        self._blobs: list[Blob] = []  # newest first
        self.take(first)

    @property
    def known(self) -> int:
        """The newest nonce that the reader holds, where the walk ends."""
        return self._known

    @property
    def count(self) -> int:
        """The number of entries so far."""
        return len(self._blobs)

    def take(self, answer: ReadAnswer) -> None:
        """Add the page that begins at the cursor."""
        blobs = parse_page(answer.page)
        self.weight += sum(blob.weight for blob in blobs)
        for blob in blobs:
            self._follow(blob)
        expected = self._nonce if self._nonce > self._known else 0
        if answer.next != expected:
            raise MalformedLog(f"the cursor after an entry is {answer.next}, not {expected}")
        if expected and not blobs:
            raise MalformedLog("a page with more to follow has no entry")
        self.cursor = expected

    def _follow(self, blob: Blob) -> None:
        if self._nonce <= self._known or len(self._blobs) >= self._wanted:
            raise MalformedLog("there are more entries than the log counts")
        older = next_nonce(blob, registry_log=not self.name)
        if older >= self._nonce:
            raise MalformedLog(f"entry {self._nonce} names {older} as an older one")
        self._nonce = older
        self._blobs.append(blob)

    def finish(self) -> Log:
        """Return the log; to be called after the last page."""
        if self._nonce != self._known or len(self._blobs) != self._wanted:
            raise MalformedLog(f"{len(self._blobs)} entries lead to {self._nonce}, not {self._wanted} to {self._known}")
        newer = tuple(reversed(self._blobs))
        head = self._base_head
        for blob in newer:
            head = fold_head(head, blob.raw)
        if head != self.head:
            raise MalformedLog("the head does not recompute from the entries")
        older, owner = (self._base.blobs, self._base.slot.owner) if self._base else ((), b"")
        return check_owner(Log(self.name, self.slot, head, older + newer), newer, owner)
