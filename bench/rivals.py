"""The other layouts of bench.gas: contracts in bench/layouts, and the calls that list a release."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eth_abi.abi import encode
from eth_utils.abi import collapse_if_tuple, function_abi_to_4byte_selector

from bench.releases import Case
from contract.build import compile_contracts
from dipmp_lib.ipfs.cid import file_cid
from dipmp_lib.log.entries import FileRecord, Release
from tests.contract.backends import AnvilBackend, RevertError

SOURCES = Path(__file__).with_name("layouts")
TX_CAP = 16_777_216
"""Gas limit of a transaction (EIP-7825)."""
PLENTY = 1_000_000_000
REJECTED = "rejected"

Calls = list[tuple[object, ...]]


@dataclass(frozen=True, slots=True)
class Paid:
    """Gas used, or needed; `note` is the reason of a refusal, empty for none."""

    gas: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class Layout:
    """One contract: `calls` are the arguments of `write`, one call per transaction, `first` the number of files before.

    `most` is how many files of one project it can hold.
    """

    title: str
    contract: str
    write: str
    calls: Callable[[str, Release, int], Calls]
    read: str
    most: int = PLENTY


def _facts(file: FileRecord, requires_python: str) -> str:
    facts: dict[str, object] = {"filename": file.filename, "size": file.size, "sha256": file.sha256.hex()}
    if file.metadata_sha256:
        facts["metadata_sha256"] = file.metadata_sha256.hex()
    return json.dumps(facts | {"requires_python": requires_python}, separators=(",", ":"))


def _cid(file: FileRecord) -> str:
    return str(file_cid(file.sha256, file.dag_root))


def _prototype(project: str, release: Release, first: int) -> Calls:
    texts = [(_cid(file), _facts(file, release.requires_python)) for file in release.files]
    return [(project, first + index, *pair) for index, pair in enumerate(texts)]


def _prototype_names(project: str, release: Release, first: int) -> Calls:
    return [(project, first + index, _cid(file), file.filename) for index, file in enumerate(release.files)]


def _structs(project: str, release: Release, _first: int) -> Calls:
    rows = [
        (file.filename, _cid(file), file.size, file.sha256, file.metadata_sha256 or bytes(32), release.requires_python)
        for file in release.files
    ]
    return [(project, rows)]


def _packed(project: str, release: Release, _first: int) -> Calls:
    rows = [
        (file.filename, file.size, file.sha256, file.dag_root or bytes(32), file.metadata_sha256 or bytes(32))
        for file in release.files
    ]
    return [(project, release.requires_python, rows)]


LAYOUTS = {
    "a": Layout("prototype, facts as JSON", "Prototype", "createIdentity", _prototype, "getAllIdentities", 255),
    "a0": Layout("prototype, names alone", "Prototype", "createIdentity", _prototype_names, "getAllIdentities", 255),
    "b": Layout("a struct per file", "Structs", "release", _structs, "all"),
    "c": Layout("packed structs", "Packed", "release", _packed, "all"),
}


def compile_layouts() -> dict[str, dict[str, Any]]:
    """Return the artifacts by contract name, compiled as the registry is."""
    sources = {path.name: path.read_text("utf-8") for path in sorted(SOURCES.glob("*.sol"))}
    return compile_contracts(sources, {layout.contract for layout in LAYOUTS.values()})


class Rival:
    """One deployed layout; the account `sender` publishes."""

    def __init__(self, backend: AnvilBackend, layout: Layout, artifact: dict[str, Any]) -> None:
        self._backend = backend
        self._layout = layout
        self.most = layout.most
        self._abi = {item["name"]: item for item in artifact["abi"]}
        self._sender = backend.accounts[1]
        self._files: dict[str, int] = {}
        receipt = backend.send(self._sender, b"", bytes.fromhex(artifact["bytecode"][2:]))
        self.address, self.deployment = receipt.created, receipt.gas

    def publish(self, case: Case) -> Paid:
        """List a release; return the sum of gas. Raises RevertError where it does not fit."""
        first = self._files.get(case.project, 0)
        calls = self._layout.calls(case.project, case.release, first)
        paid = [self._send(self._encode(self._layout.write, *call)) for call in calls]
        self._files[case.project] = first + len(case.release.files)
        return Paid(sum(each.gas for each in paid), paid[-1].note)

    def read(self, project: str) -> tuple[int, int]:
        """Read all of a project; return the gas and the bytes of the result."""
        data = self._encode(self._layout.read, project)
        gas = self._backend.gas_of(self._sender, self.address, data, PLENTY)
        return gas, len(self._backend.call(self._sender, self.address, data, PLENTY))

    def _send(self, data: bytes) -> Paid:
        try:
            return Paid(self._backend.send(self._sender, self.address, data, TX_CAP).gas)
        except RevertError as error:
            if error.data:
                raise
        gas = self._backend.gas_of(self._sender, self.address, data, PLENTY)
        try:
            return Paid(self._backend.send(self._sender, self.address, data, gas + gas // 50).gas)
        except RevertError:
            return Paid(gas, REJECTED)

    def _encode(self, function: str, *values: object) -> bytes:
        item = self._abi[function]
        types = [collapse_if_tuple(field) for field in item["inputs"]]
        return function_abi_to_4byte_selector(item) + encode(types, values)
