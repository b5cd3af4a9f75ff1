"""The writing port over a chain: simulate, price, sign, broadcast, wait. One transaction at a time."""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..errors import (
    DipmpError,
    RegistryNotFound,
    Reverted,
    TransactionError,
    WrongChain,
)
from ..keccak import keccak256
from ..names import ProjectName, RegistryAddress, checksum_address
from ..rpc import Rpc
from ..signers import Signer, check_transaction
from .calls import NOBODY, Call
from .money import format_money
from .node import Node
from .port import AGAIN, Quote, Receipt
from .receipts import INCLUSION_SECONDS, read_receipt, wait_for_receipt
from .reverts import explain


class ChainWriter:
    """Writes to `registry` with `signer`'s key; where that is None, to other contracts of its chain alone.

    `chain_id` is the chain that has to be served, None to take what the node says. Every method raises Upstream and
    MalformedAnswer besides what it names. `clock` and `sleep` are those of the time module.
    """

    def __init__(
        self,
        rpc: Rpc,
        registry: RegistryAddress | None,
        signer: Signer,
        *,
        chain_id: int | None = None,
        patience: float = INCLUSION_SECONDS,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._node = Node(rpc, registry.address if registry else NOBODY)
        self._registry = registry
        self._signer = signer
        self._wanted_chain = chain_id
        self._patience = patience
        self._clock, self._sleep = clock, sleep
        self._chain_id: int | None = None
        self._nonce = 0

    @property
    def chain_id(self) -> int:
        """The chain's id. Raises WrongChain, RegistryNotFound when nothing is at the registry's address there."""
        if self._chain_id is None:
            self._chain_id = self._checked_chain()
        return self._chain_id

    def _checked_chain(self) -> int:
        found = self._node.chain_id()
        if self._wanted_chain not in (None, found):
            raise WrongChain(
                f"the node serves chain {found}, not {self._wanted_chain}",
                hint="check the RPC URLs and the chain id in the settings",
            )
        if self._registry is not None and not self._node.has_code():
            raise RegistryNotFound(
                f"there is no contract at {self._registry.checksummed} on chain {found}",
                hint="check the address of the registry, and that the RPC URL is one of its chain",
            )
        return found

    def chain_time(self) -> int:
        """Return the time of the newest block (unix seconds)."""
        return self._node.time()

    def publisher_until(self, project: ProjectName) -> int:
        """Return when this key's permission to publish ends or ended (unix seconds), 0 for never had one."""
        return self._node.publisher_until(project, self._signer.address)

    def quote(self, calls: Sequence[Call]) -> Quote:
        """Simulate the first call to each log, price all. Raises TransactionError: refused, or too little money."""
        chain_id, seen = self.chain_id, set[str]()
        gas = []
        for call in calls:
            # What follows a claim cannot be simulated before the claim is there.
            gas.append(_limit(call.rough_gas) if call.project in seen else self._simulate(call)[1])
            seen.add(call.project)
        fees, balance = self._node.fees(), self._node.balance(self._signer.address)
        quote = Quote(gas=tuple(gas), max_fee=fees.max_fee, balance=balance)
        self._check_funds(quote, chain_id)
        return quote

    def send(self, call: Call) -> Receipt:
        """Publish one call. Raises TransactionError, whose message says if anything was broadcast; SignerError."""
        chain_id = self.chain_id
        transaction, gas = self._simulate(call)
        fees, balance = self._node.fees(), self._node.balance(self._signer.address)
        self._check_funds(Quote(gas=(gas,), max_fee=fees.max_fee, balance=balance), chain_id)
        nonce = max(self._nonce, self._node.next_nonce(self._signer.address))
        raw = self._sign({**transaction, **fees.fields, "gas": gas, "nonce": nonce, "chainId": chain_id})
        identity = keccak256(raw)
        self._broadcast(raw, identity)
        self._nonce = nonce + 1
        found = self._wait(identity)
        return read_receipt(self._node, call, transaction, identity, found)

    def _wait(self, identity: bytes) -> Any:  # noqa: ANN401 - a receipt as web3 gives it
        try:
            return wait_for_receipt(self._node, identity, patience=self._patience, clock=self._clock, sleep=self._sleep)
        except KeyboardInterrupt:
            raise TransactionError(
                f"stopped after the transaction 0x{identity.hex()} was sent: it may still be included",
                hint="publish again only when it is included or dropped, or the release may be paid for twice",
            ) from None

    def _simulate(self, call: Call) -> tuple[dict[str, Any], int]:
        """Return the call's transaction and its gas limit."""
        transaction = self._node.transaction(call, self._signer.address)
        try:
            return transaction, _limit(self._node.estimate(transaction))
        except Reverted as error:
            raise explain(error, call) from error

    def _check_funds(self, quote: Quote, chain_id: int) -> None:
        if quote.cost <= quote.balance:
            return
        address = checksum_address(self._signer.address)
        held, needed = format_money(quote.balance, chain_id), format_money(quote.cost, chain_id)
        raise TransactionError(
            f"{address} holds {held}, and this can cost up to {needed}",
            hint=f"send it {format_money(quote.cost - quote.balance, chain_id)} on chain {chain_id}",
        )

    def _sign(self, transaction: Mapping[str, Any]) -> bytes:
        asked = {key: value for key, value in transaction.items() if key != "from"}
        raw = self._signer.sign_transaction(asked)
        check_transaction(raw, asked, self._signer.address)
        return raw

    def _broadcast(self, raw: bytes, identity: bytes) -> None:
        try:
            self._node.broadcast(raw)
        except DipmpError as error:
            # An endpoint that failed, or a second one, may have passed it on: only the network knows.
            if not self._is_known(identity):
                raise TransactionError(
                    f"the transaction 0x{identity.hex()} was not accepted: {error}", hint=error.hint or AGAIN
                ) from error

    def _is_known(self, identity: bytes) -> bool:
        try:
            return self._node.knows(identity)
        except DipmpError:
            return False


def _limit(gas: int) -> int:
    """Return a gas limit for an estimate: another transaction may come first and change what storage costs."""
    return gas + gas // 5
