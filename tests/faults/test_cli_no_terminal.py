"""K2 and K3: loose files are refused, and where nobody can be asked a command ends with a sentence."""

import os
import subprocess
from pathlib import Path

import pytest

from dipmp_lib.transactions.signers import create_keystore
from tests.support.fakes.node import REGISTRY, FakeNode
from tests.support.fakes.rpc_server import json_rpc
from tests.support.faulty.fault_proxy import FaultProxy
from tests.support.programs.clients import isolated_env
from tests.support.programs.dipmp import SCRIPTS

pytestmark = pytest.mark.e2e


@pytest.fixture
def keystore(tmp_path: Path) -> Path:
    path = tmp_path / "keys" / "key.json"
    create_keystore(path, "a password", light=True)
    return path


def run(home: Path, rpc: str, keystore: Path, *arguments: str, **more: str) -> "subprocess.CompletedProcess[str]":
    """Run dipmp in a session without a terminal. Whoever waits for an answer there waits for ever."""
    env = isolated_env(home) | {
        "DIPMP_REGISTRY": f"0x{REGISTRY.hex()}",
        "ETH_GATEWAY": rpc,
        "DIPMP_SIGNER": f"keystore:{keystore}",
        **more,
    }
    return subprocess.run(
        [str(SCRIPTS / "dipmp"), *arguments],
        env=env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        start_new_session=True,
        check=False,
    )


CASES = {
    "a password": (("project", "claim", "demo", "--yes"), {}, "needs a password, and there is no terminal to ask on"),
    "consent": (("project", "claim", "demo"), {"DIPMP_PASSWORD": "a password"}, "no terminal to ask for consent on"),
    "a new key's password": (("account", "new", "work"), {}, "needs a password, and there is no terminal to ask on"),
    "a key": (("account", "import", "work"), {"DIPMP_PASSWORD": "x"}, "stdin does not hold a private key"),
}


@pytest.mark.parametrize("case", CASES)
def test_K3_without_a_terminal_it_ends_with_what_is_missing(tmp_path: Path, keystore: Path, case: str) -> None:
    arguments, more, sentence = CASES[case]
    node = FakeNode()
    with FaultProxy(json_rpc(node)) as rpc:
        ran = run(tmp_path / "home", rpc.url, keystore, *arguments, **more)
    assert ran.returncode == 1, ran.stderr
    assert sentence in ran.stderr
    assert "Traceback" not in ran.stderr
    assert node.sent == []


@pytest.mark.parametrize("mode", [0o604, 0o640])
@pytest.mark.parametrize("what", ["keystore", "password file"])
def test_K2_a_file_that_others_can_read_stops_before_anything_is_asked(
    tmp_path: Path, keystore: Path, mode: int, what: str
) -> None:
    password = tmp_path / "password"
    password.write_text("a password")
    password.chmod(0o600)
    os.chmod(keystore if what == "keystore" else password, mode)  # noqa: PTH101
    node = FakeNode()
    with FaultProxy(json_rpc(node)) as rpc:
        options = ("--yes", "--password-file", str(password))
        ran = run(tmp_path / "home", rpc.url, keystore, "project", "claim", "demo", *options)
    assert ran.returncode == 1
    assert f"the {what} " in ran.stderr
    assert f"can be read or written by other users (mode {mode:04o})" in ran.stderr
    assert "hint: chmod 600 " in ran.stderr
    assert node.sent == []


def test_K2_the_same_with_private_files_goes_through(tmp_path: Path, keystore: Path) -> None:
    node = FakeNode()
    with FaultProxy(json_rpc(node)) as rpc:
        arguments = ("project", "claim", "demo", "--yes")
        ran = run(tmp_path / "home", rpc.url, keystore, *arguments, DIPMP_PASSWORD="a password")
    assert ran.returncode == 0, ran.stderr
    assert len(node.sent) == 1
