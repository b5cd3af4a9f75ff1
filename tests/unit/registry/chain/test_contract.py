"""The reader against the contract itself, on the embedded EVM."""

from collections.abc import Sequence

import pytest

from dipmp_lib.errors import ProjectNotFound, RegistryNotFound, Reverted
from dipmp_lib.ethereum.rpc import GAS, eth_call
from dipmp_lib.model.names import ProjectName, RegistryAddress
from dipmp_lib.registry import MemoryLogStore
from dipmp_lib.registry.chain import Chain, ChainRegistry
from tests.contract.backends import EmbeddedBackend, RevertError
from tests.contract.harness import Registry
from tests.support.files.logs import release_payload

pytestmark = pytest.mark.evm
FOO, BAR = ProjectName("foo"), ProjectName("bar")


class BackendRpc:
    """The Rpc port over a test backend."""

    def __init__(self, backend: EmbeddedBackend) -> None:
        self.backend = backend
        self.calls = 0

    def request(self, method: str, params: Sequence[object]) -> object:
        if method == "eth_chainId":
            return hex(self.backend.chain_id)
        if method == "eth_getCode":
            assert isinstance(params[0], str)
            return "0x" + self.backend.code(bytes.fromhex(params[0][2:])).hex()
        assert method == "eth_call"
        call = params[0]
        assert isinstance(call, dict)
        self.calls += 1
        to, data, gas = bytes.fromhex(call["to"][2:]), bytes.fromhex(call["data"][2:]), int(call["gas"], 16)
        try:
            return "0x" + self.backend.call(self.backend.accounts[0], to, data, gas).hex()
        except RevertError as error:
            raise Reverted("execution reverted", code=3, data="0x" + error.data.hex()) from None


@pytest.fixture(scope="module")
def backend() -> EmbeddedBackend:
    return EmbeddedBackend()


@pytest.fixture
def registry(backend: EmbeddedBackend) -> Registry:
    return Registry(backend)


def test_what_is_published_is_read(registry: Registry, backend: EmbeddedBackend) -> None:
    rpc = BackendRpc(backend)
    reader = ChainRegistry({"": Chain(rpc)}, MemoryLogStore())
    at = RegistryAddress(registry.address)
    owner, heir = backend.accounts[:2]

    assert reader.project_list(at).names == ()
    with pytest.raises(ProjectNotFound):
        reader.project(at, FOO)
    registry.claim(owner, FOO, owner, release_payload(["foo-1.0.tar.gz"]))
    registry.claim(owner, BAR, owner)
    registry.append(owner, FOO, 0x01, release_payload(["foo-1.1.tar.gz", "foo-1.1-py3-none-any.whl"]))
    assert [file.filename for file in reader.project(at, FOO).files] == [
        "foo-1.0.tar.gz",
        "foo-1.1.tar.gz",
        "foo-1.1-py3-none-any.whl",
    ]
    assert (reader.project_list(at).names, reader.project(at, BAR).count) == ((BAR, FOO), 1)

    rpc.calls = 0
    registry.transfer(owner, FOO, heir)
    assert reader.project(at, FOO).owner == owner
    registry.accept(heir, FOO)
    registry.append(heir, FOO, 0x01, release_payload(["foo-1.2.tar.gz"]))
    project = reader.project(at, FOO)
    assert (project.owner, project.count, project.files[-1].publisher) == (heir, 6, heir)
    assert rpc.calls == 2
    assert project == ChainRegistry({"": Chain(rpc)}, MemoryLogStore()).project(at, FOO)


def test_a_log_of_several_pages_is_read(registry: Registry, backend: EmbeddedBackend) -> None:
    owner = backend.accounts[0]
    registry.claim(owner, FOO, owner)
    for number in range(25):
        registry.append(owner, FOO, 0x3F, bytes([number]) * 24_543)
    rpc = BackendRpc(backend)
    project = ChainRegistry({"": Chain(rpc)}, MemoryLogStore()).project(RegistryAddress(registry.address), FOO)
    assert (project.count, project.incomplete) == (26, True)
    assert rpc.calls == 2


def test_what_is_no_registry(backend: EmbeddedBackend) -> None:
    rpc = BackendRpc(backend)
    reader = ChainRegistry({"": Chain(rpc)}, MemoryLogStore())
    runtimes = {
        "nothing": b"",
        "invalid": b"\xfe",
        "stops": b"\x00",
        "loops": bytes.fromhex("5b600056"),
        "a megabyte of zeros": bytes.fromhex("62100000" + "6000" + "f3"),
        "OffchainLookup": bytes.fromhex("63556f1830600052" + "6004601c" + "fd"),
    }
    for name, runtime in runtimes.items():
        creation = b"\x61" + len(runtime).to_bytes(2, "big") + bytes.fromhex("80600a3d393df3") + runtime
        address = backend.send(backend.accounts[0], b"", creation).created if runtime else b"\x77" * 20
        before = rpc.calls
        for ask in (reader.project_list, lambda at: reader.project(at, FOO)):
            with pytest.raises(RegistryNotFound):
                ask(RegistryAddress(address))
        assert rpc.calls - before <= 2, name
    for precompile in range(1, 10):
        with pytest.raises(RegistryNotFound):
            reader.project_list(RegistryAddress(precompile.to_bytes(20, "big")))
    with pytest.raises(Reverted):
        eth_call(rpc, Registry(backend).address, b"\xff\xff\xff\xff", gas=GAS)
