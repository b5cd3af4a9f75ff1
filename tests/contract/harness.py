"""A registry on some chain, driven through its ABI, next to the model that it must agree with."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from eth_abi.abi import decode, encode

from dipmp_lib.abi import package_index
from tests.contract.backends import Backend, Receipt, RevertError
from tests.support.chainmodel import ChainModel, hash256

CALL_GAS = 30_000_000


def _signature(item: dict[str, Any]) -> str:
    return f"{item['name']}({','.join(field['type'] for field in item['inputs'])})"


_ITEMS = {item["name"]: item for item in package_index().abi if item["type"] == "function"}
_ERRORS = {hash256(_signature(item).encode())[:4]: item for item in package_index().abi if item["type"] == "error"}


def _types(fields: Sequence[dict[str, str]]) -> list[str]:
    return [field["type"] for field in fields]


def _plain(value: object, kind: str) -> object:
    return bytes.fromhex(str(value)[2:]) if kind == "address" else value


def encode_call(function: str, *values: object) -> bytes:
    """Return the calldata of a call."""
    item = _ITEMS[function]
    return hash256(_signature(item).encode())[:4] + encode(_types(item["inputs"]), values)


def decode_answer(function: str, data: bytes) -> tuple[Any, ...]:
    """Return the values of an answer, addresses as 20 bytes."""
    kinds = _types(_ITEMS[function]["outputs"])
    return tuple(_plain(value, kind) for value, kind in zip(decode(kinds, data), kinds, strict=True))


@dataclass(frozen=True, slots=True)
class Refusal:
    """A custom error of the contract with its arguments, addresses as 20 bytes."""

    error: str
    values: tuple[object, ...]


def decode_refusal(data: bytes) -> Refusal:
    """Return what revert data means."""
    item = _ERRORS[data[:4]]
    kinds = _types(item["inputs"])
    values = decode(kinds, data[4:])
    return Refusal(item["name"], tuple(_plain(value, kind) for value, kind in zip(values, kinds, strict=True)))


class Registry:
    """A registry: the one at `address`, which has no owner, or a new one that belongs to the first account."""

    def __init__(self, backend: Backend, address: bytes = b"") -> None:
        self.backend = backend
        self.owner = backend.accounts[0]
        self.address = address or self._deploy()
        self.model = ChainModel(backend.chain_id, self.address, bytes(20) if address else self.owner)

    def _deploy(self) -> bytes:
        creation = package_index().bytecode + encode(["address"], [self.owner])
        return self.backend.send(self.owner, b"", creation).created

    def send(self, sender: bytes, function: str, *values: object) -> Receipt:
        """Send one transaction to the registry alone. Raises RevertError."""
        return self.backend.send(sender, self.address, encode_call(function, *values))

    def call(self, function: str, *values: object, gas: int = CALL_GAS) -> tuple[Any, ...]:
        """Ask the registry. Raises RevertError."""
        data = encode_call(function, *values)
        return decode_answer(function, self.backend.call(self.owner, self.address, data, gas))

    def refusal(self, sender: bytes, function: str, *values: object) -> Refusal:
        """Return why the registry refuses a call; it is a failure of the test when it does not."""
        with pytest.raises(RevertError) as caught:
            self.backend.call(sender, self.address, encode_call(function, *values), CALL_GAS)
        return decode_refusal(caught.value.data)

    def attempt(self, sender: bytes, function: str, *values: object) -> Receipt | Refusal:
        """Send one transaction and return what came of it."""
        try:
            return self.send(sender, function, *values)
        except RevertError as revert:
            return decode_refusal(revert.data)

    # -- the same step on the chain and in the model

    def claim(self, sender: bytes, name: str, owner: bytes, release: bytes = b"") -> Receipt:
        receipt = self.send(sender, "claim", name, owner, release)
        self.model.claim(sender, receipt.time, name, owner, release)
        return receipt

    def append(self, sender: bytes, name: str, kind: int, payload: bytes) -> Receipt:
        receipt = self.send(sender, "append", name, kind, payload)
        self.model.append(sender, receipt.time, name, kind, payload)
        return receipt

    def set_publisher(self, sender: bytes, name: str, account: bytes, until: int, since: int = 0) -> Receipt:
        receipt = self.send(sender, "setPublisher", name, account, until, since)
        self.model.set_publisher(sender, receipt.time, name, account, until, since)
        return receipt

    def transfer(self, sender: bytes, name: str, to: bytes) -> Receipt:
        receipt = self.send(sender, "transferProject", name, to)
        self.model.transfer(sender, receipt.time, name, to)
        return receipt

    def accept(self, sender: bytes, name: str) -> Receipt:
        receipt = self.send(sender, "acceptProject", name)
        self.model.accept(sender, receipt.time, name)
        return receipt

    def assert_agrees(self) -> None:
        """Compare every fixed storage slot, every blob, and one page of every log with the model."""
        for slot, value in self.model.storage().items():
            assert self.backend.storage(self.address, slot) == value, hex(slot)
        for address, blob in self.model.codes().items():
            assert self.backend.code(address) == blob
        assert self.call("scan", 0, 1 << 24) == self.model.scan(0, 1 << 24)


def clone_of(registry: Registry) -> Registry:
    """An EIP-1167 proxy in front of the registry's code, with storage and blobs of its own."""
    runtime = bytes.fromhex("363d3d373d3d3d363d73") + registry.address + bytes.fromhex("5af43d82803e903d91602b57fd5bf3")
    creation = bytes.fromhex("602d3d8160093d39f3") + runtime
    return Registry(registry.backend, registry.backend.send(registry.owner, b"", creation).created)
