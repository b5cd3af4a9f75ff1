"""Names for py-evm's values.

They are not checked as types: py-evm declares fields Optional that every Prague value has, leaves out those that came
with later forks, and uses NewTypes for the bytes and integers that arrive here from JSON.
"""

from typing import Any, TypeAlias

Header: TypeAlias = Any
"""eth.vm.forks.prague.blocks.PragueBlockHeader."""
Block: TypeAlias = Any
"""eth.vm.forks.prague.blocks.PragueBlock."""
Transaction: TypeAlias = Any
"""A signed transaction of any type that Prague has, with py-evm's `sender` and `hash`."""
Receipt: TypeAlias = Any
Log: TypeAlias = Any
State: TypeAlias = Any
"""eth.vm.forks.prague.state.PragueState."""
Computation: TypeAlias = Any
Chain: TypeAlias = Any
"""eth.chains.base.MiningChain."""
Trie: TypeAlias = Any
"""trie.hexary.HexaryTrie."""
