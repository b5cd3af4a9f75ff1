"""What the journal says about an account's nonces: what was signed for each, and how it ended."""

import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

from ..errors import JournalError
from .endpoints import SeenReceipt
from .journal.journal import Record
from .signed import Signed, take_apart

_SIGNED, _ENDED, _REOPENED = "signed", "ended", "reopened"
FOREIGN = "another"


class JournalPort(Protocol):
    """Where records are kept (dipmp_lib.journal)."""

    def record(self, kind: str, /, **facts: str | int | None) -> None:
        """Add one record; it is on disk when this returns. Raises JournalError."""
        ...

    def records(self) -> tuple[Record, ...]:
        """Return all records, oldest first."""
        ...

    def close(self) -> None:
        """Let others have the account."""
        ...


@dataclass(frozen=True, slots=True)
class Attempt:
    """A signed transaction, the most that its nonce may cost in wei, and what it does, for messages."""

    signed: Signed
    limit: int
    what: str

    def __str__(self) -> str:
        return f"the transaction 0x{self.signed.identity.hex()}"


@dataclass(frozen=True, slots=True)
class Inclusion:
    """The attempt that was included, and its receipt."""

    attempt: Attempt
    sighting: SeenReceipt


class NonceBook:
    """Reads and adds to a journal; only what was written on the chain that begins with `genesis` counts.

    Development chains begin anew under the same chain id; "" stands for a beginning that is not known.
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
                signed = take_apart(bytes.fromhex(str(facts["raw"]).removeprefix("0x")))
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
        """The nonce after all that ended."""
        return max(self._ended, default=-1) + 1

    def unfinished(self) -> list[int]:
        """Return the nonces for which something was signed and whose end is not known."""
        return sorted(self._attempts.keys() - self._ended.keys())

    def attempts(self, nonce: int) -> tuple[Attempt, ...]:
        """Return what was signed for a nonce, oldest first."""
        return tuple(self._attempts.get(nonce, ()))

    def ended_since(self, nonce: int) -> list[tuple[int, Attempt]]:
        """Return the nonces from this one on that ended with a transaction of ours, and that transaction."""
        found = []
        for each in sorted(each for each in self._ended if each >= nonce):
            winners = [one for one in self.attempts(each) if f"0x{one.signed.identity.hex()}" == self._ended[each]]
            found += [(each, winner) for winner in winners]
        return found

    def sign(self, attempt: Attempt) -> None:
        """Write a transaction down, before it is sent. Raises JournalError, and then it must not be sent."""
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
        """Write down what took a nonce, None for a transaction that is not ours.

        A full disk does not matter here: what is on chain stays there, and the next run learns it again.
        """
        taken = f"0x{found.attempt.signed.identity.hex()}" if found else FOREIGN
        block = found.sighting.block if found else None
        succeeded = int(found.sighting.succeeded) if found else None
        with suppress(JournalError):
            self._record(_ENDED, nonce, hash=taken, block=block, succeeded=succeeded)
        self._ended[nonce] = taken

    def reopen(self, nonce: int) -> None:
        """Write down that the chain has lost what took a nonce."""
        self._record(_REOPENED, nonce)
        self._ended.pop(nonce, None)

    def _record(self, kind: str, nonce: int, **facts: str | int | None) -> None:
        self._journal.record(kind, nonce=nonce, genesis=self._genesis, time=int(time.time()), **facts)
