"""Which logs of a registry have to be read again. Pure."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from ..log.blob import Blob
from ..log.entries import CLAIM
from ..names import is_project_name
from ..store import Checkpoint, Stored

SWEEP_SECONDS = 6 * 3600.0
"""How often every log is read, whatever the newest entries say: a reorganisation may leave those as they were."""
_CLAIM_NAME = 26
"""Where the name begins in the payload of a CLAIM: after rprev and owner."""


@dataclass(frozen=True, slots=True)
class News:
    """What a scan of a registry showed: how many blobs there are, the hash of the last, and those that are new.

    `blobs` are (nonce, blob) pairs, oldest first; None where they do not continue what was known, or are too many.
    """

    total: int
    tip: bytes
    blobs: Sequence[tuple[int, Blob]] | None


def touched(blobs: Iterable[tuple[int, Blob]], lasts: Mapping[str, int]) -> frozenset[str] | None:
    """Return the logs to which new blobs belong, by name; None where one belongs to none that is known.

    `lasts` is the newest nonce of each log that is known. A blob names the one before it in its log, so it belongs to
    the log that it continues. All claims, and what belongs to no project, are in the registry's own log.
    """
    by_last = {last: name for name, last in lasts.items() if name}
    found = set()
    for nonce, blob in blobs:
        if blob.kind == CLAIM:
            name = blob.payload[_CLAIM_NAME:].decode("ascii", "replace")
            if not is_project_name(name):
                return None
            found.add("")
        elif blob.prev == 0:
            name = ""  # the registry's own, whose link to the one before is in the payload
        elif blob.prev in by_last:
            name = by_last.pop(blob.prev)
        else:
            return None
        found.add(name)
        if name:
            by_last[nonce] = name
    return frozenset(found)


@dataclass(frozen=True, slots=True)
class Plan:
    """The logs to read, most urgent first, and the checkpoint from which the run goes on."""

    names: tuple[str, ...]
    checkpoint: Checkpoint


def plan(before: Checkpoint | None, news: News, stored: Mapping[str, Stored], now: float) -> Plan:
    """Return what to do about the logs that are stored; names that are not stored yet are added by whoever knows them.

    A sweep reads every log that was not confirmed on its own since it began; it may take several runs.
    """
    new = touched(news.blobs, {name: each.last for name, each in stored.items()}) if news.blobs is not None else None
    due = before is None or new is None or now - (before.sweeping or before.swept) > SWEEP_SECONDS
    sweeping = now if due else before.sweeping if before else 0.0
    behind = (before.behind if before else frozenset()) | (new or frozenset())
    swept = [name for name, each in stored.items() if each.confirmed < sweeping]
    order = ["", *sorted(behind), *sorted(swept, key=lambda name: stored[name].confirmed)]
    checkpoint = Checkpoint(
        total=news.total,
        tip=news.tip,
        confirmed=before.confirmed if before else 0.0,
        behind=behind,
        owed=before.owed if before else frozenset(),
        sweeping=sweeping,
        swept=before.swept if before else 0.0,
    )
    return Plan(tuple(dict.fromkeys(order)), checkpoint)


def conclude(
    start: Checkpoint, *, began: float, left: Collection[str], failed: Collection[str], owed: Collection[str]
) -> Checkpoint:
    """Return the checkpoint after a run that began at a unix time.

    `left` are logs that there was no time for, `failed` those that could not be read, `owed` projects whose objects are
    incomplete. Only a run that leaves nothing of a sweep confirms the registry as a whole; what failed is excepted.
    """
    behind = frozenset(failed) | frozenset(left)
    unfinished = bool(start.sweeping) and bool(left)
    return Checkpoint(
        total=start.total,
        tip=start.tip,
        confirmed=start.confirmed if unfinished else began,
        behind=frozenset(failed) | (start.behind & frozenset(left)) if unfinished else behind,
        owed=frozenset(owed),
        sweeping=start.sweeping if unfinished else 0.0,
        swept=start.swept if unfinished else (start.sweeping or start.swept),
    )
