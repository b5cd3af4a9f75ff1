"""The configured gateways as one: the best that has a file, and blocks from whichever delivers them first."""

import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar

from ...caching import SingleFlight
from ...errors import GatewayError
from ...http import Fetcher, mask_url
from ...telemetry import SILENCE, Event, Telemetry
from ..cid import Cid
from .health import ContentSighting, Reliability, Sightings
from .race import Race, Trial
from .request import MAX_BLOCK, GatewayClient, NotRawError, file_url, gateway_base, is_public

if TYPE_CHECKING:  # redirects need no UnixFS
    from ..unixfs import Leaf

HEDGE_SECONDS = 0.5
BYTES_PER_SECOND = 1 << 20
"""A gateway that sends a block more slowly gets company, too."""
THREADS = 32
_T = TypeVar("_T")
_HINT = "add a gateway of another operator to IPFS_GATEWAY, or try again in a minute"


class GatewayPool:
    """The configured gateways. Safe to use from several threads. Raises InvalidSettings for an unusable URL.

    Seconds: one gateway may take `probe_deadline` to say whether it has a file and `fetch_deadline` to send a block,
    all of them together `patience`; when one has not answered after `hedge`, another is asked beside it. `clock` is
    monotonic.
    """

    def __init__(
        self,
        urls: Sequence[str],
        fetcher: Fetcher,
        *,
        probe_deadline: float = 1.5,
        fetch_deadline: float = 5.0,
        patience: float = 8.0,
        hedge: float = HEDGE_SECONDS,
        clock: Callable[[], float] = time.monotonic,
        telemetry: Telemetry = SILENCE,
    ) -> None:
        self._bases = tuple(dict.fromkeys(gateway_base(url) for url in urls))
        self._exchange = GatewayClient(fetcher)
        self._probe_deadline = probe_deadline
        self._fetch_deadline = fetch_deadline
        self._patience = patience
        self._hedge = hedge
        self._clock = clock
        self._standing = Reliability(clock)
        self._sightings = Sightings(clock)
        self._telemetry = telemetry
        self._picks: SingleFlight[Cid, str] = SingleFlight(patience)
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="gateway")

    def peek(self, cid: Cid, filename: str) -> str | None:
        """Return what pick would, where that is known without asking anybody."""
        had = self._had(cid)
        return file_url(had[0], cid, filename) if had else None

    def pick(self, cid: Cid, filename: str, size: int, *, resumed: bool = False) -> str:
        """Return the URL of a file on the best gateway that has it, in `size` bytes.

        No gateway is picked on its word alone: the content of a file must have verified lately, this one's root block
        if none else; a METADATA file is too small to show a stall. `resumed` means that a client has a part of the
        file already: the gateway that it was sent to has probably failed it, so another one is preferred. Raises
        GatewayError where none will do.
        """
        had, targets = self._had(cid), self._targets()
        if had and not resumed:
            return file_url(had[0], cid, filename)
        if had and (others := [base for base in targets if base != had[0]]):
            with suppress(GatewayError):
                return file_url(had[1] if had[1:] else self._find(cid, filename, size, others), cid, filename)
            return file_url(had[0], cid, filename)
        base = self._picks.fly(cid, lambda: self._find(cid, filename, size, targets))
        return file_url(base, cid, filename)

    def _had(self, cid: Cid) -> list[str]:
        return self._standing.order(base for base in self._targets() if self._sightings.had(base, cid))

    def _find(self, cid: Cid, filename: str, size: int, bases: Iterable[str]) -> str:
        def probe(base: str, left: float) -> str:
            ends = self._clock() + left
            self._exchange.probe(base, cid, filename, size, min(left, self._probe_deadline))
            if not self._standing.proven(base):
                left = max(ends - self._clock(), 0.001)
                self._exchange.block(base, cid, MAX_BLOCK, min(left, self._fetch_deadline))
                self._standing.proved(base)
            self._sightings.has(base, cid)
            return base

        return self._first(cid, bases, probe, self._hedge)

    def block(self, cid: Cid, max_bytes: int = MAX_BLOCK) -> bytes:
        """Return one block's bytes, whose hash is verified. Raises GatewayError where no gateway delivers it."""

        def fetch(base: str, left: float) -> bytes:
            return self._exchange.block(base, cid, max_bytes, min(left, self._fetch_deadline))

        return self._first(cid, self._bases, fetch, self._hedge)

    def part(self, file: Cid, leaf: "Leaf") -> bytes:
        """Return a raw leaf of a file, verified: as a block, or as a range of the file where there are no blocks.

        Raises GatewayError where no gateway delivers it.
        """

        def fetch(base: str, left: float) -> bytes:
            ends = self._clock() + left
            try:
                data = self._exchange.block(base, leaf.cid, leaf.size, left)
            except NotRawError:
                data = self._exchange.part(base, file, leaf, max(ends - self._clock(), 0.001))
            self._standing.proved(base)
            return data

        return self._first(leaf.cid, self._bases, fetch, self._hedge + leaf.size / BYTES_PER_SECOND)

    def last_seen(self, cid: Cid) -> ContentSighting | None:
        """Return when content was last looked for and whether it was there, None where it was not looked for."""
        return self._sightings.last(cid)

    def _targets(self) -> list[str]:
        """Return the gateways to which clients may be sent."""
        return [base for base in self._bases if is_public(base) and not self._standing.benched(base)]

    def _first(self, cid: Cid, bases: Iterable[str], attempt: Callable[[str, float], _T], hedge: float) -> _T:
        """Return what `attempt` returns for a gateway and seconds left where it first succeeds."""
        asked = [base for base in self._standing.order(bases) if not self._sightings.lacked(base, cid)]
        trials = [Trial(base, attempt, self._standing, self._told(base, cid)) for base in asked]
        race: Race[_T] = Race(self._pool, self._clock, hedge, self._patience)
        try:
            found = race.run(trials)
        except GatewayError as error:
            if asked:
                self._sightings.looked(cid, available=False)
            raise GatewayError(f"no gateway delivers {cid}: {str(error) or self._why_none()}", hint=_HINT) from None
        self._sightings.looked(cid, available=True)
        return found

    def _why_none(self) -> str:
        return "each was asked a moment ago, or sent wrong bytes lately" if self._bases else "none is configured"

    def _told(self, base: str, cid: Cid) -> Callable[[Event | None], None]:
        def told(event: Event | None) -> None:
            self._sightings.lacks(base, cid)
            if event is not None:
                self._telemetry.tell(event, gateway=mask_url(base))

        return told
