"""Checks of the chain's endpoints: reachable, on the expected chain, up to date, with finality; and of the clock."""

import json
import time
from collections.abc import Iterator, Sequence
from email.utils import parsedate_to_datetime
from functools import partial

from dipmp_lib.errors import RpcError
from dipmp_lib.ethereum.rpc import HttpRpc, Rpc, chain_id
from dipmp_lib.ethereum.rpc.methods import quantity
from dipmp_lib.http import Fetcher

from .check_result import CheckResult, attempt, fail, ok, warn

_SECONDS = 10.0
_SKEW = 60
_OLD_BLOCK = 900
_STEP = "check the URL of ETH_GATEWAY (or --rpc), or use another provider"


def check_endpoints(urls: Sequence[str], expected: int | None, fetcher: Fetcher) -> Iterator[CheckResult]:
    """Check each endpoint, and this machine's clock against the first."""
    for url in urls:
        rpc = HttpRpc(url, fetcher, deadline=_SECONDS)
        yield from attempt(f"rpc {rpc}", _STEP, partial(_endpoint, rpc, expected))
    yield from _clock(urls[:1], fetcher)


def _endpoint(rpc: HttpRpc, expected: int | None) -> Iterator[CheckResult]:
    began = time.monotonic()
    served = chain_id(rpc)
    milliseconds = round(1000 * (time.monotonic() - began))
    if expected not in (None, served):
        yield fail(f"rpc {rpc}", f"serves chain {served}, not {expected}", "use an endpoint of the registry's chain")
        return
    number, seconds = _block(rpc, "latest")
    age = int(time.time()) - seconds
    text = f"chain {served}, block {number:,} is {max(age, 0):,} s old, answered in {milliseconds} ms"
    if age > _OLD_BLOCK:
        yield warn(f"rpc {rpc}", f"{text}: it may lag", "compare it with another endpoint; a private chain may be idle")
    else:
        yield ok(f"rpc {rpc}", text)
    yield _finality(rpc, number)


def _finality(rpc: HttpRpc, newest: int) -> CheckResult:
    check = f"finality {rpc}"
    step = "publish with --finality latest, and check later that the release is still there"
    try:
        behind = newest - _block(rpc, "finalized")[0]
    except RpcError:
        return warn(check, "the endpoint does not report which blocks are final", step)
    return ok(check, f"the final block is {max(behind, 0):,} behind the newest")


def _block(rpc: Rpc, tag: str) -> tuple[int, int]:
    """Return number and unix second of a block. Raises RpcError, also if there is no such block, MalformedAnswer."""
    block = rpc.request("eth_getBlockByNumber", [tag, False])
    if block is None:
        raise RpcError(f"there is no {tag} block")
    fields = block if isinstance(block, dict) else {}
    return quantity(fields.get("number")), quantity(fields.get("timestamp"))


def _clock(urls: Sequence[str], fetcher: Fetcher) -> Iterator[CheckResult]:
    """Compare the clock with the Date of an HTTP answer (RFC 9110 section 6.6.1), if it has one."""
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
