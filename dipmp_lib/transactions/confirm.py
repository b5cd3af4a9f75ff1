"""Following the transactions of one nonce until one of them is included for good: sent again when they were dropped or
their block was orphaned, replaced when they are stuck.

All that were ever signed for the nonce are watched, since the chain takes exactly one of them.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..errors import DipmpError, Malformed, TransactionError, Upstream
from ..ethereum.rpc import Rpc
from .endpoints import SeenReceipt, WriterEndpoints
from .fees import format_money
from .journal.journal import MemoryJournal
from .node import Node
from .nonces import Attempt, Inclusion, JournalPort, NonceBook
from .port import AGAIN, FINALITIES
from .signed import sign
from .signers import Signer

LATEST = FINALITIES[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Waits:
    """How long to wait, in seconds: for inclusion, in all; until a transaction that nobody includes counts as stuck;
    for an answer that contradicts what others say; for finality. `finality` is one of FINALITIES.
    """

    patience: float = 300.0
    stuck: float = 60.0
    lag: float = 15.0
    final: float = 3600.0
    finality: str = LATEST


@dataclass(frozen=True, slots=True, kw_only=True)
class SendContext:
    """What following a transaction takes. `tell` shows a sentence to a person; clocks are those of the time module."""

    node: Node
    network: WriterEndpoints
    signer: Signer
    ledger: NonceBook
    chain_id: int
    rules: Waits = Waits()
    tell: Callable[[str], None] = lambda _: None
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


Books = Callable[[int, bytes], JournalPort]
"""Opens the journal of an account on a chain (id), and locks it. Raises JournalError."""


def keep_nothing(_chain_id: int, _account: bytes) -> MemoryJournal:
    """Return a journal that ends with the process."""
    return MemoryJournal()


@dataclass(frozen=True, slots=True, kw_only=True)
class SendOptions:
    """How a writer sends. `endpoints` are the single ones of the chain, where there are several; all transactions of
    the writer together cost at most `max_cost` (wei), or with None what the last quote said.
    """

    endpoints: Sequence[Rpc] = ()
    books: Books = keep_nothing
    max_cost: int | None = None
    rules: Waits = Waits()
    tell: Callable[[str], None] = lambda _: None
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


_POLL_SECONDS = (0.1, 2.0)


class Confirmation:
    """Follows one nonce, for which at least one transaction was journaled. `limit` is the most that it may cost."""

    def __init__(self, post: SendContext, nonce: int, limit: int) -> None:
        self._post, self._nonce, self._limit = post, nonce, limit
        now = post.clock()
        self._sent = self._looked = now
        self._deadline = now + post.rules.patience
        self._taken_since: float | None = None
        self._seen: Inclusion | None = None
        self._capped = False
        self._refusal = ""

    def run(self) -> Inclusion | None:
        """Return what was included, and journal it; None when the nonce went to a transaction that is not ours.

        An endpoint that fails meanwhile is asked again. Raises TransactionError when time is over, SignerError and
        JournalError for a replacement that cannot be made.
        """
        pause = _POLL_SECONDS[0]
        while True:
            try:
                found = self._look()
                if found is not None or self._is_taken():
                    self._post.ledger.end(self._nonce, found)
                    return found
            except (Upstream, Malformed) as error:
                self._refusal = str(error)
            if self._post.clock() >= self._deadline:
                raise self._out_of_time()
            self._post.sleep(pause)
            pause = min(pause * 1.5, _POLL_SECONDS[1])

    def _look(self) -> Inclusion | None:
        """Return what is included and final; otherwise do what helps."""
        found = self._included()
        if found is None:
            if self._seen is not None:
                self._orphaned()
            self._push()
            return None
        self._taken_since = None
        if self._seen is None:
            self._deadline = self._post.clock() + self._post.rules.final
        self._seen = found
        return found if self._is_final(found.sighting) else None

    def _included(self) -> Inclusion | None:
        for attempt in reversed(self._post.ledger.attempts(self._nonce)):
            sighting = self._post.network.receipt(attempt.signed.identity)
            if sighting is not None:
                return Inclusion(attempt, sighting)
        return None

    def _is_final(self, sighting: SeenReceipt) -> bool:
        finality = self._post.rules.finality
        return finality == LATEST or self._post.network.height(finality) >= sighting.block

    def _is_taken(self) -> bool:
        """Tell whether the nonce is used, and was for a while, though none of ours has a receipt."""
        post = self._post
        used = post.network.included(post.signer.address) > self._nonce
        if self._seen is not None or not used or self._is_known():
            self._taken_since = None
            return False
        if self._taken_since is None:
            self._taken_since = post.clock()
        return post.clock() - self._taken_since >= post.rules.lag

    def _orphaned(self) -> None:
        self._post.tell(f"the block with {self._newest} is no longer part of the chain: sending it again")
        self._seen = None
        self._deadline = self._post.clock() + self._post.rules.patience

    @property
    def _newest(self) -> Attempt:
        return self._post.ledger.attempts(self._nonce)[-1]

    def _push(self) -> None:
        """Send again what nobody knows any more, replace what is stuck. Nodes also drop what pays too little."""
        if not self._is_known():
            self._broadcast(self._newest)
        if self._is_stuck():
            self._replace()

    def _is_known(self) -> bool:
        attempts = self._post.ledger.attempts(self._nonce)
        return any(self._post.network.knows(attempt.signed.identity) for attempt in attempts)

    def _broadcast(self, attempt: Attempt) -> None:
        try:
            self._post.network.broadcast(attempt.signed.raw)
            self._refusal = ""
        except DipmpError as error:
            self._refusal = str(error)  # it may have been included meanwhile: the next look tells

    def _is_stuck(self) -> bool:
        post, now = self._post, self._post.clock()
        if self._capped or self._taken_since is not None:
            return False
        if now - self._sent >= post.rules.stuck:
            return True
        if now - self._looked < _POLL_SECONDS[1]:
            return False
        self._looked = now
        return post.node.fees().base_fee > self._newest.signed.fees.max_fee

    def _replace(self) -> None:
        """Sign the same call again for more, as far as that is allowed; journal it, then send it."""
        post, old = self._post, self._newest
        room = self._limit - post.node.data_fee(old.signed.call)
        fees = post.node.fees().replacing(old.signed.fees, max(room, 0) // old.signed.gas)
        if fees is None:
            self._capped = True
            post.tell(f"{old} waits, and may not cost more than {self._allowed}: it is not replaced")
            return
        post.signer.unlock()
        attempt = Attempt(sign(post.signer, old.signed.with_fees(fees)), self._limit, old.what)
        post.ledger.sign(attempt)
        self._sent = post.clock()
        self._broadcast(attempt)
        most = format_money(fees.max_fee * old.signed.gas, post.chain_id)
        post.tell(f"{old} is stuck: replaced by 0x{attempt.signed.identity.hex()}, which offers up to {most}")

    @property
    def _allowed(self) -> str:
        return format_money(self._limit, self._post.chain_id)

    def _out_of_time(self) -> TransactionError:
        newest, rules = self._newest, self._post.rules
        if self._seen is not None:
            return TransactionError(
                f"{newest} is included, but not {rules.finality} within {rules.final:.0f} s", hint=AGAIN
            )
        why = f" ({self._refusal})" if self._refusal else ""
        more = f"; with a higher --max-cost than {self._allowed} it is replaced" if self._capped else ""
        return TransactionError(
            f"{newest} was sent, but not included within {rules.patience:.0f} s{why}", hint=AGAIN + more
        )
