"""Outbox of one account: settles the transactions that an earlier run left open, and sends new ones, one at a time.

Stopping is safe at any moment because of one rule: no nonce is used while an earlier one is open, and a transaction is
in the journal before it is sent. A nonce may be used for another transaction then, as the chain takes only one of them.
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
    """Sends the transactions of one account. `context.nonces` are those of the account's open journal."""

    def __init__(self, context: SendContext, *, max_cost: int | None = None) -> None:
        self._context = context
        self._max_cost = max_cost
        self._account = context.signer.address

    def settle(self) -> bool:
        """Bring open transactions to their end; tell whether there were any.

        A transaction that no endpoint knows is sent again, unless it would fail by now; its nonce is then free for the
        next one. Raises TransactionError, SignerError, JournalError, Upstream, MalformedAnswer.
        """
        self._reopen_lost()
        unfinished = self._context.nonces.unfinished()
        for nonce in unfinished:
            if not self._finish(nonce):
                break
        return bool(unfinished)

    def _reopen_lost(self) -> None:
        """Open again the nonces whose transactions a reorganisation took off the chain."""
        endpoints, nonces = self._context.endpoints, self._context.nonces
        for nonce, winner in nonces.ended_since(endpoints.included(self._account)):
            if endpoints.receipt(winner.signed.identity) is None:
                self._context.tell(f"{winner} is no longer on chain ({winner.what})")
                nonces.reopen(nonce)

    def _finish(self, nonce: int) -> bool:
        """Follow an open nonce; tell whether it is used now."""
        newest = self._context.nonces.attempts(nonce)[-1]
        if self._is_unknown(nonce) and not self._revive(newest):
            return False
        self._context.tell(f"going on with {newest} ({newest.what})")
        found = self._confirm(nonce, newest.limit if self._max_cost is None else self._max_cost)
        if found is None:
            self._context.tell(f"{newest} will never be included: its nonce {nonce} was used by another one")
        elif not found.receipt.succeeded:
            self._context.tell(f"{found.attempt} was included, and failed ({newest.what})")
        return True

    def _is_unknown(self, nonce: int) -> bool:
        endpoints = self._context.endpoints
        if endpoints.included(self._account) > nonce:
            return False
        return not any(endpoints.knows(each.signed.identity) for each in self._context.nonces.attempts(nonce))

    def _revive(self, attempt: Attempt) -> bool:
        """Send a journaled transaction again; tell whether the network has it now."""
        context = self._context
        try:
            context.node.simulate(attempt.signed.call)
        except Reverted:
            context.tell(f"{attempt} was never included, and would fail by now ({attempt.what}): it is not sent")
            return False
        try:
            context.endpoints.broadcast(attempt.signed.raw)
        except DipmpError as error:
            if not self._knows(attempt):
                context.tell(f"{attempt} is not accepted any more ({attempt.what}): {error}")
                return False
        return True

    def next_nonce(self) -> int:
        """Return the nonce for the next transaction. Raises TransactionError where foreign transactions wait."""
        endpoints, nonces = self._context.endpoints, self._context.nonces
        nonce = max(endpoints.included(self._account), nonces.after)
        waiting = endpoints.waiting(self._account)
        if waiting > nonce:
            some = f"nonce {nonce}" if waiting == nonce + 1 else f"nonces {nonce} to {waiting - 1}"
            raise TransactionError(
                f"{checksum_address(self._account)} has transactions waiting that were not sent from here ({some}); "
                "nothing was sent",
                hint="wait until they are included, or cancel them with the program that sent them",
            )
        return nonce

    def dispatch(self, transaction: Mapping[str, Any], what: str, limit: int) -> Inclusion:
        """Sign, journal and send an unsigned transaction without nonce; return its inclusion.

        Raises SignerError and JournalError before anything is sent; TransactionError.
        """
        context, nonce = self._context, self.next_nonce()
        attempt = Attempt(sign(context.signer, {**transaction, "nonce": nonce}), limit, what)
        context.nonces.add(attempt)
        try:
            context.endpoints.broadcast(attempt.signed.raw)
        except DipmpError as error:
            # An endpoint that failed may have passed it on.
            if not self._knows(attempt):
                raise TransactionError(f"{attempt} was not accepted: {error}", hint=error.hint or AGAIN) from error
        found = self._confirm(nonce, limit)
        if found is None or found.attempt.signed.call != attempt.signed.call:
            raise TransactionError(
                f"{attempt} will never be included: its nonce {nonce} was used by another one of "
                f"{checksum_address(self._account)}",
                hint=f"use the key in one place at a time; {AGAIN}",
            )
        return found

    def _confirm(self, nonce: int, limit: int) -> Inclusion | None:
        try:
            return Confirmation(self._context, nonce, limit).run()
        except KeyboardInterrupt:
            newest = self._context.nonces.attempts(nonce)[-1]
            raise TransactionError(
                f"stopped after {newest} was sent: it may still be included",
                hint="run the same command again: it goes on with this transaction",
            ) from None

    def _knows(self, attempt: Attempt) -> bool:
        try:
            return self._context.endpoints.knows(attempt.signed.identity)
        except DipmpError:
            return False
