"""The chain's endpoints: reachable, of one chain, with finality, and in time with this machine."""

import json
import time
from collections.abc import Iterator, Sequence
from email.utils import parsedate_to_datetime
from functools import partial

from dipmp_lib.errors import RpcError
from dipmp_lib.ethereum.rpc import HttpRpc, Rpc, chain_id
from dipmp_lib.ethereum.rpc.methods import quantity
from dipmp_lib.http import Fetcher

from .finding import CheckResult, attempt, fail, ok, warn

_SECONDS = 10.0
_SKEW = 60
_OLD_BLOCK = 900
_STEP = "check the URL of ETH_GATEWAY (or --rpc), or use another provider"


def endpoint_findings(urls: Sequence[str], wanted: int | None, fetcher: Fetcher) -> Iterator[CheckResult]:
    """Yield what there is to say of each endpoint, and of this machine's clock beside the first."""
    for url in urls:
        rpc = HttpRpc(url, fetcher, deadline=_SECONDS)
        yield from attempt(f"rpc {rpc}", _STEP, partial(_endpoint, rpc, wanted))
    yield from _clock(urls[:1], fetcher)


def _endpoint(rpc: HttpRpc, wanted: int | None) -> Iterator[CheckResult]:
    began = time.monotonic()
    found = chain_id(rpc)
    milliseconds = round(1000 * (time.monotonic() - began))
    if wanted not in (None, found):
        yield fail(f"rpc {rpc}", f"serves chain {found}, not {wanted}", "use an endpoint of the registry's chain")
        return
    number, seconds = _block(rpc, "latest")
    age = int(time.time()) - seconds
    text = f"chain {found}, block {number:,} of {max(age, 0):,} s ago, in {milliseconds} ms"
    if age > _OLD_BLOCK:
        yield warn(f"rpc {rpc}", f"{text}: it may lag", "compare it with another endpoint; a private chain may be idle")
    else:
        yield ok(f"rpc {rpc}", text)
    yield _finality(rpc, number)


def _finality(rpc: HttpRpc, newest: int) -> CheckResult:
    check = f"finality {rpc}"
    step = "publish with --finality latest, and look again later whether the release is still there"
    try:
        behind = newest - _block(rpc, "finalized")[0]
    except RpcError:
        return warn(check, "the endpoint does not tell which blocks are final", step)
    return ok(check, f"the final block is {max(behind, 0):,} behind the newest")


def _block(rpc: Rpc, tag: str) -> tuple[int, int]:
    """Return number and time of a block. Raises RpcError where there is none, MalformedAnswer."""
    block = rpc.request("eth_getBlockByNumber", [tag, False])
    if block is None:
        raise RpcError(f"there is no {tag} block")
    fields = block if isinstance(block, dict) else {}
    return quantity(fields.get("number")), quantity(fields.get("timestamp"))


def _clock(urls: Sequence[str], fetcher: Fetcher) -> Iterator[CheckResult]:
    """Compare with the Date of an HTTP answer (RFC 9110 section 6.6.1), where there is one."""
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "eth_chainId", "params": []}).encode()
    headers = {"Content-Type": "application/json"}
    for url in urls:
        try:
            answer = fetcher.fetch(
                "POST", url, body=body, headers=headers, deadline=_SECONDS, max_bytes=1 << 16, error=RpcError
            )
            skew = time.time() - parsedate_to_datetime(answer.headers.get("date", "")).timestamp()
        except (RpcError, ValueError):
            return
        text = f"this machine is {abs(skew):.0f} s {'ahead of' if skew > 0 else 'behind'} the endpoint"
        yield ok("clock", text) if abs(skew) <= _SKEW else warn("clock", text, "set the clock: versions seal by time")
