"""Confirmation of one nonce: follows its transactions until one of them is included and final.

Sends a transaction again that was dropped or whose block was orphaned, and replaces one that is stuck. All that were
ever signed for the nonce are watched, since the chain takes exactly one of them.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..errors import DipmpError, Malformed, TransactionError, Upstream
from ..ethereum.rpc import Rpc
from .endpoints import SeenReceipt, WriterEndpoints
from .fees import format_money
from .journal.journal import JournalPort, MemoryJournal
from .node import Node
from .nonces import Attempt, Inclusion, NonceBook
from .port import AGAIN, FINALITIES
from .signed import sign
from .signers import Signer

LATEST = FINALITIES[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Waits:
    """Waiting times in seconds, and the block tag to wait for (one of FINALITIES).

    `patience` is for inclusion, in all; `stuck` until a transaction that is not included is replaced; `lag` until
    endpoints that show a nonce as used without one of its transactions are believed; `final` for finality.
    """

    patience: float = 300.0
    stuck: float = 60.0
    lag: float = 15.0
    final: float = 3600.0
    finality: str = LATEST


@dataclass(frozen=True, slots=True, kw_only=True)
class SendContext:
    """Everything that sending takes. `tell` shows a sentence to a person; `clock` is monotonic, in seconds."""

    node: Node
    endpoints: WriterEndpoints
    signer: Signer
    nonces: NonceBook
    chain_id: int
    waits: Waits = Waits()
    tell: Callable[[str], None] = lambda _: None
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


OpenJournal = Callable[[int, bytes], JournalPort]
"""Opens the journal of an account on a chain (id), and locks it. Raises JournalError."""


def memory_journal(_chain_id: int, _account: bytes) -> MemoryJournal:
    """Return a journal without lock that ends with the process."""
    return MemoryJournal()


@dataclass(frozen=True, slots=True, kw_only=True)
class SendOptions:
    """Options of a writer. `endpoints` are the chain's single endpoints, () for the one RPC that the writer has.

    All its transactions together cost at most `max_cost` (wei), with None what the last quote said. `tell`, `clock`
    and `sleep` are those of SendContext.
    """

    endpoints: Sequence[Rpc] = ()
    open_journal: OpenJournal = memory_journal
    max_cost: int | None = None
    waits: Waits = Waits()
    tell: Callable[[str], None] = lambda _: None
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


_POLL_SECONDS = (0.1, 2.0)


class Confirmation:
    """Follows one nonce, for which at least one transaction is in the journal; it may cost at most `limit` (wei)."""

    def __init__(self, context: SendContext, nonce: int, limit: int) -> None:
        self._context, self._nonce, self._limit = context, nonce, limit
        now = context.clock()
        self._sent = self._looked = now
        self._deadline = now + context.waits.patience
        self._taken_since: float | None = None
        self._seen: Inclusion | None = None
        self._capped = False
        self._refusal = ""

    def run(self) -> Inclusion | None:
        """Return and journal the inclusion, None when a foreign transaction used the nonce.

        An endpoint that fails meanwhile is asked again. Raises TransactionError when time is over, SignerError and
        JournalError for a replacement that cannot be made.
        """
        pause = _POLL_SECONDS[0]
        while True:
            try:
                found = self._look()
                if found is not None or self._is_taken():
                    self._context.nonces.end(self._nonce, found)
                    return found
            except (Upstream, Malformed) as error:
                self._refusal = str(error)
            if self._context.clock() >= self._deadline:
                raise self._out_of_time()
            self._context.sleep(pause)
            pause = min(pause * 1.5, _POLL_SECONDS[1])

    def _look(self) -> Inclusion | None:
        """Return a final inclusion; send again or replace where nothing is included."""
        found = self._included()
        if found is None:
            if self._seen is not None:
                self._orphaned()
            self._push()
            return None
        self._taken_since = None
        if self._seen is None:
            self._deadline = self._context.clock() + self._context.waits.final
        self._seen = found
        return found if self._is_final(found.receipt) else None

    def _included(self) -> Inclusion | None:
        for attempt in reversed(self._context.nonces.attempts(self._nonce)):
            receipt = self._context.endpoints.receipt(attempt.signed.identity)
            if receipt is not None:
                return Inclusion(attempt, receipt)
        return None

    def _is_final(self, receipt: SeenReceipt) -> bool:
        finality = self._context.waits.finality
        return finality == LATEST or self._context.endpoints.height(finality) >= receipt.block

    def _is_taken(self) -> bool:
        """Tell whether the nonce has been used for a while though no endpoint has one of its transactions."""
        context = self._context
        used = context.endpoints.included(context.signer.address) > self._nonce
        if self._seen is not None or not used or self._is_known():
            self._taken_since = None
            return False
        if self._taken_since is None:
            self._taken_since = context.clock()
        return context.clock() - self._taken_since >= context.waits.lag

    def _orphaned(self) -> None:
        self._context.tell(f"the block with {self._newest} is no longer part of the chain: sending it again")
        self._seen = None
        self._deadline = self._context.clock() + self._context.waits.patience

    @property
    def _newest(self) -> Attempt:
        return self._context.nonces.attempts(self._nonce)[-1]

    def _push(self) -> None:
        """Send again what no endpoint knows, replace what is stuck. Nodes also drop what pays too little."""
        if not self._is_known():
            self._broadcast(self._newest)
        if self._is_stuck():
            self._replace()

    def _is_known(self) -> bool:
        attempts = self._context.nonces.attempts(self._nonce)
        return any(self._context.endpoints.knows(attempt.signed.identity) for attempt in attempts)

    def _broadcast(self, attempt: Attempt) -> None:
        try:
            self._context.endpoints.broadcast(attempt.signed.raw)
            self._refusal = ""
        except DipmpError as error:
            self._refusal = str(error)  # it may have been included meanwhile, which the next look shows

    def _is_stuck(self) -> bool:
        context, now = self._context, self._context.clock()
        if self._capped or self._taken_since is not None:
            return False
        if now - self._sent >= context.waits.stuck:
            return True
        if now - self._looked < _POLL_SECONDS[1]:
            return False
        self._looked = now
        return context.node.fees().base_fee > self._newest.signed.fees.max_fee

    def _replace(self) -> None:
        """Sign the same call with higher fees, within the limit; journal it, then send it."""
        context, old = self._context, self._newest
        room = self._limit - context.node.data_fee(old.signed.call)
        fees = context.node.fees().replacing(old.signed.fees, max(room, 0) // old.signed.gas)
        if fees is None:
            self._capped = True
            context.tell(f"{old} waits, and may not cost more than {self._allowed}: it is not replaced")
            return
        context.signer.unlock()
        attempt = Attempt(sign(context.signer, old.signed.with_fees(fees)), self._limit, old.what)
        context.nonces.add(attempt)
        self._sent = context.clock()
        self._broadcast(attempt)
        most = format_money(fees.max_fee * old.signed.gas, context.chain_id)
        context.tell(f"{old} is stuck: replaced by 0x{attempt.signed.identity.hex()}, which offers up to {most}")

    @property
    def _allowed(self) -> str:
        return format_money(self._limit, self._context.chain_id)

    def _out_of_time(self) -> TransactionError:
        newest, waits = self._newest, self._context.waits
        if self._seen is not None:
            return TransactionError(
                f"{newest} is included, but not {waits.finality} within {waits.final:.0f} s", hint=AGAIN
            )
        why = f" ({self._refusal})" if self._refusal else ""
        more = f"; with a higher --max-cost than {self._allowed} it is replaced" if self._capped else ""
        return TransactionError(
            f"{newest} was sent, but not included within {waits.patience:.0f} s{why}", hint=AGAIN + more
        )
