"""The writing port: what transactions will cost and what came of them, as plain values."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from ..errors import CallRefused
from ..model.names import ProjectName
from .calls import Call

AGAIN = "run the same command again later: it looks first at what is on chain by then"
"""The hint of errors that leave open what is on chain."""

FINALITIES = ("latest", "safe", "finalized")
"""Block tags: a transaction is waited for until its block is at or below that one. The first is the default."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """What a sequence of calls takes: `gas` for each, wei per unit of gas at most, and what the account holds.

    `data_fee` is what all of them pay for their data besides gas, on rollups that charge for it, at most (wei).
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
        """The chain's id (EIP-155). Raises WrongChain, RegistryNotFound when nothing is at the registry's address."""
        ...

    def settle(self) -> bool:
        """Finish what an earlier run left unfinished; tell whether there was anything.

        Comes before anything is planned: what is on chain afterwards needs no second transaction. Holds the account
        from then on. Raises TransactionError, JournalError, SignerError, Upstream.
        """
        ...

    def close(self) -> None:
        """Let others send with the key."""
        ...

    def chain_time(self) -> int:
        """Return the time of the newest block (unix seconds)."""
        ...

    def quote(self, calls: Sequence[Call]) -> Quote:
        """Simulate what can be simulated, and price it. Raises TransactionError for a call that would fail."""
        ...

    def send(self, call: Call) -> Receipt:
        """Simulate, sign, journal, broadcast, and wait until the transaction is included and as final as wanted.

        Raises TransactionError, which says whether anything was broadcast; SignerError; JournalError; Upstream.
        """
        ...

    def claim_refusal(self, project: ProjectName) -> CallRefused | None:
        """Return why the registry would not let this key claim a free name, None where it would."""
        ...

    def publisher_until(self, project: ProjectName) -> int:
        """Return when this key's permission to publish ends or ended (unix seconds), 0 for never had one."""
        ...
