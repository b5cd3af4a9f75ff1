"""Audit of files: whether each gateway still delivers a few of them, others in each run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ...errors import Upstream
from ...ipfs.cid import file_cid
from ...ipfs.gateways import MAX_BLOCK
from ...model.pages import File
from ...telemetry import SILENCE, Event, Telemetry
from .deadline import Deadline
from .objects import Blocks

FILES = 3
"""Files of one registry that are fetched in one run."""


@dataclass(slots=True)
class Audit:
    """Result: the number of files asked for, those that no gateway had, and how often each gateway delivered."""

    files: int = 0
    missing: list[str] = field(default_factory=list)
    delivered: dict[str, int] = field(default_factory=dict)


def sample(files: Sequence[File], turn: int, count: int = FILES) -> list[File]:
    """Return `count` files for a turn; over consecutive turns, every file comes once before any comes again."""
    if not files:
        return []
    start = turn * count % len(files)
    return [files[(start + step) % len(files)] for step in range(min(count, len(files)))]


def audit(
    files: Sequence[File], gateways: Mapping[str, Blocks], deadline: Deadline, telemetry: Telemetry = SILENCE
) -> Audit:
    """Fetch the first block of each file, verified, from every gateway; their names are for people."""
    found = Audit(delivered=dict.fromkeys(gateways, 0))
    for file in files:
        if deadline.over:
            break
        having = [name for name, gateway in gateways.items() if _has(gateway, file)]
        for name in having:
            found.delivered[name] += 1
        found.files += 1
        if not having:
            found.missing.append(file.filename)
            telemetry.tell(Event.FILE_MISSING, filename=file.filename)
    return found


def _has(gateway: Blocks, file: File) -> bool:
    try:
        gateway.block(file_cid(file.sha256, file.dag_root), MAX_BLOCK)
    except Upstream:
        return False
    return True
