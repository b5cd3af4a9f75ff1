"""The writing port: quotes, receipts and the operations of a writer, as plain values."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from ..errors import CallRefused
from ..model.names import ProjectName
from .calls import Call

AGAIN = "run the same command again later: it looks first at what is on chain by then"
"""Hint of errors after which it is open what is on chain."""

FINALITIES = ("latest", "safe", "finalized")
"""Block tags. A transaction is final once its block is at or below the tagged one; the first is the default."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """The price of a sequence of calls: `gas` limits, `max_fee` per gas and the account's `balance`, both in wei.

    `data_fee` is the most that all of them pay for their data besides gas (wei), on rollups that charge for it.
    """

    gas: tuple[int, ...]
    max_fee: int
    balance: int
    data_fee: int = 0

    @property
    def cost(self) -> int:
        """The most that all calls together can cost, in wei."""
        return sum(self.gas) * self.max_fee + self.data_fee


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """An included transaction: its hash, its block's number, the gas it used and its whole cost in wei."""

    transaction: bytes
    block: int
    gas_used: int
    cost: int


class Writer(Protocol):
    """Writes to one registry, with one key."""

    @property
    def chain_id(self) -> int:
        """The chain's id (EIP-155). Raises WrongChain, RegistryNotFound where it has no contract there."""
        ...

    def settle(self) -> bool:
        """Finish the transactions that an earlier run left open; tell whether there were any.

        Comes before planning, since what is on chain by then needs no second transaction. Takes the account's lock.
        Raises TransactionError, JournalError, SignerError, Upstream.
        """
        ...

    def close(self) -> None:
        """Release the account's lock."""
        ...

    def chain_time(self) -> int:
        """Return the time of the newest block (unix seconds)."""
        ...

    def quote(self, calls: Sequence[Call]) -> Quote:
        """Simulate what can be simulated, and price it. Raises TransactionError for a call that would fail."""
        ...

    def send(self, call: Call) -> Receipt:
        """Simulate, sign, journal and broadcast a call, and wait until it is included and as final as wanted.

        Raises TransactionError, which says whether anything was broadcast; SignerError; JournalError; Upstream.
        """
        ...

    def claim_refusal(self, project: ProjectName) -> CallRefused | None:
        """Return why the registry would refuse this key a free name, None where it would not."""
        ...

    def publisher_until(self, project: ProjectName) -> int:
        """Return when this key's permission to publish ends or ended (unix seconds), 0 where it never had one."""
        ...
