"""The compiled contract, written by contract/build.py. Nothing is read before it is asked for."""

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """A contract as its compiler left it: `bytecode` creates it, `deployed_bytecode` is what then lies on chain."""

    abi: tuple[dict[str, Any], ...]
    bytecode: bytes
    deployed_bytecode: bytes
    compiler: str


@cache
def package_index() -> Contract:
    """Return the registry contract, contract/src/PackageIndex.sol."""
    artifact = json.loads(files(__name__).joinpath("PackageIndex.json").read_text("utf-8"))
    return Contract(
        abi=tuple(artifact["abi"]),
        bytecode=bytes.fromhex(artifact["bytecode"][2:]),
        deployed_bytecode=bytes.fromhex(artifact["deployedBytecode"][2:]),
        compiler=artifact["compiler"],
    )
