"""An RPC endpoint with a chosen outcome, for tests of the wrappers around the Rpc port."""

import threading
from collections.abc import Sequence

from dipmp_lib.ethereum.rpc import Standing
from tests.support.waiting import HANGS


class Endpoint:
    """Returns `outcome`, or raises it, once `gate` is open; `calls` are the requested methods."""

    def __init__(self, name: str, outcome: object = "answer", chain_id: object = "0x1") -> None:
        self.name = name
        self.outcome = outcome
        self.chain_id = chain_id
        self.block_time: int | None = None
        self.calls: list[str] = []
        self.gate = threading.Event()
        self.gate.set()
        self.rank = Standing.GOOD
        self.doubts = 0

    def __str__(self) -> str:
        return self.name

    def standing(self) -> Standing:
        return self.rank

    def doubt(self) -> None:
        self.doubts += 1

    def request(self, method: str, params: Sequence[object]) -> object:
        self.calls.append(method)
        self.gate.wait(HANGS)
        outcome = self.chain_id if method == "eth_chainId" else self.outcome
        if method == "eth_getBlockByNumber" and self.block_time is not None:
            outcome = {"timestamp": hex(self.block_time)}
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome
