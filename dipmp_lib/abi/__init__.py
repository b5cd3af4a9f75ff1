"""The compiled contracts, written by contract/build.py. Nothing is read before it is asked for."""

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """A contract as its compiler left it.

    `bytecode` creates it. `deployed_bytecode` is what then lies on chain, except that addresses which are known only
    then (the implementation's own, and in the factory the implementation's) are zeros here.
    """

    abi: tuple[dict[str, Any], ...]
    bytecode: bytes
    deployed_bytecode: bytes
    compiler: str


def package_index() -> Contract:
    """Return the code behind every registry, contract/src/PackageIndex.sol."""
    return _load("PackageIndex.json")


def package_index_factory() -> Contract:
    """Return what makes registries, contract/src/PackageIndexFactory.sol."""
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
