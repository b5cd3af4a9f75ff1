"""`dipmp dev` as a program."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from dipmp_lib.devnet.node import DevNode
from tests.support.repository import ROOT
from tests.support.systems.embedded_chain import killed
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
        assert client.get(answer["index_url"], timeout=HANGS).status_code == 200
        assert Path(answer["signer"].removeprefix("keystore:")).is_relative_to(temporary)
        process.send_signal(signal.SIGINT)
        rest, talk = process.communicate(timeout=HANGS)
    assert (process.returncode, rest, talk) == (0, "", "")
    assert list(temporary.iterdir()) == []


def test_people_get_lines_to_copy(temporary: Path) -> None:
    with killed(start("--port", "0", temporary=temporary)) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline()]
        while lines[-1] and not lines[-1].startswith("pip install"):
            lines.append(process.stdout.readline())
        process.terminate()
        _, talk = process.communicate(timeout=HANGS)
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
            out, err = process.communicate(timeout=HANGS)
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
