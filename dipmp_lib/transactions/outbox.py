"""One account's way to the chain: its lock and journal, its nonces, and what an earlier run left unfinished.

The rule that makes stopping safe: no nonce is used while an earlier one is open, and what was signed for a nonce is
written down before it is sent. So a nonce may be given to something else, and still the chain takes one of them only.
"""

from collections.abc import Mapping
from typing import Any

from ..errors import DipmpError, Reverted, TransactionError
from ..model.names import checksum_address
from .confirm import Confirmation, SendContext
from .nonces import Attempt, Inclusion
from .port import AGAIN
from .signed import sign


class Outbox:
    """Sends the transactions of one account, one at a time. `post.ledger` is that of the account's open journal."""

    def __init__(self, post: SendContext, *, max_cost: int | None = None) -> None:
        self._post = post
        self._max_cost = max_cost
        self._account = post.signer.address

    def settle(self) -> bool:
        """Bring what was left unfinished to its end; tell whether there was anything.

        The same bytes are sent again where nobody knows them any more, unless they would fail by now; their nonce is
        then free for what comes next. Raises TransactionError, SignerError, JournalError, Upstream, MalformedAnswer.
        """
        self._reopen_lost()
        unfinished = self._post.ledger.unfinished()
        for nonce in unfinished:
            if not self._finish(nonce):
                break
        return bool(unfinished)

    def _reopen_lost(self) -> None:
        """Open again what was included, and is not any more: the chain was reorganised."""
        network, ledger = self._post.network, self._post.ledger
        for nonce, winner in ledger.ended_since(network.included(self._account)):
            if network.receipt(winner.signed.identity) is None:
                self._post.tell(f"{winner} is no longer on chain ({winner.what})")
                ledger.reopen(nonce)

    def _finish(self, nonce: int) -> bool:
        """Tell whether the nonce is used by the end."""
        newest = self._post.ledger.attempts(nonce)[-1]
        if self._is_unheard_of(nonce) and not self._revive(newest):
            return False
        self._post.tell(f"going on with {newest} ({newest.what})")
        found = self._pursue(nonce, newest.limit if self._max_cost is None else self._max_cost)
        if found is None:
            self._post.tell(f"{newest} will never be included: its nonce {nonce} was used by another one")
        elif not found.sighting.succeeded:
            self._post.tell(f"{found.attempt} was included, and failed ({newest.what})")
        return True

    def _is_unheard_of(self, nonce: int) -> bool:
        network = self._post.network
        if network.included(self._account) > nonce:
            return False
        return not any(network.knows(each.signed.identity) for each in self._post.ledger.attempts(nonce))

    def _revive(self, attempt: Attempt) -> bool:
        """Send a journaled transaction (again); tell whether that was worth it."""
        post = self._post
        try:
            post.node.simulate(attempt.signed.call)
        except Reverted:
            post.tell(f"{attempt} was never included, and would fail by now ({attempt.what}): it is not sent")
            return False
        try:
            post.network.broadcast(attempt.signed.raw)
        except DipmpError as error:
            if not self._knows(attempt):
                post.tell(f"{attempt} is not accepted any more ({attempt.what}): {error}")
                return False
        return True

    def next_nonce(self) -> int:
        """Return the nonce for the next transaction. Raises TransactionError where others wait that are not ours."""
        network, ledger = self._post.network, self._post.ledger
        nonce = max(network.included(self._account), ledger.after)
        waiting = network.waiting(self._account)
        if waiting > nonce:
            some = f"nonce {nonce}" if waiting == nonce + 1 else f"nonces {nonce} to {waiting - 1}"
            raise TransactionError(
                f"{checksum_address(self._account)} has transactions waiting that were not sent from here ({some}); "
                "nothing was sent",
                hint="wait until they are included, or cancel them with the program that sent them",
            )
        return nonce

    def dispatch(self, transaction: Mapping[str, Any], what: str, limit: int) -> Inclusion:
        """Sign, journal and send an unsigned transaction that lacks its nonce; return what came of it.

        Raises SignerError and JournalError before anything is sent; TransactionError.
        """
        post, nonce = self._post, self.next_nonce()
        attempt = Attempt(sign(post.signer, {**transaction, "nonce": nonce}), limit, what)
        post.ledger.sign(attempt)
        try:
            post.network.broadcast(attempt.signed.raw)
        except DipmpError as error:
            # An endpoint that failed may have passed it on: only the network knows.
            if not self._knows(attempt):
                raise TransactionError(f"{attempt} was not accepted: {error}", hint=error.hint or AGAIN) from error
        found = self._pursue(nonce, limit)
        if found is None or found.attempt.signed.call != attempt.signed.call:
            raise TransactionError(
                f"{attempt} will never be included: its nonce {nonce} was used by another one of "
                f"{checksum_address(self._account)}",
                hint=f"use the key in one place at a time; {AGAIN}",
            )
        return found

    def _pursue(self, nonce: int, limit: int) -> Inclusion | None:
        try:
            return Confirmation(self._post, nonce, limit).run()
        except KeyboardInterrupt:
            newest = self._post.ledger.attempts(nonce)[-1]
            raise TransactionError(
                f"stopped after {newest} was sent: it may still be included",
                hint="run the same command again: it goes on with this transaction",
            ) from None

    def _knows(self, attempt: Attempt) -> bool:
        try:
            return self._post.network.knows(attempt.signed.identity)
        except DipmpError:
            return False
