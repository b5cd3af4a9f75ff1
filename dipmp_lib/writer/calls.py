"""What can be asked of the contract, what it will cost and what came of it: plain values, and the writing port."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, Self

from ..names import ProjectName

AGAIN = "run the same command again later: what is published by then is skipped"
"""The hint of errors that leave open what is on chain."""

_APPEND_GAS = 85_000
_CLAIM_GAS = 120_000
_BYTE_GAS = 235
"""Upper ends of what the contract takes: a fixed part, and per payload byte its calldata, hashing and storage."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the registry contract: a function's name and its arguments in order."""

    function: str
    project: ProjectName
    arguments: tuple[str | int | bytes, ...]

    @classmethod
    def claim(cls, project: ProjectName, owner: bytes, release: bytes) -> Self:
        """Take a free name for `owner` and append a first RELEASE payload to it."""
        return cls("claim", project, (project, owner, release))

    @classmethod
    def append(cls, project: ProjectName, kind: int, payload: bytes) -> Self:
        """Append one entry to a project's log."""
        return cls("append", project, (project, kind, payload))

    @property
    def rough_gas(self) -> int:
        """Gas by rule of thumb, for a call that cannot be simulated yet because it builds on another."""
        payload = self.arguments[-1]
        size = len(payload) if isinstance(payload, bytes) else 0
        return _APPEND_GAS + _BYTE_GAS * size + (_CLAIM_GAS if self.function == "claim" else 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """What a sequence of calls takes: `gas` for each, wei per unit of gas at most, and what the account holds."""

    gas: tuple[int, ...]
    max_fee: int
    balance: int

    @property
    def cost(self) -> int:
        """The most that all calls together can cost, in wei."""
        return sum(self.gas) * self.max_fee


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """An included transaction: its hash, its block's number, the gas it used and its whole cost in wei."""

    transaction: bytes
    block: int
    gas_used: int
    cost: int


class Writer(Protocol):
    """Writes to one registry, with one key."""

    def quote(self, calls: Sequence[Call]) -> Quote:
        """Simulate what can be simulated, and price it. Raises TransactionError for a call that would fail."""
        ...

    def send(self, call: Call) -> Receipt:
        """Simulate, sign, broadcast, and wait until the transaction is included.

        Raises TransactionError, which says whether anything was broadcast; SignerError; Upstream.
        """
        ...

    def publisher_until(self, project: ProjectName) -> int:
        """Return when this key's permission to publish ends or ended (unix seconds), 0 for never had one."""
        ...
