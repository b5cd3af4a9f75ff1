"""A registry's address on a chain, and the question that is put to it."""

from dataclasses import dataclass

from ..errors import MalformedLog, Reverted
from ..evm_abi import ReadAnswer, decode_read, encode_read
from ..names import RegistryAddress
from ..rpc import GAS, Block, Rpc, eth_call
from .chain import Chain


class NoRegistryError(Exception):
    """An endpoint's answer is not one that a registry gives; the text says how."""


@dataclass(frozen=True, slots=True)
class Place:
    """A registry's address and the chain that it is on."""

    registry: RegistryAddress
    chain: Chain
    block: Block

    def read(self, rpc: Rpc, name: str, known: int, start: int, max_bytes: int, *, gas: int = GAS) -> ReadAnswer:
        """Call `read`. Raises NoRegistryError, and what asking raises."""
        call = encode_read(name, known, start, max_bytes)
        try:
            returned = eth_call(rpc, self.registry.address, call, block=self.block, gas=gas)
        except Reverted:
            raise NoRegistryError("the contract there refuses to be read") from None
        if not returned:
            raise NoRegistryError("no contract there answers")
        try:
            return decode_read(returned)
        except MalformedLog as error:
            raise NoRegistryError(str(error)) from None
