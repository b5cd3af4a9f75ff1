"""Scan of a registry for new blobs, and the plan that follows: which of its logs have to be read again."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from ...errors import MalformedLog, Reverted
from ...ethereum.calls import ScanAnswer, decode_scan, encode_scan
from ...ethereum.rpc import eth_call
from ...keccak import keccak256
from ...log.blob import Blob, parse_page
from ...log.entries import CLAIM
from ...model.names import is_project_name
from ...registry import ArchivedHead, Checkpoint
from ...registry.chain.refresh import DeployedRegistry

SWEEP_SECONDS = 6 * 3600.0
"""Interval at which every log is read, since a reorganisation may leave the newest blob as it was."""
_CLAIM_NAME = 26
"""Offset of the name in the payload of a CLAIM, after rprev and owner."""


@dataclass(frozen=True, slots=True)
class ScanResult:
    """Result of a scan: the number of blobs in the registry, the keccak256 of the last, and the new ones.

    `blobs` are (nonce, blob) pairs, oldest first; None where they do not continue the checkpoint, or are too many.
    """

    total: int
    tip: bytes
    blobs: Sequence[tuple[int, Blob]] | None


def touched(blobs: Iterable[tuple[int, Blob]], lasts: Mapping[str, int]) -> frozenset[str] | None:
    """Return the names of the logs to which new blobs belong; None where one belongs to no known log.

    `lasts` is the newest nonce of each known log. A blob names its predecessor, so it belongs to the log that it
    continues. Claims, and blobs of no project, are in the registry's own log, "".
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
            name = ""  # the registry's own, whose link to its predecessor is in the payload
        elif blob.prev in by_last:
            name = by_last.pop(blob.prev)
        else:
            return None
        found.add(name)
        if name:
            by_last[nonce] = name
    return frozenset(found)


@dataclass(frozen=True, slots=True)
class SyncPlan:
    """The logs to read, most urgent first, and the checkpoint from which the run goes on."""

    names: tuple[str, ...]
    checkpoint: Checkpoint


def plan(before: Checkpoint | None, scan: ScanResult, stored: Mapping[str, ArchivedHead], now: float) -> SyncPlan:
    """Return the plan for the logs that are stored; names that are not stored yet, the caller adds.

    A sweep reads every log that was not confirmed on its own since it began; it may take several runs.
    """
    new = touched(scan.blobs, {name: each.last for name, each in stored.items()}) if scan.blobs is not None else None
    due = before is None or new is None or now - (before.sweeping or before.swept) > SWEEP_SECONDS
    sweeping = now if due else before.sweeping if before else 0.0
    behind = (before.behind if before else frozenset()) | (new or frozenset())
    swept = [name for name, each in stored.items() if each.confirmed < sweeping]
    order = ["", *sorted(behind), *sorted(swept, key=lambda name: stored[name].confirmed)]
    checkpoint = Checkpoint(
        total=scan.total,
        tip=scan.tip,
        confirmed=before.confirmed if before else 0.0,
        behind=behind,
        owed=before.owed if before else frozenset(),
        sweeping=sweeping,
        swept=before.swept if before else 0.0,
    )
    return SyncPlan(tuple(dict.fromkeys(order)), checkpoint)


def conclude(
    start: Checkpoint, *, began: float, left: Collection[str], failed: Collection[str], owed: Collection[str]
) -> Checkpoint:
    """Return the checkpoint after a run that began at a unix time.

    `left` are logs for which there was no time, `failed` those that could not be read, `owed` projects with incomplete
    objects. Only a run that leaves no log of a sweep confirms the registry as a whole, except for what failed.
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


PAGE_BYTES = 512 * 1024
MAX_PAGES = 8
"""Pages of new blobs that are examined; where there are more, every log is read instead."""


def scan_since(deployed: DeployedRegistry, before: Checkpoint | None) -> ScanResult:
    """Return the present state of a registry on its chain, and the blobs that are new since a checkpoint.

    Raises Upstream, MalformedLog and MalformedAnswer. An address without a registry is MalformedLog, as only registries
    are scanned that are known to exist.
    """
    start = max(before.total, 1) if before else 1
    answer = _scan(deployed, start, PAGE_BYTES if before else 0)
    total, blobs, pages = answer.total, parse_page(answer.page), 1
    if total == 0:
        return ScanResult(0, bytes(32), () if before is None or before.total == 0 else None)
    while before is not None and answer.next and pages < MAX_PAGES:
        answer, pages = _scan(deployed, answer.next, PAGE_BYTES), pages + 1
        blobs += parse_page(answer.page)
    if before is None or not blobs or start + len(blobs) - 1 != total:
        return ScanResult(total, _tip(_last(deployed, total)), None)
    return ScanResult(total, _tip(blobs[-1]), _continuing(before, start, blobs))


def _continuing(before: Checkpoint, start: int, blobs: list[Blob]) -> list[tuple[int, Blob]] | None:
    """Return the blobs after the checkpoint's last one, with nonces; None where the first blob is not that one."""
    numbered = list(enumerate(blobs, start))
    if before.total == 0:
        return numbered
    return numbered[1:] if _tip(blobs[0]) == before.tip else None


def _last(deployed: DeployedRegistry, total: int) -> Blob:
    blobs = parse_page(_scan(deployed, total, PAGE_BYTES).page)
    if not blobs:
        raise MalformedLog(f"the registry counts {total} entries and does not show the last")
    return blobs[0]


def _scan(deployed: DeployedRegistry, start: int, max_bytes: int) -> ScanAnswer:
    call = encode_scan(start, max_bytes)
    try:
        returned = eth_call(deployed.chain.rpc, deployed.registry.address, call, block=deployed.block)
    except Reverted:
        raise MalformedLog("the registry refuses to be scanned") from None
    return decode_scan(returned)


def _tip(blob: Blob) -> bytes:
    return keccak256(blob.raw)
