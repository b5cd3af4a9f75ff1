"""Proof of retrieval: fetches pinned blocks back through gateways that no pinner runs.

A pinner's own gateway reads its own disk, and proves nothing about other nodes. Each block is checked against its hash,
so a gateway can withhold a block, but not forge it.
"""

import random
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

from ..errors import GatewayError, PublishError
from ..ipfs import unixfs
from ..ipfs.cid import Cid
from ..ipfs.gateways.request import WrongBytesError
from ..ipfs.pinning import Pinner
from ..progress import Reporter
from ..transactions.journal import PinNotes
from .uploads import Gateway, Upload

SMALL = 8 * 1024 * 1024
"""A file up to this many bytes is fetched back whole."""
SAMPLES = 8
MIN_RATE = 256 * 1024
"""Bytes per second for which the deadline allows."""
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 16.0
_HINT = "fresh pins take minutes to be found: run it again later, or add gateways to IPFS_GATEWAY"


@dataclass(frozen=True, slots=True)
class ProofOptions:
    """The extent of a proof, and its deadline: `seconds`, plus the time that the bytes take at `MIN_RATE`.

    With `full` all blocks of every file are fetched; else, of a file above `SMALL` bytes, the inner nodes, the first
    and last leaf, and `SAMPLES` random leaves.
    """

    full: bool = False
    seconds: float = 300.0


DEFAULT_PROOF = ProofOptions()


def independent(gateways: Iterable[Gateway], pinners: Iterable[Pinner]) -> list[Gateway]:
    """Return the gateways whose operator runs none of the pinners. Raises PublishError where none is left."""
    operators = {pinner.operator for pinner in pinners} - {""}
    found = [gateway for gateway in gateways if gateway.operator not in operators]
    if not found:
        raise PublishError(
            f"every gateway is run by a pinner's operator ({', '.join(sorted(operators))}), and so proves nothing",
            hint="add a gateway of another operator to IPFS_GATEWAY (or --gateway)",
        )
    return found


def blocks_to_prove(dag: unixfs.FileDag, *, full: bool, sample: Callable[[range, int], Collection[int]]) -> list[Cid]:
    """Return the CIDs of the blocks to fetch, each once, inner nodes first.

    `sample(population, count)` picks indices of leaves at random.
    """
    last = dag.leaf_count - 1
    indices: Iterable[int] = range(dag.leaf_count)
    if not full and dag.size > SMALL:
        between = range(1, last)
        indices = sorted({0, last, *sample(between, min(SAMPLES, len(between)))})
    nodes = [block.cid for level in reversed(dag.levels) for block in level]
    return list(dict.fromkeys([*nodes, *(dag.profile.leaf_cid(dag.leaf_digest(index)) for index in indices)]))


def prove(
    uploads: Sequence[Upload],
    gateways: Sequence[Gateway],
    reporter: Reporter,
    *,
    proof: ProofOptions,
    notes: PinNotes,
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> None:
    """Fetch the blocks of each upload without a note of its proof, and note the gateways that served them.

    Raises GatewayError where a block was not served before the deadline.
    """
    # On a private network another node may have the gateway's address now, so notes are not used.
    remembers = all(gateway.operator for gateway in gateways)
    missing = [upload for upload in uploads if not (remembers and _is_known(upload, proof, notes))]
    blocks = {
        upload.root: blocks_to_prove(upload.dag, full=proof.full, sample=random.SystemRandom().sample)
        for upload in missing
    }
    total = sum(min(len(blocks[upload.root]) * unixfs.MAX_BLOCK, upload.dag.dag_size) for upload in missing)
    fetcher = _BlockFetcher(gateways, clock() + proof.seconds + total / MIN_RATE, sleep, clock)
    with reporter.task("Proving retrieval", sum(map(len, blocks.values()))) as advance:
        for upload in missing:
            served: Counter[str] = Counter()
            for cid in blocks[upload.root]:
                served[fetcher.fetch(upload.label, cid)] += 1
                advance(1)
            notes.keep(_key(upload, full=_is_whole(upload, proof)), _facts(upload, served))


def _facts(upload: Upload, served: Counter[str]) -> dict[str, str | int | None]:
    gateways = ", ".join(f"{name} ({count})" for name, count in sorted(served.items()))
    return {"what": upload.label, "blocks": served.total(), "gateways": gateways}


def _key(upload: Upload, *, full: bool) -> str:
    return f"proof {upload.root} {'full' if full else 'sample'}"


def _is_whole(upload: Upload, proof: ProofOptions) -> bool:
    return proof.full or upload.dag.size <= SMALL


def _is_known(upload: Upload, proof: ProofOptions, notes: PinNotes) -> bool:
    if notes.known(_key(upload, full=True)):
        return True
    return not _is_whole(upload, proof) and notes.known(_key(upload, full=False))


class _BlockFetcher:
    """Fetches blocks until `ends`, first from the gateway that served the one before."""

    def __init__(
        self, gateways: Sequence[Gateway], ends: float, sleep: Callable[[float], None], clock: Callable[[], float]
    ) -> None:
        self._gateways = list(gateways)
        self._ends = ends
        self._sleep, self._clock = sleep, clock

    def fetch(self, label: str, cid: Cid) -> str:
        """Fetch the block, and return the name of the gateway that served it. Raises GatewayError at the deadline."""
        pause = _FIRST_PAUSE
        while True:
            reasons = []
            for gateway in tuple(self._gateways):
                try:
                    gateway.block(cid, unixfs.MAX_BLOCK)
                except GatewayError as error:
                    reasons.append(str(error))
                    self._failed(gateway, error)
                else:
                    return gateway.name
            if not self._gateways or self._clock() + pause > self._ends:
                raise _not_retrieved(label, cid, reasons)
            self._sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)

    def _failed(self, gateway: Gateway, error: GatewayError) -> None:
        """Move the gateway to the end; drop it if it sent wrong bytes."""
        self._gateways.remove(gateway)
        if not isinstance(error, WrongBytesError):
            self._gateways.append(gateway)


def _not_retrieved(label: str, cid: Cid, reasons: Sequence[str]) -> GatewayError:
    return GatewayError(
        f"{label} was pinned, but cannot be fetched back, so nothing was written on chain: "
        f"block {cid}: {'; '.join(reasons)}",
        hint=_HINT,
    )
