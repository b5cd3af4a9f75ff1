"""`dipmp-publish` against a real node: a release that is too long for one entry."""

import json
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from dipmp_lib.devnet.ipfs.blocks import BlockStore
from dipmp_lib.devnet.ipfs.server import BlockServer, serve_blocks
from dipmp_lib.ethereum.rpc import HttpRpc
from dipmp_lib.http import Fetcher
from dipmp_lib.model.names import ProjectName, RegistryAddress, checksum_address
from dipmp_lib.registry import MemoryLogStore
from dipmp_lib.registry.chain import Chain, ChainRegistry
from tests.contract.backends import AnvilBackend
from tests.contract.harness import Registry
from tests.support.files.wheels import build_wheel, metadata_text
from tests.support.programs.cli import Shell

pytestmark = pytest.mark.node
WHEELS = 400


@pytest.fixture
def registry(own_anvil: AnvilBackend) -> Registry:
    return Registry(own_anvil)


@pytest.fixture
def blocks(tmp_path: Path) -> Iterator[BlockServer]:
    with serve_blocks(BlockStore(tmp_path / "blocks")) as server:
        yield server


@pytest.fixture
def shell(
    own_anvil: AnvilBackend,
    registry: Registry,
    blocks: BlockServer,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Shell:
    made = Shell(monkeypatch, capsys)
    made.environment(
        {
            "DIPMP_REGISTRY": checksum_address(registry.address),
            "ETH_GATEWAY": own_anvil.url,
            "IPFS_GATEWAY": f"{blocks.gateway_url}/ipfs",
            "DIPMP_PINNER": f"kubo:{blocks.rpc_url}",
            "DIPMP_SIGNER": "env:PUBLISHING_KEY",
        }
    )
    monkeypatch.setenv("PUBLISHING_KEY", own_anvil.keys[1])
    return made


def wheels(folder: Path) -> dict[str, Path]:
    """Files whose METADATA differ too, so that a release of them hardly compresses."""
    paths = [
        build_wheel(
            folder, "many", build=str(number), metadata=metadata_text("many", "1.0", extra=f"Summary: {number}\n")
        )
        for number in range(WHEELS)
    ]
    return {path.name: path for path in paths}


def test_a_release_of_several_entries_is_read_back_whole(
    own_anvil: AnvilBackend, registry: Registry, shell: Shell, tmp_path: Path
) -> None:
    files = wheels(tmp_path)
    ran = shell.publish(*files.values(), "--yes", "--json")
    assert ran.code == 0, ran.err
    transactions = json.loads(ran.out)["transactions"]
    assert [len(each["files"]) for each in transactions] == [WHEELS // 2, WHEELS // 2]
    assert [each["claimed"] for each in transactions] == [True, False]
    assert "many 1.0 takes 2 transactions: its files do not fit one entry" in ran.err

    reader = ChainRegistry({"": Chain(HttpRpc(own_anvil.url, Fetcher()))}, MemoryLogStore())
    project = reader.project(RegistryAddress(registry.address), ProjectName("many"))
    assert {file.filename: file.sha256 for file in project.files} == {
        name: sha256(path.read_bytes()).digest() for name, path in files.items()
    }
    assert {(file.version, file.publisher) for file in project.files} == {("1.0", registry.backend.accounts[1])}
    assert (project.count, project.notes, project.incomplete) == (3, (), False)
    again = shell.publish(*files.values(), "--json")
    assert (again.code, json.loads(again.out)["transactions"]) == (0, [])
