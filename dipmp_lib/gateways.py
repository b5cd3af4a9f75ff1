"""IPFS gateways: which one has a file, and blocks from any of them, verified.

Only the origins that the operator configured are ever asked, in their order. Sources: the Path Gateway and Trustless
Gateway specifications.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import TypeVar
from urllib.parse import quote

from .cid import Cid, verify
from .errors import GatewayError, InvalidInput, InvalidSettings, MalformedCar
from .http import Answer, Fetcher, mask_url
from .http.url import parse_target
from .telemetry import SILENCE, Event, Telemetry

RAW_TYPE = "application/vnd.ipld.raw"
MAX_BLOCK = 2 * 1024 * 1024
HAS_SECONDS = 60.0
"""How long a gateway that had a file is taken to have it."""
DOWN_SECONDS = 15.0
"""How long a gateway that failed is asked only after the others."""
LIED_SECONDS = 600.0
"""The same for a gateway that sent other bytes than its CID names."""
_MAX_REMEMBERED = 4096
_T = TypeVar("_T")
_HINT = "add a gateway of another operator to IPFS_GATEWAY, or try again in a minute"


def gateway_base(url: str) -> str:
    """Return `https://host[/prefix]/ipfs` for a gateway given with or without its `/ipfs`. Raises InvalidSettings."""
    base = url.strip().rstrip("/").removesuffix("/ipfs").rstrip("/")
    try:
        parse_target(base)
    except InvalidInput as error:
        raise InvalidSettings([f"{mask_url(base)} is not the URL of a gateway ({error})"]) from None
    if "?" in base or "#" in base:
        raise InvalidSettings([f"the gateway {mask_url(base)} has a query or fragment"])
    return f"{base}/ipfs"


class Gateways:
    """The configured gateways. Safe to use from several threads. Raises InvalidSettings for an unusable URL.

    Seconds: one gateway may take `probe_deadline` to say whether it has a file and `fetch_deadline` to send a block,
    all of them together `patience`. `clock` is monotonic.
    """

    def __init__(
        self,
        urls: Sequence[str],
        fetcher: Fetcher,
        *,
        probe_deadline: float = 1.5,
        fetch_deadline: float = 5.0,
        patience: float = 8.0,
        clock: Callable[[], float] = time.monotonic,
        telemetry: Telemetry = SILENCE,
    ) -> None:
        self._bases = tuple(dict.fromkeys(gateway_base(url) for url in urls))
        self._fetcher = fetcher
        self._probe_deadline = probe_deadline
        self._fetch_deadline = fetch_deadline
        self._patience = patience
        self._clock = clock
        self._health = _Health(clock)
        self._telemetry = telemetry

    def pick(self, cid: Cid, filename: str) -> str:
        """Return the URL of a file on the first gateway that has it. Raises GatewayError where none has."""
        base = self._first(cid, lambda base, left: self._probe(base, cid, left))
        return f"{base}/{cid}?filename={quote(filename, safe='')}"

    def block(self, cid: Cid, max_bytes: int = MAX_BLOCK) -> bytes:
        """Return one block's bytes, whose hash is verified. Raises GatewayError where no gateway delivers it."""
        return self._first(cid, lambda base, left: self._fetch_block(base, cid, max_bytes, left))

    def _first(self, cid: Cid, attempt: Callable[[str, float], _T]) -> _T:
        """Return what `attempt` returns for the first gateway and seconds left for which it does not raise."""
        problems = []
        ends = self._clock() + self._patience
        for base in self._health.order(self._bases):
            if (left := ends - self._clock()) <= 0:
                problems.append("no time was left for the others")
                break
            try:
                return attempt(base, left)
            except GatewayError as error:
                problems.append(str(error))
        raise GatewayError(f"no gateway delivers {cid}: {'; '.join(problems) or 'none is configured'}", hint=_HINT)

    def _probe(self, base: str, cid: Cid, left: float) -> str:
        if not self._health.had(base, cid):
            self._ask("HEAD", base, str(cid), min(left, self._probe_deadline))
            self._health.has(base, cid)
        return base

    def _fetch_block(self, base: str, cid: Cid, max_bytes: int, left: float) -> bytes:
        answer = self._ask("GET", base, f"{cid}?format=raw", min(left, self._fetch_deadline), max_bytes, RAW_TYPE)
        media_type = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
        if media_type != RAW_TYPE:
            # A gateway without this format sends the file itself instead, with status 200.
            raise GatewayError(f"{mask_url(base)} does not serve raw blocks, but {media_type[:60]!r}")
        try:
            verify(cid, answer.body)
        except MalformedCar:
            self._failed(base, LIED_SECONDS, Event.GATEWAY_LIED)
            raise GatewayError(f"{mask_url(base)} sent other bytes than those of the block") from None
        return answer.body

    def _ask(
        self, method: str, base: str, target: str, deadline: float, max_bytes: int = 0, accept: str = "*/*"
    ) -> Answer:
        """Return a 200. Absence is an answer; everything else counts against the gateway. Raises GatewayError."""
        try:
            answer = self._fetcher.fetch(
                method,
                f"{base}/{target}",
                headers={"Accept": accept},
                deadline=deadline,
                max_bytes=max_bytes,
                error=GatewayError,
            )
        except GatewayError:
            self._failed(base, DOWN_SECONDS)
            raise
        if answer.status != 200:
            if answer.status not in (404, 410, 451):
                self._failed(base, DOWN_SECONDS)
            raise GatewayError(f"{mask_url(base)} answered {answer.status}")
        return answer

    def _failed(self, base: str, seconds: float, event: Event = Event.GATEWAY_FAILED) -> None:
        self._health.failed(base, seconds)
        self._telemetry.tell(event, gateway=mask_url(base))


class _Health:
    """What is remembered of gateways, for a while: failures of each, and which files each of them had."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._down_until: dict[str, float] = {}
        self._had_until: OrderedDict[tuple[str, Cid], float] = OrderedDict()

    def order(self, bases: Sequence[str]) -> list[str]:
        """Return the gateways as configured, those that failed lately after the others."""
        return sorted(bases, key=self._down)

    def failed(self, base: str, seconds: float) -> None:
        with self._lock:
            self._down_until[base] = max(self._down_until.get(base, 0), self._clock() + seconds)

    def has(self, base: str, cid: Cid) -> None:
        with self._lock:
            self._had_until[base, cid] = self._clock() + HAS_SECONDS
            self._had_until.move_to_end((base, cid))
            while len(self._had_until) > _MAX_REMEMBERED:
                self._had_until.popitem(last=False)

    def had(self, base: str, cid: Cid) -> bool:
        with self._lock:
            return not self._down(base) and self._had_until.get((base, cid), 0) > self._clock()

    def _down(self, base: str) -> bool:
        return self._down_until.get(base, 0) > self._clock()
