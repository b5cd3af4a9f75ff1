"""Checks of pinners and gateways with one small block, the same every time."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from io import BytesIO

from dipmp_lib.http import Fetcher, mask_url
from dipmp_lib.ipfs import car, unixfs
from dipmp_lib.ipfs.gateways import GatewayPool
from dipmp_lib.ipfs.pinning import Pinner, pinner_from_uri

from .check_result import CheckResult, Verdict, attempt, ok, warn

PROBE = b"dipmp doctor asks whether this can be kept and fetched.\n"
_DAG = unixfs.scan(BytesIO(PROBE))
_PINNER_STEP = "check DIPMP_PINNER (or --pinner), and that the service runs"


def check_storage(
    pinners: Sequence[str], gateways: Sequence[str], environment: Mapping[str, str], fetcher: Fetcher
) -> Iterator[CheckResult]:
    """Pin the block with every pinner, then fetch it through every gateway.

    `pinners` are URIs, `environment` has the variables that they name, `gateways` are URLs.
    """
    pinned = False
    for uri in pinners:
        for result in attempt(f"pinner {_kind(uri)}", _PINNER_STEP, partial(_pin, uri, environment)):
            pinned |= result.verdict is Verdict.OK
            yield result
    for url in gateways:
        yield from _gateway(url, fetcher, pinned=pinned)
    if not gateways:
        step = "set IPFS_GATEWAY (or --gateway) to one that your pinner does not run"
        yield warn("gateways", "none is set, so retrieval is not checked", step)


def _kind(uri: str) -> str:
    kind, separator, _ = uri.partition(":")
    return kind if separator and kind.isascii() and len(kind) < 20 else "…"


def _pin(uri: str, environment: Mapping[str, str]) -> Iterator[CheckResult]:
    pinner: Pinner = pinner_from_uri(uri, environment=environment, attempts=1)
    pinner.pin(_DAG.root, lambda: car.of_file(_DAG, lambda: BytesIO(PROBE)), car.size(_DAG))
    yield ok(f"pinner {pinner.name}", f"keeps {_DAG.root}")


def _gateway(url: str, fetcher: Fetcher, *, pinned: bool) -> Iterator[CheckResult]:
    check = f"gateway {mask_url(url)}"
    for result in attempt(check, "check IPFS_GATEWAY (or --gateway)", partial(_fetch, check, url, fetcher)):
        if result.verdict is Verdict.OK:
            yield result
        elif pinned:
            step = "a gateway may need a minute to find what was just pinned; then check that it reaches the pinner"
            yield warn(check, result.text, step)
        else:
            yield warn(check, result.text, "nothing was pinned that it could serve: fix the pinners first")


def _fetch(check: str, url: str, fetcher: Fetcher) -> Iterator[CheckResult]:
    data = GatewayPool([url], fetcher).block(_DAG.root, len(PROBE))
    yield ok(check, f"serves {_DAG.root}, {len(data)} bytes")
