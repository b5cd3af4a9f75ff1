"""A chain's endpoints as a writer asks them: each by itself, for transactions, receipts and nonces.

An answer that ends something takes two endpoints, where there are two. Hedged requests would not do, as their answer
is that of the quickest endpoint.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from ..errors import Malformed, MalformedAnswer, RpcError, Upstream
from ..ethereum.rpc import Rpc
from ..ethereum.rpc.methods import quantity, unhex
from ..model.names import checksum_address

WITNESSES = 2
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenReceipt:
    """A transaction's receipt: its block, whether it succeeded (status 1), the gas it used, and its cost in wei."""

    block: int
    block_hash: bytes
    succeeded: bool
    gas_used: int
    cost: int


class WriterEndpoints:
    """Asks all endpoints, in their order. Every method raises RpcError or MalformedAnswer where none can be asked."""

    def __init__(self, endpoints: Sequence[Rpc]) -> None:
        self._endpoints = tuple(endpoints)

    def broadcast(self, raw: bytes) -> None:
        """Send a signed transaction to every endpoint. Raises the first one's error where none takes it."""
        self._ask(lambda rpc: rpc.request("eth_sendRawTransaction", [f"0x{raw.hex()}"]))

    def knows(self, identity: bytes) -> bool:
        """Tell whether any endpoint has seen a transaction, waiting or included."""
        return any(self._ask(lambda rpc: rpc.request("eth_getTransactionByHash", [f"0x{identity.hex()}"])))

    def receipt(self, identity: bytes) -> SeenReceipt | None:
        """Return the receipt that two endpoints agree on, or that of the only one that answers.

        Raises RpcError also where they have different ones.
        """
        found = self._ask(lambda rpc: _receipt(rpc.request("eth_getTransactionReceipt", [f"0x{identity.hex()}"])))
        seen = Counter(each for each in found if each is not None)
        agreed = next((each for each, times in seen.items() if times >= _witnesses(found)), None)
        if agreed is None and len(seen) > 1:
            raise RpcError(f"endpoints disagree on the receipt of 0x{identity.hex()}")
        return agreed

    def included(self, account: bytes) -> int:
        """Return the number of an account's included transactions: of several answers the second highest."""
        counts = sorted(self._counts(account, "latest"), reverse=True)
        return counts[_witnesses(counts) - 1]

    def waiting(self, account: bytes) -> int:
        """Return the nonce after all included and waiting transactions that any endpoint knows."""
        return max(self._counts(account, "pending"))

    def height(self, tag: str) -> int:
        """Return the number of the newest block with a tag of FINALITIES: of several answers the second highest."""
        heights = sorted(self._ask(lambda rpc: _height(rpc, tag)), reverse=True)
        return heights[_witnesses(heights) - 1]

    def genesis(self) -> str:
        """Return the hash of the chain's first block as 0x-hex, "" where no endpoint has it any more."""
        return next(filter(None, self._ask(_genesis)), "")

    def _counts(self, account: bytes, block: str) -> list[int]:
        params = [checksum_address(account), block]
        return self._ask(lambda rpc: quantity(rpc.request("eth_getTransactionCount", params)))

    def _ask(self, question: Callable[[Rpc], T]) -> list[T]:
        """Return the answers of the endpoints that can be asked."""
        answers, failures = [], []
        for endpoint in self._endpoints:
            try:
                answers.append(question(endpoint))
            except (Upstream, Malformed) as error:
                failures.append(error)
        if not answers:
            raise failures[0]
        return answers


def _witnesses(answers: Sequence[object]) -> int:
    return min(WITNESSES, len(answers))


def _height(rpc: Rpc, tag: str) -> int:
    block = rpc.request("eth_getBlockByNumber", [tag, False])
    return quantity(block.get("number") if isinstance(block, dict) else None)


def _genesis(rpc: Rpc) -> str:
    block = rpc.request("eth_getBlockByNumber", ["0x0", False])
    found = block.get("hash") if isinstance(block, dict) else None
    return f"0x{unhex(found).hex()}" if found is not None else ""


def _receipt(answer: object) -> SeenReceipt | None:
    """Read a receipt; a rollup's also has the fee for its data (`l1Fee`, OP Stack)."""
    if answer is None:
        return None
    if not isinstance(answer, dict):
        raise MalformedAnswer("a node's receipt is not an object")
    used, price = quantity(answer.get("gasUsed")), quantity(answer.get("effectiveGasPrice"))
    data_fee = answer.get("l1Fee")
    status = quantity(answer.get("status"))
    return SeenReceipt(
        block=quantity(answer.get("blockNumber")),
        block_hash=unhex(answer.get("blockHash")),
        succeeded=status == 1,
        gas_used=used,
        cost=used * price + (quantity(data_fee) if data_fee is not None else 0),
    )
