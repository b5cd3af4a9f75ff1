"""A node in memory with a mempool: a test mines blocks, drops pending transactions and rolls blocks back."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

from dipmp_lib.errors import RpcError
from dipmp_lib.keccak import keccak256
from dipmp_lib.transactions.signed import Signed
from tests.support.fakes.node import BASE_FEE, FakeNode


class MempoolNode(FakeNode):
    """A FakeNode whose `pool` (raw bytes by hash) waits until `mine`. `offered` are all transactions ever sent to it.

    `turns` are called one after another, one at each request for a receipt. `final` is the number of the newest block
    that is safe and finalized.
    """

    def __init__(self, **options: Any) -> None:  # noqa: ANN401
        super().__init__(**options)
        self.pool: dict[str, bytes] = {}
        self.offered: list[bytes] = []
        self.turns: list[Callable[[], object]] = []
        self.base_fee = BASE_FEE
        self.final = 0
        self.genesis = "0x" + "01" * 32
        self._before: list[Any] = []

    def mine(self) -> None:
        """Include every pending transaction that pays the base fee."""
        self._before.append((deepcopy(self.model), dict(self.receipts), dict(self.nonces), list(self.sent)))
        for identity, raw in tuple(self.pool.items()):
            if Signed.from_raw(raw).fees.max_fee >= self.base_fee:
                del self.pool[identity]
                super()._eth_sendRawTransaction(f"0x{raw.hex()}")

    def drop(self) -> None:
        """Drop all pending transactions."""
        self.pool.clear()

    def roll_back(self) -> None:
        """Undo the last `mine`; the transactions of its block are dropped."""
        self.model, self.receipts, self.nonces, self.sent = self._before.pop()

    def use_nonce(self) -> None:
        """Include a foreign transaction of the only account, so that no pending one of that nonce can be."""
        [address] = {f"0x{Signed.from_raw(raw).sender.hex()}" for raw in self.offered}
        self.nonces[address] = self.nonces.get(address, 0) + 1
        self.pool.clear()

    def offers(self) -> list[Signed]:
        """Return the transactions ever sent, each once, in order."""
        return [Signed.from_raw(raw) for raw in dict.fromkeys(self.offered)]

    def _eth_sendRawTransaction(self, raw: str) -> str:  # noqa: N802
        data = bytes.fromhex(raw[2:])
        self.offered.append(data)
        signed = Signed.from_raw(data)
        address = f"0x{signed.sender.hex()}"
        if signed.nonce < self.nonces.get(address, 0):
            raise RpcError("nonce too low", code=-32000)
        identity = f"0x{keccak256(data).hex()}"
        for other, waiting in tuple(self.pool.items()):
            old = Signed.from_raw(waiting)
            if old.nonce != signed.nonce or other == identity:
                continue
            for before, after in zip(old.fees.fields.values(), signed.fees.fields.values(), strict=True):
                if after != 2 and 10 * after < 11 * before:
                    raise RpcError("replacement transaction underpriced", code=-32000)
            del self.pool[other]
        self.pool[identity] = data
        return identity

    def _eth_getTransactionCount(self, address: str, block: str) -> str:  # noqa: N802
        included = self.nonces.get(address.lower(), 0)
        return hex(included + (len(self.pool) if block == "pending" else 0))

    def _eth_getTransactionByHash(self, identity: str) -> dict[str, Any] | None:  # noqa: N802
        return {"hash": identity} if identity in self.pool else super()._eth_getTransactionByHash(identity)

    def _eth_getTransactionReceipt(self, identity: str) -> dict[str, Any] | None:  # noqa: N802
        if self.turns:
            self.turns.pop(0)()
        return super()._eth_getTransactionReceipt(identity)

    def _eth_getBlockByNumber(self, block: str, full: object) -> dict[str, Any]:  # noqa: N802
        answer = super()._eth_getBlockByNumber(block, full)
        if "baseFeePerGas" in answer:
            answer["baseFeePerGas"] = hex(self.base_fee)
        if block == "0x0":
            answer["hash"] = self.genesis
        return answer | ({"number": hex(self.final)} if block in {"safe", "finalized"} else {})

    def _eth_gasPrice(self) -> str:  # noqa: N802
        return hex(self.base_fee + 10**6)
