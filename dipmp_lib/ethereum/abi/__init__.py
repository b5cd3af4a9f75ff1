"""Compiled contracts, written by contract/build.py and loaded at first use, and the addresses that follow from them."""

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from ...keccak import keccak256


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """A compiled contract: ABI, code and compiler.

    `bytecode` creates it. `deployed_bytecode` is its code on chain, but with zeros for the addresses that are known
    only there: the implementation's own, and the implementation's in the factory.
    """

    abi: tuple[dict[str, Any], ...]
    bytecode: bytes
    deployed_bytecode: bytes
    compiler: str


def package_index() -> Contract:
    """Return the implementation of every registry, contract/src/PackageIndex.sol."""
    return _load("PackageIndex.json")


def package_index_factory() -> Contract:
    """Return the factory of registries, contract/src/PackageIndexFactory.sol."""
    return _load("PackageIndexFactory.json")


@cache
def _load(file: str) -> Contract:
    artifact = json.loads(files(__name__).joinpath(file).read_text("utf-8"))
    return Contract(
        abi=tuple(artifact["abi"]),
        bytecode=bytes.fromhex(artifact["bytecode"][2:]),
        deployed_bytecode=bytes.fromhex(artifact["deployedBytecode"][2:]),
        compiler=artifact["compiler"],
    )


DEPLOYER = bytes.fromhex("4e59b44847b379578588920ca78fbf26c0b4956c")
"""The CREATE2 deployer."""

DEPLOYER_CREATOR = bytes.fromhex("3fab184622dc19b6109349b94811493bf2a45362")
"""Sender of DEPLOYER_TRANSACTION. Its signature was made up (Nick's method), so no key exists."""

DEPLOYER_FUNDS = 10**16
"""Balance that DEPLOYER_CREATOR needs for it, in wei: 100,000 gas at 100 gwei."""

DEPLOYER_TRANSACTION = bytes.fromhex(
    "f8a58085174876e800830186a08080b853604580600e600039806000f350fe7f"
    "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0"
    "3601600081602082378035828234f58015156039578182fd5b80825250505060"
    "14600cf31ba022222222222222222222222222222222222222222222222222222"
    "22222222222a02222222222222222222222222222222222222222222222222222"
    "222222222222"
)
"""Signed transaction that deploys the deployer on a chain that does not have it yet (it predates EIP-155)."""

_SALT = bytes(32)


def factory_call_data() -> bytes:
    """Return the call data to DEPLOYER that deploys factory and implementation, once for each chain."""
    return _SALT + package_index_factory().bytecode


@cache
def factory_address() -> bytes:
    """Return the factory's address: CREATE2 by DEPLOYER (EIP-1014)."""
    return keccak256(b"\xff" + DEPLOYER + _SALT + keccak256(package_index_factory().bytecode))[12:]


@cache
def implementation_address() -> bytes:
    """Return the implementation's address: the first contract that the factory creates (nonce 1, EIP-161)."""
    return keccak256(b"\xd6\x94" + factory_address() + b"\x01")[12:]
