"""`dipmp dev`, in this process and as a program."""

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from dipmp_lib.devnet.node import FUNDS, DevNode
from dipmp_lib.errors import InvalidInput
from dipmp_lib.ethereum.create2 import StockArgs, is_stock
from dipmp_lib.transactions.signers import PasswordSource, signer_from_uri
from tests.support.repository import ROOT
from tests.support.systems.embedded_chain import Client, killed

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
        page = client.get(node.index_url, headers={"Accept": "application/vnd.pypi.simple.v1+json"}, timeout=20)
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
        assert client.get(f"{node.gateway_url}/bafkqaaa", timeout=20).status_code in {200, 400, 404}
        assert client.post(node.pinner.removeprefix("kubo:") + "/api/v0/version", timeout=20).status_code == 200
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


def start(*options: str, temporary: Path) -> "subprocess.Popen[str]":
    code = "from dipmp_cli.main import main; main()"
    environment = {
        **os.environ,
        "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'cli'}",
        "TMPDIR": str(temporary),
        "NO_COLOR": "1",
    }
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-c", code, "dev", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    )


def read_line(process: "subprocess.Popen[str]") -> dict[str, Any]:
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line:
        raise AssertionError(process.communicate()[1])
    answer: dict[str, Any] = json.loads(line)
    return answer


def test_the_program_prints_one_line_serves_and_ends(client: requests.Session, temporary: Path) -> None:
    with killed(start("--port", "0", "--json", temporary=temporary)) as process:
        answer = read_line(process)
        assert set(answer) == NAMES
        assert client.get(answer["index_url"], timeout=20).status_code == 200
        assert Path(answer["signer"].removeprefix("keystore:")).is_relative_to(temporary)
        process.send_signal(signal.SIGINT)
        rest, talk = process.communicate(timeout=20)
    assert (process.returncode, rest, talk) == (0, "", "")
    assert list(temporary.iterdir()) == []


def test_people_get_lines_to_copy(temporary: Path) -> None:
    with killed(start("--port", "0", temporary=temporary)) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline()]
        while lines[-1] and not lines[-1].startswith("pip install"):
            lines.append(process.stdout.readline())
        process.terminate()
        _, talk = process.communicate(timeout=20)
    text = "".join(lines)
    assert "export ETH_GATEWAY=http://127.0.0.1:" in text
    assert "\ndipmp-publish dist/*\n" in text
    assert lines[-1].endswith(" NAME\n")
    assert (process.returncode, talk) == (0, "Stopped. Nothing is kept.\n")


def test_a_killed_program_leaves_a_state_that_works(temporary: Path, tmp_path: Path) -> None:
    state = tmp_path / "state"
    with killed(start("--port", "0", "--json", "--state", str(state), temporary=temporary)) as process:
        registry = read_line(process)["registry"]
    assert process.returncode == -signal.SIGKILL
    with DevNode(state=state) as node:
        assert node.registry == registry


def test_a_taken_port_is_one_sentence(temporary: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = str(server.getsockname()[1])
        process = start("--port", port, temporary=temporary)
        with killed(process):
            out, err = process.communicate(timeout=30)
    assert (process.returncode, out) == (1, "")
    assert err.startswith("error: cannot listen on 127.0.0.1 port")
    assert "Traceback" not in err
    assert len(err.splitlines()) == 2


def test_a_missing_extra_says_what_to_install(temporary: Path) -> None:
    code = "import sys; sys.modules['eth'] = None; from dipmp_cli.main import main; main()"
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'cli'}"}
    done = subprocess.run(
        [sys.executable, "-c", code, "dev"], capture_output=True, text=True, env=environment, check=False
    )
    assert done.returncode == 1
    assert "pip install 'dipmp-pkg[local]'" in done.stderr
    assert "Traceback" not in done.stderr
