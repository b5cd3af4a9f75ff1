"""CREATE2 addresses of registries: those made by dipmp's factory are stock, and only its contract ever wrote to them.

A registry's address is the CREATE2 address of the factory, the implementation and the registry's arguments. Only the
factory can put code there, and the code that it puts there has no constructor. A code hash proves nothing: a
constructor can write storage and blobs first, and return stock code then. Pure, without web3.
Sources: EIP-1014 (CREATE2), EIP-1167 (proxies), contract/src/IPackageIndexFactory.sol.
"""

from dataclasses import dataclass

from ..keccak import keccak256
from .abi import factory_address, implementation_address

OPEN, CURATED = 0, 1
"""Modes: everyone may claim names, or the owner of the registry alone."""

_SALT = bytes(32)
_BEFORE = bytes.fromhex("363d3d373d3d3d363d73")
_AFTER = bytes.fromhex("5af43d82803e903d91602b57fd5bf3")
_ARGUMENTS = 20 + 20 + 1 + 32
_LENGTH = len(_BEFORE) + 20 + len(_AFTER) + _ARGUMENTS
_INIT = b"\x61" + _LENGTH.to_bytes(2, "big") + bytes.fromhex("3d81600a3d39f3")
_CREATE = keccak256(b"create(address,address,uint8,bytes32)")[:4]


@dataclass(frozen=True, slots=True, kw_only=True)
class StockArgs:
    """Immutable arguments of a registry: 20-byte addresses (guardian zero for none), mode, 32-byte salt."""

    owner: bytes
    guardian: bytes = bytes(20)
    mode: int = OPEN
    salt: bytes = bytes(32)

    def packed(self) -> bytes:
        """Return the arguments as they follow the registry's code: owner ‖ guardian ‖ mode ‖ salt."""
        return self.owner + self.guardian + self.mode.to_bytes(1, "big") + self.salt


def create2_address(creator: bytes, salt: bytes, initcode: bytes) -> bytes:
    """Return the address of the contract that `creator` makes with `initcode` (EIP-1014)."""
    return keccak256(b"\xff" + creator + salt + keccak256(initcode))[12:]


def registry_code(args: StockArgs) -> bytes:
    """Return the code of the registry with these arguments."""
    return _BEFORE + implementation_address() + _AFTER + args.packed()


def registry_address(args: StockArgs) -> bytes:
    """Return the address of the registry with these arguments, deployed or not."""
    return create2_address(factory_address(), _SALT, _INIT + registry_code(args))


def encode_create(args: StockArgs) -> bytes:
    """Return the call data with which the factory makes the registry."""
    return _CREATE + bytes(12) + args.owner + bytes(12) + args.guardian + args.mode.to_bytes(32, "big") + args.salt


def parse_code(code: bytes) -> StockArgs | None:
    """Return the arguments behind a registry's code; None for any other code. Proves nothing: see `is_stock`."""
    at = _LENGTH - _ARGUMENTS
    if len(code) != _LENGTH or code[:at] != _BEFORE + implementation_address() + _AFTER:
        return None
    owner, guardian, mode, salt = code[at : at + 20], code[at + 20 : at + 40], code[at + 40], code[at + 41 :]
    return StockArgs(owner=owner, guardian=guardian, mode=mode, salt=salt)


def is_stock(address: bytes, code: bytes) -> StockArgs | None:
    """Return the arguments of the stock registry at `address`, None where it is not one.

    The arguments are read from `code`, the account's code, and proven by the address alone, on chains whose CREATE2
    works as in EIP-1014.
    """
    args = parse_code(code)
    return args if args is not None and registry_address(args) == address else None
