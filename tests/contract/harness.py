"""A registry on some chain, driven through its ABI, next to the model that it must agree with."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from eth_abi.abi import decode, encode

from dipmp_lib.ethereum.abi import (
    DEPLOYER,
    factory_address,
    factory_call_data,
    implementation_address,
    package_index,
    package_index_factory,
)
from tests.contract.backends import Backend, Receipt, RevertError
from tests.support.model.contract import ChainModel, hash256

CALL_GAS = 30_000_000
OPEN, CURATED = 0, 1
ZERO = bytes(20)

_salts = itertools.count(1)


def _signature(item: dict[str, Any]) -> str:
    return f"{item['name']}({','.join(field['type'] for field in item['inputs'])})"


_ABI = (*package_index().abi, *package_index_factory().abi)
_ITEMS = {item["name"]: item for item in _ABI if item["type"] == "function"}
_ERRORS = {hash256(_signature(item).encode())[:4]: item for item in _ABI if item["type"] == "error"}


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Arguments:
    """The constructor arguments of a registry."""

    owner: bytes
    guardian: bytes = ZERO
    mode: int = OPEN
    salt: bytes = bytes(32)

    @property
    def code(self) -> bytes:
        """The registry's code: EIP-1167's, and these behind it."""
        proxy = bytes.fromhex("363d3d373d3d3d363d73") + implementation_address()
        proxy += bytes.fromhex("5af43d82803e903d91602b57fd5bf3")
        return proxy + self.owner + self.guardian + bytes([self.mode]) + self.salt

    @property
    def address(self) -> bytes:
        """The registry's address (CREATE2, EIP-1014)."""
        initcode = bytes.fromhex("6100763d81600a3d39f3") + self.code
        return hash256(b"\xff" + factory_address() + bytes(32) + hash256(initcode))[12:]

    def encode_create(self) -> bytes:
        """Return the call data for the factory."""
        return encode_call("create", self.owner, self.guardian, self.mode, self.salt)


def refusal_of(backend: Backend, sender: bytes, to: bytes, data: bytes) -> Refusal:
    """Return why a contract refuses a call; it is a failure of the test when it does not."""
    with pytest.raises(RevertError) as caught:
        backend.call(sender, to, data, CALL_GAS)
    return decode_refusal(caught.value.data)


def ensure_factory(backend: Backend) -> None:
    """Deploy the factory and the implementation where they are not yet."""
    if not backend.code(factory_address()):
        backend.send(backend.accounts[0], DEPLOYER, factory_call_data())


class Registry:
    """A new registry, by default an open one without guardian that belongs to the first account."""

    def __init__(self, backend: Backend, *, guardian: bytes = ZERO, mode: int = OPEN, salt: bytes = b"") -> None:
        ensure_factory(backend)
        self.backend = backend
        self.owner = backend.accounts[0]
        salt = salt or next(_salts).to_bytes(32, "big")
        self.arguments = Arguments(owner=self.owner, guardian=guardian, mode=mode, salt=salt)
        self.address = self.arguments.address
        self.creation = backend.send(self.owner, factory_address(), self.arguments.encode_create())
        self.model = ChainModel(backend.chain_id, self.address, self.owner, guardian=guardian, mode=mode)

    def send(self, sender: bytes, function: str, *values: object) -> Receipt:
        """Send one transaction to the registry alone. Raises RevertError."""
        return self.backend.send(sender, self.address, encode_call(function, *values))

    def call(self, function: str, *values: object, gas: int = CALL_GAS) -> tuple[Any, ...]:
        """Ask the registry. Raises RevertError."""
        data = encode_call(function, *values)
        return decode_answer(function, self.backend.call(self.owner, self.address, data, gas))

    def refusal(self, sender: bytes, function: str, *values: object) -> Refusal:
        """Return why the registry refuses a call; it is a failure of the test when it does not."""
        return refusal_of(self.backend, sender, self.address, encode_call(function, *values))

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

    def append_with_sig(
        self, sender: bytes, name: str, kind: int, payload: bytes, signer: bytes, deadline: int, signature: bytes
    ) -> Receipt:
        receipt = self.send(sender, "appendWithSig", name, kind, payload, signer, deadline, signature)
        self.model.append_with_sig(sender, receipt.time, name, kind, payload, signer, deadline, signature)
        return receipt

    def set_status(self, sender: bytes, name: str, status: int, reason: str = "") -> Receipt:
        receipt = self.send(sender, "setStatus", name, status, reason)
        self.model.set_status(sender, receipt.time, name, status, reason)
        return receipt

    def quarantine(self, sender: bytes, name: str, on: bool, reason: str = "") -> Receipt:
        receipt = self.send(sender, "quarantine", name, on, reason)
        self.model.quarantine(sender, receipt.time, name, on, reason)
        return receipt

    def resign_guardian(self, sender: bytes) -> Receipt:
        receipt = self.send(sender, "resignGuardian")
        self.model.resign_guardian(sender, receipt.time)
        return receipt

    def transfer_registry(self, sender: bytes, to: bytes) -> Receipt:
        receipt = self.send(sender, "transferRegistry", to)
        self.model.transfer_registry(sender, receipt.time, to)
        return receipt

    def accept_registry(self, sender: bytes) -> Receipt:
        receipt = self.send(sender, "acceptRegistry")
        self.model.accept_registry(sender, receipt.time)
        return receipt

    def assert_agrees(self) -> None:
        """Compare every fixed storage slot, every blob, and one page of every log with the model."""
        for slot, value in self.model.storage().items():
            assert self.backend.storage(self.address, slot) == value, hex(slot)
        for address, blob in self.model.codes().items():
            assert self.backend.code(address) == blob
        assert self.call("scan", 0, 1 << 24) == self.model.scan(0, 1 << 24)
