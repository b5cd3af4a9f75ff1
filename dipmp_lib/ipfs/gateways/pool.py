"""Pool of gateways: picks the best one that has a file, and reads blocks from the first that delivers them."""

import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar

from ...caching import SingleFlight
from ...errors import GatewayError
from ...http import Fetcher, mask_url
from ...http.race import Race, RaceError
from ...telemetry import SILENCE, Event, Telemetry
from ..cid import Cid
from .attempt import GatewayAttempt, count_late, count_lost
from .health import Availability, ContentSighting, GatewayHealth
from .request import MAX_BLOCK, GatewayClient, NotRawError, file_url, gateway_base, is_public

if TYPE_CHECKING:  # redirects need no UnixFS
    from ..unixfs import Leaf

HEDGE_SECONDS = 0.5
BYTES_PER_SECOND = 1 << 20
"""A gateway that sends a block more slowly than this is hedged, too."""
MAX_RUNNING = 3
THREADS = 32
_T = TypeVar("_T")
_HINT = "add a gateway of another operator to IPFS_GATEWAY, or try again in a minute"


class GatewayPool:
    """Pool of the configured gateways. Safe to use from several threads. Raises InvalidSettings for an unusable URL.

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
        self._client = GatewayClient(fetcher)
        self._probe_deadline = probe_deadline
        self._fetch_deadline = fetch_deadline
        self._patience = patience
        self._hedge = hedge
        self._clock = clock
        self._health = GatewayHealth(clock)
        self._availability = Availability(clock)
        self._telemetry = telemetry
        self._probes: SingleFlight[Cid, str] = SingleFlight(patience)
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="gateway")

    def peek(self, cid: Cid, filename: str) -> str | None:
        """Return the URL that `pick` would return, None where it would have to ask a gateway."""
        present = self._present(cid)
        return file_url(present[0], cid, filename) if present else None

    def pick(self, cid: Cid, filename: str, size: int, *, resumed: bool = False) -> str:
        """Return the URL of a file on the best gateway that has it, in `size` bytes.

        No gateway is picked on its word alone: the content of a file must have verified lately, this one's root block
        if none else; a METADATA file is too small to show a stall. `resumed` means that a client has a part of the
        file already: the gateway that it was sent to has probably failed it, so another one is preferred. Raises
        GatewayError where none will do.
        """
        present, targets = self._present(cid), self._targets()
        if present and not resumed:
            return file_url(present[0], cid, filename)
        if present and (others := [base for base in targets if base != present[0]]):
            with suppress(GatewayError):
                return file_url(present[1] if present[1:] else self._find(cid, filename, size, others), cid, filename)
            return file_url(present[0], cid, filename)
        base = self._probes.do(cid, lambda: self._find(cid, filename, size, targets))
        return file_url(base, cid, filename)

    def _present(self, cid: Cid) -> list[str]:
        return self._health.order(base for base in self._targets() if self._availability.is_present(base, cid))

    def _find(self, cid: Cid, filename: str, size: int, bases: Iterable[str]) -> str:
        def probe(base: str, left: float) -> str:
            ends = self._clock() + left
            self._client.probe(base, cid, filename, size, min(left, self._probe_deadline))
            if not self._health.is_verified(base):
                left = max(ends - self._clock(), 0.001)
                self._client.block(base, cid, MAX_BLOCK, min(left, self._fetch_deadline))
                self._health.record_verified(base)
            self._availability.record_present(base, cid)
            return base

        return self._first(cid, bases, probe, self._hedge)

    def block(self, cid: Cid, max_bytes: int = MAX_BLOCK) -> bytes:
        """Return the bytes of one block, verified. Raises GatewayError where no gateway delivers it."""

        def fetch(base: str, left: float) -> bytes:
            return self._client.block(base, cid, max_bytes, min(left, self._fetch_deadline))

        return self._first(cid, self._bases, fetch, self._hedge)

    def part(self, file: Cid, leaf: "Leaf") -> bytes:
        """Return a raw leaf of a file, verified: as a block, or as a range of the file where there are no blocks.

        Raises GatewayError where no gateway delivers it.
        """

        def fetch(base: str, left: float) -> bytes:
            ends = self._clock() + left
            try:
                data = self._client.block(base, leaf.cid, leaf.size, left)
            except NotRawError:
                data = self._client.part(base, file, leaf, max(ends - self._clock(), 0.001))
            self._health.record_verified(base)
            return data

        return self._first(leaf.cid, self._bases, fetch, self._hedge + leaf.size / BYTES_PER_SECOND)

    def last_seen(self, cid: Cid) -> ContentSighting | None:
        """Return when content was last requested and whether a gateway had it, None where it was not requested."""
        return self._availability.last_lookup(cid)

    def _targets(self) -> list[str]:
        """Return the gateways to which clients may be sent."""
        return [base for base in self._bases if is_public(base) and not self._health.is_distrusted(base)]

    def _first(self, cid: Cid, bases: Iterable[str], request: Callable[[str, float], _T], hedge: float) -> _T:
        """Return what `request` returns for a gateway and seconds left where it first succeeds."""
        asked = [base for base in self._health.order(bases) if not self._availability.is_absent(base, cid)]
        attempts = [GatewayAttempt(base, request, self._health, self._on_failure(base, cid)) for base in asked]
        race: Race[GatewayAttempt[_T], _T] = Race(
            submit=self._pool.submit,
            failures=(GatewayError,),
            hedge=hedge,
            patience=self._patience,
            max_running=MAX_RUNNING,
            late=count_late,
            lost=count_lost,
            clock=self._clock,
        )
        try:
            found = race.run(attempts, GatewayAttempt.run)
        except RaceError as error:
            if asked:
                self._availability.record_lookup(cid, available=False)
            raise GatewayError(f"no gateway delivers {cid}: {self._reason(error)}", hint=_HINT) from None
        self._availability.record_lookup(cid, available=True)
        return found

    def _reason(self, error: RaceError) -> str:
        reasons = [*map(str, error.failures), *(["no time was left for the others"] if error.timed_out else [])]
        return "; ".join(reasons) or self._why_none()

    def _why_none(self) -> str:
        return "each was asked a moment ago, or sent wrong bytes lately" if self._bases else "none is configured"

    def _on_failure(self, base: str, cid: Cid) -> Callable[[Event | None], None]:
        def failed(event: Event | None) -> None:
            self._availability.record_absent(base, cid)
            if event is not None:
                self._telemetry.tell(event, gateway=mask_url(base))

        return failed
