"""The writing port over a chain: simulates, prices, and sends through the account's outbox, one at a time."""

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

from ..errors import CallRefused, MalformedAnswer, RegistryNotFound, Reverted, RpcError, TransactionError, WrongChain
from ..ethereum.rpc import Rpc
from ..model.names import ProjectName, RegistryAddress
from .calls import NOBODY, Call
from .confirm import LATEST, SendContext, SendOptions
from .endpoints import WriterEndpoints
from .fees import check_funds, fees_within
from .node import Node
from .nonces import Inclusion, NonceBook
from .outbox import Outbox
from .port import AGAIN, Quote, Receipt
from .reverts import explain
from .signers import Signer


def read_inclusion(node: Node, call: Call, found: Inclusion) -> Receipt:
    """Return the receipt of a call's transaction. Raises TransactionError when it failed on chain."""
    identity, receipt = found.attempt.signed.identity, found.receipt
    if not receipt.succeeded:
        reason = _reason(node, call, found)
        raise TransactionError(f"0x{identity.hex()} was included, and failed{reason}", hint=AGAIN)
    return Receipt(transaction=identity, block=receipt.block, gas_used=receipt.gas_used, cost=receipt.cost)


def _reason(node: Node, call: Call, found: Inclusion) -> str:
    """Return why the transaction failed, from simulating it: a receipt does not say."""
    try:
        node.simulate(found.attempt.signed.call)
    except Reverted as error:
        return f": {explain(error, call)}"
    except (RpcError, MalformedAnswer):
        pass
    return ""


class ChainWriter:
    """Writes to `registry` with `signer`'s key; with None, only to other contracts of its chain.

    `chain_id` is the expected chain, None for any. Every method raises Upstream and MalformedAnswer besides the errors
    that it names.
    """

    def __init__(
        self,
        rpc: Rpc,
        registry: RegistryAddress | None,
        signer: Signer,
        *,
        chain_id: int | None = None,
        options: SendOptions | None = None,
    ) -> None:
        self._options = options = options or SendOptions()
        self._node = Node(rpc, registry.address if registry else NOBODY)
        self._endpoints = WriterEndpoints(options.endpoints or (rpc,))
        self._registry, self._signer = registry, signer
        self._wanted_chain = chain_id
        self._agreed: int | None = None
        self._spent = 0
        self._close: Callable[[], None] = lambda: None
        self._settled = False

    @cached_property
    def chain_id(self) -> int:
        """The chain's id. Raises WrongChain, RegistryNotFound when nothing is at the registry's address there."""
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

    @cached_property
    def _outbox(self) -> Outbox:
        """The account's outbox; making it takes the account's lock."""
        chain_id = self.chain_id
        genesis = self._endpoints.genesis()
        journal = self._options.open_journal(chain_id, self._signer.address)
        self._close = journal.close
        context = SendContext(
            node=self._node,
            endpoints=self._endpoints,
            signer=self._signer,
            nonces=NonceBook(journal, genesis),
            chain_id=chain_id,
            waits=self._options.waits,
            tell=self._options.tell,
            clock=self._options.clock,
            sleep=self._options.sleep,
        )
        return Outbox(context, max_cost=self._options.max_cost)

    def close(self) -> None:
        """Release the account's lock; the next call that sends takes it again."""
        self._close()
        self._close = lambda: None
        self.__dict__.pop("_outbox", None)
        self._settled = False

    def settle(self) -> bool:
        """Settle as the port says. Raises TransactionError also where the chain does not have the wanted finality."""
        finality = self._options.waits.finality
        if finality != LATEST and not self._settled:
            try:
                self._endpoints.height(finality)
            except RpcError as error:
                raise TransactionError(
                    f"the chain's endpoints do not say which block is {finality}: {error}", hint="use --finality latest"
                ) from error
        self._settled = True
        return self._outbox.settle()

    def chain_time(self) -> int:
        """Return the time of the newest block (unix seconds)."""
        return self._node.time()

    def publisher_until(self, project: ProjectName) -> int:
        """Return when this key's permission to publish ends or ended (unix seconds), 0 where it never had one."""
        return self._node.publisher_until(project, self._signer.address)

    def claim_refusal(self, project: ProjectName) -> CallRefused | None:
        """Return why the registry would refuse this key a free name, None where it would not."""
        call = Call.claim(project, self._signer.address, b"")
        try:
            self._estimate(call, self._node.transaction(call, self._signer.address))
        except CallRefused as error:
            return error
        return None

    def quote(self, calls: Sequence[Call]) -> Quote:
        """Simulate the first call to each log, price all.

        Raises TransactionError: refused, more than the limit, or too little money.
        """
        chain_id, seen = self.chain_id, set[str]()
        gas, data_fee = [], 0
        for call in calls:
            transaction = self._node.transaction(call, self._signer.address)
            # What follows a claim cannot be simulated before the claim is there.
            gas.append(_limit(call.rough_gas) if call.project in seen else self._estimate(call, transaction))
            data_fee += self._node.data_fee(transaction)
            seen.add(call.project)
        max_cost = self._options.max_cost
        limit = None if max_cost is None else max_cost - self._spent
        fees = fees_within(self._node.fees(), sum(gas), data_fee, limit, chain_id)
        balance = self._node.balance(self._signer.address)
        quote = Quote(gas=tuple(gas), max_fee=fees.max_fee, balance=balance, data_fee=data_fee)
        check_funds(quote, self._signer.address, chain_id)
        self._agreed = quote.cost
        return quote

    def send(self, call: Call) -> Receipt:
        """Send one call as the port says."""
        chain_id = self.chain_id
        if not self._settled and self.settle():
            raise TransactionError("an earlier transaction had to be finished first; nothing else was sent", hint=AGAIN)
        transaction = self._node.transaction(call, self._signer.address)
        gas, data_fee = self._estimate(call, transaction), self._node.data_fee(transaction)
        limit = self._left()
        fees = fees_within(self._node.fees(), gas, data_fee, limit, chain_id)
        quote = Quote(
            gas=(gas,),
            max_fee=fees.max_fee,
            balance=self._node.balance(self._signer.address),
            data_fee=data_fee,
        )
        check_funds(quote, self._signer.address, chain_id)
        unsigned = {name: value for name, value in transaction.items() if name != "from"}
        unsigned |= {**fees.fields, "gas": gas, "chainId": chain_id}
        what = f"{call.function} {call.project}".strip()
        found = self._outbox.dispatch(unsigned, what, quote.cost if limit is None else limit)
        self._spend(found.receipt.cost)
        return read_inclusion(self._node, call, found)

    def _left(self) -> int | None:
        """Return how much may still be spent (wei), None for no limit."""
        return self._agreed if self._options.max_cost is None else self._options.max_cost - self._spent

    def _spend(self, cost: int) -> None:
        self._spent += cost
        if self._agreed is not None:
            self._agreed -= cost

    def _estimate(self, call: Call, transaction: dict[str, Any]) -> int:
        """Return the gas limit of a call's transaction."""
        try:
            return _limit(self._node.estimate(transaction))
        except Reverted as error:
            raise explain(error, call) from error


def _limit(gas: int) -> int:
    """Return the gas limit for an estimate: a transaction that comes first may change the cost of storage."""
    return gas + gas // 5
