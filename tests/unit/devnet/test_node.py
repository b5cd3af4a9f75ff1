"""A development node in this process: everything answers, a state directory keeps it, and nothing else stays."""

import socket
import stat
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from dipmp_lib.devnet.node import FUNDS, DevNode
from dipmp_lib.errors import InvalidInput
from dipmp_lib.ethereum.create2 import StockArgs, is_stock
from dipmp_lib.transactions.signers import PasswordSource, signer_from_uri
from tests.support.systems.embedded_chain import Client
from tests.support.waiting import HANGS

pytestmark = pytest.mark.evm


NAMES = {"index_url", "registry", "rpc_url", "gateway_url", "pinner", "signer"}


@pytest.fixture
def client() -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.trust_env = False
        yield session


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary directories go during a test."""
    path = tmp_path / "temporary"
    path.mkdir()
    monkeypatch.setenv("TMPDIR", str(path))
    monkeypatch.setattr("tempfile.tempdir", None)
    return path


def test_everything_answers(client: requests.Session, temporary: Path) -> None:
    threads = set(threading.enumerate())
    with DevNode() as node:
        page = client.get(node.index_url, headers={"Accept": "application/vnd.pypi.simple.v1+json"}, timeout=HANGS)
        assert page.status_code == 200
        assert page.json()["projects"] == []
        assert node.index_url.endswith(f"/simple/{node.registry}/")
        rpc = Client(node.rpc_url)
        signer = signer_from_uri(node.signer, passwords=PasswordSource(), environment={})
        code = bytes.fromhex(rpc("eth_getCode", node.registry)[2:])
        assert is_stock(bytes.fromhex(node.registry[2:]), code) == StockArgs(owner=signer.address)
        signer.unlock()
        balance = int(rpc("eth_getBalance", "0x" + signer.address.hex()), 16)
        assert FUNDS - 10**17 < balance < FUNDS
        rpc.close()
        assert client.get(f"{node.gateway_url}/bafkqaaa", timeout=HANGS).status_code in {200, 400, 404}
        assert client.post(node.pinner.removeprefix("kubo:") + "/api/v0/version", timeout=HANGS).status_code == 200
        assert set(node.endpoints()) == NAMES
        keystore = Path(node.signer.removeprefix("keystore:"))
        assert {stat.S_IMODE(path.stat().st_mode) for path in keystore.parent.glob("keystore*")} == {0o600}
    assert list(temporary.iterdir()) == []
    assert {thread for thread in threading.enumerate() if not thread.daemon} <= threads
    with pytest.raises(requests.ConnectionError):
        requests.get(node.index_url, timeout=2)


def test_a_state_directory_keeps_registry_key_chain_and_endpoints(tmp_path: Path) -> None:
    with DevNode(state=tmp_path / "state") as node:
        first = node.endpoints()
        node.evm.mine()
        head = node.evm.head.hash
    with DevNode(state=tmp_path / "state") as node:
        second = node.endpoints()
        assert node.evm.head.hash == head
    assert {name: value for name, value in first.items() if name != "index_url"} == {
        name: value for name, value in second.items() if name != "index_url"
    }


def test_endpoints_move_where_their_old_ports_are_taken(tmp_path: Path) -> None:
    with DevNode(state=tmp_path) as node:
        first = node.endpoints()
    taken = [
        socket.create_server(("127.0.0.1", int(first[name].rpartition(":")[2].split("/")[0])))
        for name in ("rpc_url", "gateway_url")
    ]
    with DevNode(state=tmp_path) as node:
        assert node.registry == first["registry"]
        assert node.rpc_url != first["rpc_url"]
        assert node.gateway_url != first["gateway_url"]
    for server in taken:
        server.close()


def test_a_taken_port_is_refused_and_leaves_nothing(temporary: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(InvalidInput, match=f"port {port}") as caught, DevNode(port=port):
            pass
    assert caught.value.hint
    assert list(temporary.iterdir()) == []


def test_one_node_per_state_directory(tmp_path: Path) -> None:
    with DevNode(state=tmp_path), pytest.raises(InvalidInput, match="another dipmp dev"), DevNode(state=tmp_path):
        pass
