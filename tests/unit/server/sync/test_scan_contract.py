"""What a scan of the contract itself shows, on the embedded EVM, and to which logs it is attributed."""

from dataclasses import replace

import pytest

from dipmp_lib.model.names import ProjectName, RegistryAddress
from dipmp_lib.registry import Checkpoint, MemoryLogStore
from dipmp_lib.registry.chain import Chain, ChainRegistry
from dipmp_lib.server.sync.scan import scan_since, touched
from tests.contract.backends import EmbeddedBackend
from tests.contract.harness import Registry
from tests.support.files.logs import release_payload
from tests.unit.registry.chain.test_contract import BackendRpc

pytestmark = pytest.mark.evm


def test_new_blobs_are_seen_once_and_belong_to_the_logs_they_were_written_to() -> None:
    backend = EmbeddedBackend()
    registry, memory = Registry(backend), MemoryLogStore()
    owner = backend.accounts[0]
    reader, at = ChainRegistry({"": Chain(BackendRpc(backend))}, memory), RegistryAddress(registry.address)
    empty = scan_since(reader.deployed(at), None)
    assert (empty.total, empty.blobs) == (0, ())
    for name in ("foo", "bar"):
        registry.claim(owner, name, owner, release_payload([f"{name}-1.0.tar.gz"]))
    first = scan_since(reader.deployed(at), None)
    assert first.blobs is None
    known = Checkpoint(total=first.total, tip=first.tip, confirmed=0.0)
    assert scan_since(reader.deployed(at), known).blobs == []

    lasts = {}
    for name in ("foo", "bar"):
        reader.project(at, ProjectName(name))
        log = memory.load(at, name)
        assert log is not None
        lasts[name] = log.slot.last
    registry.append(owner, "foo", 0x01, release_payload(["foo-1.1.tar.gz"]))
    registry.claim(owner, "new", owner, release_payload(["new-1.0.tar.gz"]))
    registry.append(owner, "foo", 0x01, release_payload(["foo-1.2.tar.gz"]))
    second = scan_since(reader.deployed(at), known)
    assert second.blobs is not None
    assert [nonce for nonce, _ in second.blobs] == list(range(first.total + 1, second.total + 1))
    assert touched(second.blobs, lasts) == frozenset({"", "foo", "new"})
    assert scan_since(reader.deployed(at), replace(known, tip=bytes(32))).blobs is None
