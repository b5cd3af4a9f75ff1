"""The embedded chain: py-evm under Prague rules, with a block for every transaction.

A block has at most one transaction and a later time than its parent, and is committed as a whole (statedb.py). `head`
is always a committed block, so readers start from it and need no lock.
"""

import secrets
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from eth.chains.base import MiningChain
from eth.db.account import AccountDB
from eth.exceptions import HeaderNotFound, TransactionNotFound
from eth.vm.forks.prague import PragueVM
from eth.vm.forks.prague.state import PragueState
from eth_typing import Hash32
from eth_utils.exceptions import ValidationError

from ...errors import InvalidInput, RpcError
from .pyevm import Block, Chain, Header, Receipt, State, Transaction
from .statedb import StateDB
from .transactions import check, decode


class _Accounts(AccountDB):
    def _get_accessed_node_hashes(self) -> set[Hash32]:
        return set()


class _State(PragueState):
    account_db_class = _Accounts


class DevVM(PragueVM):
    """PragueVM without the record of accessed trie nodes; blocks, receipts and state roots are the same."""

    _state_class = _State


DEV_CHAIN_ID = 1337
BLOCK_GAS = 45_000_000
_CHAIN_ID_KEY = b"dipmp:chain-id"
_OFFSET_KEY = b"dipmp:time-offset"


@dataclass(frozen=True, slots=True)
class Mined:
    """A transaction with the block that holds it and its receipt."""

    transaction: Transaction
    receipt: Receipt
    header: Header


class Evm:
    """The chain in the database at `path`, None for memory. `alloc` (address -> wei) is that of a new chain's genesis.

    `clock` gives unix seconds. Raises InvalidInput where the database belongs to another chain id.
    """

    def __init__(
        self,
        path: Path | None = None,
        *,
        chain_id: int = DEV_CHAIN_ID,
        alloc: Mapping[bytes, int] | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.chain_id = chain_id
        self.db = StateDB(path)
        self._clock = clock
        self._sealing = threading.Lock()
        stored = int.from_bytes(self.db.get(_CHAIN_ID_KEY, b""))
        if not stored:
            self._create(alloc or {})
        elif stored != chain_id:
            self.db.close()
            raise InvalidInput(f"{path} holds chain id {stored}, not {chain_id}", hint="use another state directory")
        self._chain: Chain = self._chain_class()(self.db)
        self.head: Header = self._chain.get_canonical_head()

    def _chain_class(self) -> Chain:
        return MiningChain.configure("DevChain", chain_id=self.chain_id, vm_configuration=((0, DevVM),))

    def _create(self, alloc: Mapping[bytes, int]) -> None:
        accounts = {a: {"balance": wei, "nonce": 0, "code": b"", "storage": {}} for a, wei in alloc.items()}
        genesis = {"gas_limit": BLOCK_GAS, "difficulty": 0, "timestamp": int(self._clock())}
        with self.db.transaction():
            self._chain_class().from_genesis(self.db, genesis, accounts)
            self.db[_CHAIN_ID_KEY] = self.chain_id.to_bytes(8)

    def close(self) -> None:
        """Wait for a block that is being sealed, then close the database."""
        with self._sealing:
            self.db.close()

    # --- time -------------------------------------------------------------------------------------------------------

    def increase_time(self, seconds: int) -> int:
        """Shift the time of all later blocks; return the whole shift in seconds."""
        with self._sealing:
            total = int.from_bytes(self.db.get(_OFFSET_KEY, b"")) + seconds
            self.db[_OFFSET_KEY] = total.to_bytes(8)
        return total

    def next_header(self, timestamp: int | None = None) -> Header:
        """Return the unsealed header of the next block, at the clock's time but after `head`'s."""
        head = self.head
        now = int(self._clock()) + int.from_bytes(self.db.get(_OFFSET_KEY, b""))
        return self._chain.create_header_from_parent(
            head,
            timestamp=max(timestamp or now, head.timestamp + 1),
            gas_limit=BLOCK_GAS,
            mix_hash=secrets.token_bytes(32),
        )

    # --- writing ----------------------------------------------------------------------------------------------------

    def send(self, raw: bytes) -> bytes:
        """Check a signed transaction, seal a block with it, and return its hash. Raises RpcError."""
        transaction = decode(raw)
        with self._sealing:
            header = self.next_header()
            check(transaction, self.state_at(self.head), header, self.chain_id)
            self._seal([transaction], header)
        return bytes(transaction.hash)

    def mine(self, timestamp: int | None = None) -> None:
        """Seal an empty block."""
        with self._sealing:
            self._seal([], self.next_header(timestamp))

    def _seal(self, transactions: list[Transaction], header: Header) -> None:
        with self.db.transaction():
            self._chain.header = header
            try:
                result, _, _ = self._chain.mine_all(transactions)
            except ValidationError as error:
                raise RpcError(f"invalid transaction: {error}", code=-32000) from error
        self.head = result.imported_block.header

    # --- reading ----------------------------------------------------------------------------------------------------

    def state_at(self, header: Header) -> State:
        """Return a private, writable state after `header`; code in it runs at that block's time and number."""
        return self._chain.get_vm(header).state

    def header(self, number: int) -> Header | None:
        """Return the header of block `number`, or None past the head."""
        if number > self.head.block_number:
            return None
        return self._chain.get_canonical_block_header_by_number(number)

    def header_by_hash(self, block_hash: bytes) -> Header | None:
        """Return the header with `block_hash`, or None."""
        try:
            header = self._chain.get_block_header_by_hash(block_hash)
        except HeaderNotFound:
            return None
        return header if header.block_number <= self.head.block_number else None

    def block(self, header: Header) -> Block:
        """Return the block of `header`."""
        return self._chain.get_block_by_header(header)

    def mined(self, transaction_hash: bytes) -> Mined | None:
        """Return the transaction with `transaction_hash`, or None."""
        try:
            number, _ = self._chain.get_canonical_transaction_index(transaction_hash)
        except TransactionNotFound:
            return None
        header = self.header(number)
        return header and self.mined_in(header)

    def mined_in(self, header: Header) -> Mined | None:
        """Return the one transaction of a block, or None for an empty block."""
        for transaction in self.block(header).transactions:
            receipt = self._chain.get_transaction_receipt_by_index(header.block_number, 0)
            return Mined(transaction, receipt, header)
        return None

    def headers(self, first: int, last: int) -> Iterator[Header]:
        """Yield headers from `first` to `last`, both included, as far as they exist."""
        for number in range(first, min(last, self.head.block_number) + 1):
            yield self._chain.get_canonical_block_header_by_number(number)
