"""The nonces of an account as its journal has them: the transactions signed for each, and the one that used it."""

import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

from ..errors import JournalError
from .endpoints import SeenReceipt
from .journal.journal import JournalPort
from .signed import Signed

_SIGNED, _ENDED, _REOPENED = "signed", "ended", "reopened"
FOREIGN = "another"


@dataclass(frozen=True, slots=True)
class Attempt:
    """A signed transaction. Its nonce may cost at most `limit` wei; `what` describes it in messages."""

    signed: Signed
    limit: int
    what: str

    def __str__(self) -> str:
        return f"the transaction 0x{self.signed.identity.hex()}"


@dataclass(frozen=True, slots=True)
class Inclusion:
    """An included attempt and its receipt."""

    attempt: Attempt
    receipt: SeenReceipt


class NonceBook:
    """Attempts and ends by nonce, read from a journal and added to it.

    Only records of the chain with this genesis hash (0x-hex) count, as development chains begin anew under the same
    chain id; "" stands for a hash that is not known. Raises JournalError for a record that cannot be read.
    """

    def __init__(self, journal: JournalPort, genesis: str) -> None:
        self._journal = journal
        self._genesis = genesis
        self._attempts: dict[int, list[Attempt]] = {}
        self._ended: dict[int, str] = {}
        for record in journal.records():
            if "" in {genesis, record.facts.get("genesis")} or record.facts.get("genesis") == genesis:
                self._learn(record.kind, record.facts)

    def _learn(self, kind: str, facts: Mapping[str, object]) -> None:
        try:
            nonce = int(str(facts["nonce"]))
            if kind == _SIGNED:
                signed = Signed.from_raw(bytes.fromhex(str(facts["raw"]).removeprefix("0x")))
                self._attempts.setdefault(nonce, []).append(
                    Attempt(signed, int(str(facts["limit"])), str(facts["what"]))
                )
            elif kind == _ENDED:
                self._ended[nonce] = str(facts["hash"])
            elif kind == _REOPENED:
                self._ended.pop(nonce, None)
        except (KeyError, ValueError):
            raise JournalError(f"the journal has a record of kind {kind!r} that cannot be read") from None

    @property
    def after(self) -> int:
        """The lowest nonce above all that were used."""
        return max(self._ended, default=-1) + 1

    def unfinished(self) -> list[int]:
        """Return the nonces with a signed transaction that are not known to be used, ascending."""
        return sorted(self._attempts.keys() - self._ended.keys())

    def attempts(self, nonce: int) -> tuple[Attempt, ...]:
        """Return the transactions signed for a nonce, oldest first."""
        return tuple(self._attempts.get(nonce, ()))

    def ended_since(self, nonce: int) -> list[tuple[int, Attempt]]:
        """Return the nonces from this one on that a transaction of the journal used, and that transaction."""
        found = []
        for each in sorted(each for each in self._ended if each >= nonce):
            winners = [one for one in self.attempts(each) if f"0x{one.signed.identity.hex()}" == self._ended[each]]
            found += [(each, winner) for winner in winners]
        return found

    def add(self, attempt: Attempt) -> None:
        """Record a transaction before it is sent. Raises JournalError, and then it must not be sent."""
        signed = attempt.signed
        self._record(
            _SIGNED,
            signed.nonce,
            hash=f"0x{signed.identity.hex()}",
            raw=f"0x{signed.raw.hex()}",
            limit=str(attempt.limit),
            what=attempt.what,
        )
        self._attempts.setdefault(signed.nonce, []).append(attempt)

    def end(self, nonce: int, found: Inclusion | None) -> None:
        """Record the inclusion that used a nonce, None for a foreign transaction.

        A full disk does not matter here: the transaction stays on chain, and the next run learns it again.
        """
        taken = f"0x{found.attempt.signed.identity.hex()}" if found else FOREIGN
        block = found.receipt.block if found else None
        succeeded = int(found.receipt.succeeded) if found else None
        with suppress(JournalError):
            self._record(_ENDED, nonce, hash=taken, block=block, succeeded=succeeded)
        self._ended[nonce] = taken

    def reopen(self, nonce: int) -> None:
        """Record that a nonce is unused again after a reorganisation."""
        self._record(_REOPENED, nonce)
        self._ended.pop(nonce, None)

    def _record(self, kind: str, nonce: int, **facts: str | int | None) -> None:
        self._journal.record(kind, nonce=nonce, genesis=self._genesis, time=int(time.time()), **facts)
