"""Prague rules without py-evm's bookkeeping for block witnesses, which nothing here asks for.

Its cost grows with the square of the contracts that one call reads; a registry keeps every entry in a contract, and
reading 2,000 of them in one call takes two thirds of the time without it.
"""

from eth.db.account import AccountDB
from eth.vm.forks.prague import PragueVM
from eth.vm.forks.prague.state import PragueState
from eth_typing import Hash32


class _Accounts(AccountDB):
    def _get_accessed_node_hashes(self) -> set[Hash32]:
        return set()


class _State(PragueState):
    account_db_class = _Accounts


class DevVM(PragueVM):
    """PragueVM; the same blocks, receipts and state roots."""

    _state_class = _State
