"""How the transactions of one account are sent: the means, and how long to wait for what."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..journal.memory import MemoryJournal
from ..rpc import Rpc
from ..signers import Signer
from .ledger import JournalPort, Ledger
from .network import Network
from .node import Node
from .port import FINALITIES

LATEST = FINALITIES[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """How long to wait, in seconds: for inclusion, in all; until a transaction that nobody includes counts as stuck;
    for an answer that contradicts what others say; for finality. `finality` is one of FINALITIES.
    """

    patience: float = 300.0
    stuck: float = 60.0
    lag: float = 15.0
    final: float = 3600.0
    finality: str = LATEST


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """What following a transaction takes. `tell` shows a sentence to a person; clocks are those of the time module."""

    node: Node
    network: Network
    signer: Signer
    ledger: Ledger
    chain_id: int
    rules: Rules = Rules()
    tell: Callable[[str], None] = lambda _: None
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


Books = Callable[[int, bytes], JournalPort]
"""Opens the journal of an account on a chain (id), and locks it. Raises JournalError."""


def keep_nothing(_chain_id: int, _account: bytes) -> MemoryJournal:
    """Return a journal that ends with the process."""
    return MemoryJournal()


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How a writer sends. `endpoints` are the single ones of the chain, where there are several; all transactions of
    the writer together cost at most `max_cost` (wei), or with None what the last quote said.
    """

    endpoints: Sequence[Rpc] = ()
    books: Books = keep_nothing
    max_cost: int | None = None
    rules: Rules = Rules()
    tell: Callable[[str], None] = lambda _: None
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
