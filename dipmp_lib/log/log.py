"""Verified logs with their storage slot, and the pages that they fold to."""

from dataclasses import dataclass

from ..model.names import ProjectName, RegistryAddress
from ..model.pages import Project, ProjectList
from .blob import Blob
from .fold import fold_project, fold_registry


@dataclass(frozen=True, slots=True)
class Slot:
    """Storage slot A of a log: `owner` 20 bytes, `count` of entries, `last` nonce, `status` bits, role `epoch`."""

    owner: bytes
    count: int
    last: int
    status: int
    epoch: int


def parse_slot(word: int) -> Slot:
    """Unpack a storage word, lowest bits first: owner 160, count 32, last 48, status 8, epoch 8. Total."""
    return Slot(
        owner=(word & (1 << 160) - 1).to_bytes(20, "big"),
        count=word >> 160 & 0xFFFF_FFFF,
        last=word >> 192 & (1 << 48) - 1,
        status=word >> 240 & 0xFF,
        epoch=word >> 248 & 0xFF,
    )


def pack_slot(slot: Slot) -> int:
    """Return the storage word that `parse_slot` unpacks."""
    low = int.from_bytes(slot.owner) | slot.count << 160 | slot.last << 192
    return low | slot.status << 240 | slot.epoch << 248


@dataclass(frozen=True, slots=True)
class Log:
    """A verified log: its head recomputes from `blobs`, which are in log order, oldest first.

    `name` is the project's, or "" for the registry log. A log has at least one entry.
    """

    name: ProjectName | str
    slot: Slot
    head: bytes
    blobs: tuple[Blob, ...]

    def extends(self, other: "Log") -> bool:
        """Tell whether this log is `other` with further entries."""
        return len(self.blobs) > len(other.blobs) and self.blobs[: len(other.blobs)] == other.blobs


def project_list_of(registry: RegistryAddress, log: Log) -> ProjectList:
    """Return the project list that a registry log folds to."""
    folded = fold_registry(log.blobs)
    return ProjectList(
        registry=registry,
        head=log.head,
        count=log.slot.count,
        names=folded.names,
        notes=folded.notes,
        incomplete=folded.incomplete,
    )


def project_of(registry: RegistryAddress, log: Log) -> Project:
    """Return the project that its log folds to."""
    name = ProjectName(log.name)
    folded = fold_project(name, log.blobs)
    return Project(
        registry=registry,
        name=name,
        head=log.head,
        count=log.slot.count,
        owner=log.slot.owner,
        status=folded.status,
        status_reason=folded.status_reason,
        files=folded.files,
        notes=folded.notes,
        incomplete=folded.incomplete,
    )
