"""Inspection of a registry's contract through an endpoint: stock or not, owner, guardian and mode."""

from dataclasses import dataclass

from ..errors import MalformedAnswer, RegistryNotFound, Reverted
from ..ethereum.create2 import StockArgs, is_stock, parse_code, registry_address
from ..ethereum.rpc import Block, Rpc, eth_call, eth_get_code
from ..keccak import keccak256
from ..model.names import RegistryAddress, checksum_address


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryInfo:
    """A registry's contract as it is now.

    `stock` holds the arguments that its address commits to, None for another contract, whose own answers prove nothing;
    `verdict` is a clause that gives the reason. `owner` and `guardian` are 20-byte addresses, zero where there is none;
    they and `mode` are None where the contract does not answer.
    """

    stock: StockArgs | None
    verdict: str
    owner: bytes | None
    guardian: bytes | None
    mode: int | None


def inspect_registry(rpc: Rpc, registry: RegistryAddress, *, block: Block = "latest") -> RegistryInfo:
    """Ask for the contract's code and answers. Raises RegistryNotFound without code, RpcError, MalformedAnswer."""
    address = registry.address
    code = eth_get_code(rpc, address, block=block)
    if not code:
        raise RegistryNotFound(
            f"there is no contract at {registry.checksummed}",
            hint="check the address of the registry, and that the RPC URL is one of its chain",
        )
    owner, guardian, mode = (_ask(rpc, address, name, block) for name in ("registryOwner", "guardian", "mode"))
    return RegistryInfo(
        stock=is_stock(address, code),
        verdict=_verdict(address, code),
        owner=_address(owner),
        guardian=_address(guardian),
        mode=mode if mode is not None and mode < 256 else None,
    )


def _verdict(address: bytes, code: bytes) -> str:
    if is_stock(address, code):
        return "its address is the one that the factory gives to a registry with these arguments"
    args = parse_code(code)
    if args is None:
        return "its code is not that of dipmp's registries"
    derived = checksum_address(registry_address(args))
    return f"it has their code, but the factory puts a registry with its arguments at {derived}: its past may be forged"


def _ask(rpc: Rpc, address: bytes, function: str, block: Block) -> int | None:
    try:
        answer = eth_call(rpc, address, keccak256(f"{function}()".encode())[:4], block=block)
    except (Reverted, MalformedAnswer):
        return None
    return int.from_bytes(answer) if len(answer) == 32 else None


def _address(word: int | None) -> bytes | None:
    return word.to_bytes(20, "big") if word is not None and word < 1 << 160 else None
