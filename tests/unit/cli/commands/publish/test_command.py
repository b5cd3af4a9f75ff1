"""`dipmp-publish` from its arguments to its exit code, over a node and a pinner in memory."""

import json
import time
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from dipmp_lib.errors import RpcError
from dipmp_lib.transactions.signers import create_keystore
from tests.support.files.wheels import build_sdist, build_wheel, metadata_text
from tests.support.systems.commands import (
    ADDRESS_OF_REGISTRY,
    KEY,
    ME,
    PUBLISH_ENVIRONMENT,
    PublishBench,
)

DAY = 86_400


def test_running_it_again_sends_nothing(bench: PublishBench, tmp_path: Path) -> None:
    wheel = build_wheel(tmp_path)
    bench.shell.publish(wheel, "--yes")
    ran = bench.shell.publish(wheel)  # and so there is nothing to consent to
    assert ran.code == 0, ran.err
    assert "skip: already published" in ran.err
    assert len(bench.node.sent) == 1
    assert "Install: pip install" in ran.out


def test_a_dry_run_sends_nothing(bench: PublishBench, tmp_path: Path) -> None:
    ran = bench.shell.publish(build_wheel(tmp_path), "--dry-run", "--json")
    assert ran.code == 0, ran.err
    document = json.loads(ran.out)
    assert document["dry_run"] is True
    assert document["estimate"] == {"transactions": 1, "gas": 180_000, "cost_wei": str(180_000 * 2_001_000_000)}
    assert document["transactions"] == []
    assert bench.nothing_was_sent()


def test_nobody_to_ask(bench: PublishBench, tmp_path: Path) -> None:
    ran = bench.shell.publish(build_wheel(tmp_path))
    assert ran.code == 1
    assert ran.error == "nothing was sent: there is no terminal to ask for consent on"
    assert "hint: add --yes to consent" in ran.err
    assert bench.nothing_was_sent()


@pytest.mark.parametrize("consent", [True, False])
def test_asking(bench: PublishBench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, consent: bool) -> None:
    monkeypatch.setattr("dipmp_cli.terminal.console.can_ask", lambda: True)
    monkeypatch.setattr("typer.confirm", lambda *_, **__: consent)
    ran = bench.shell.publish(build_wheel(tmp_path))
    if consent:
        assert ran.code == 0
        assert len(bench.node.sent) == 1
    else:
        assert ran.error == "nothing was sent: you said no"
        assert bench.nothing_was_sent()


def test_ctrl_c_ends_cleanly(bench: PublishBench, tmp_path: Path) -> None:
    bench.node.answers["eth_chainId"] = KeyboardInterrupt()
    ran = bench.shell.publish(build_wheel(tmp_path), "--yes")
    assert ran.code == 130
    assert "Traceback" not in ran.err


def test_not_a_distribution(bench: PublishBench, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").touch()
    ran = bench.shell.publish(tmp_path / "notes.txt", "--yes")
    assert (ran.code, ran.error) == (1, "notes.txt: is not the name of a wheel or sdist")
    assert bench.nothing_was_sent()


def test_a_wrong_version(bench: PublishBench, tmp_path: Path) -> None:
    ran = bench.shell.publish(build_wheel(tmp_path, metadata=metadata_text("demo", "2.0")), "--yes")
    assert ran.error == ("demo-1.0-py3-none-any.whl: is named for version 1.0, but its metadata says '2.0'")
    assert bench.nothing_was_sent()


def test_a_wrong_name(bench: PublishBench, tmp_path: Path) -> None:
    ran = bench.shell.publish(build_wheel(tmp_path, metadata=metadata_text("dome", "1.0")), "--yes")
    assert ran.error == ("demo-1.0-py3-none-any.whl: is named for the project 'demo', but its metadata says 'dome'")
    assert bench.nothing_was_sent()


def test_a_truncated_zip(bench: PublishBench, tmp_path: Path) -> None:
    path = build_wheel(tmp_path)
    path.write_bytes(path.read_bytes()[:-40])
    ran = bench.shell.publish(path, build_sdist(tmp_path), "--yes")
    assert ran.error.startswith("demo-1.0-py3-none-any.whl: is not a complete zip archive")
    assert bench.nothing_was_sent()


def test_several_problems_are_a_list(bench: PublishBench, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").touch()
    (tmp_path / "a-1.tar.gz").touch()
    ran = bench.shell.publish(tmp_path / "notes.txt", tmp_path / "a-1.tar.gz", "--yes")
    assert ran.error == "nothing was done, because of 2 problems:"
    assert ran.err.splitlines()[1:] == [
        "  - notes.txt: is not the name of a wheel or sdist",
        "  - a-1.tar.gz: is empty",
    ]


def test_the_same_name_with_other_bytes(bench: PublishBench, tmp_path: Path) -> None:
    bench.shell.publish(build_wheel(tmp_path), "--yes")
    sent = len(bench.node.sent), len(bench.pinner.events)
    ran = bench.shell.publish(build_wheel(tmp_path, payload=b"other"), "--yes")
    assert ran.code == 1
    assert "demo-1.0-py3-none-any.whl is already published with other bytes: sha256 here " in ran.error
    assert "hint: published files never change: raise the version" in ran.err
    assert sent == (len(bench.node.sent), len(bench.pinner.events))


def test_a_late_file_for_a_sealed_version(bench: PublishBench, tmp_path: Path) -> None:
    bench.node.time -= 20 * DAY
    bench.shell.publish(build_wheel(tmp_path), "--yes")
    bench.node.time += 20 * DAY
    sent = len(bench.node.sent), len(bench.pinner.events)
    ran = bench.shell.publish(build_sdist(tmp_path), "--yes")
    date = time.strftime("%Y-%m-%d", time.gmtime(bench.node.time - 12 - 6 * DAY))
    assert f"demo-1.0.tar.gz: comes too late: version 1.0 of demo sealed on {date}" in ran.error
    assert sent == (len(bench.node.sent), len(bench.pinner.events))


def test_everything_that_is_wrong_is_said_before_anything_is_pinned(bench: PublishBench, tmp_path: Path) -> None:
    bench.node.time -= 20 * DAY
    bench.shell.publish(build_wheel(tmp_path / "old"), "--yes")
    bench.node.time += 20 * DAY
    sent = len(bench.node.sent), len(bench.pinner.events)
    damaged = tmp_path / "other-1.0.tar.gz"
    damaged.write_bytes(b"nothing")
    ran = bench.shell.publish(build_sdist(tmp_path), build_wheel(tmp_path, "d-em0"), damaged, "--yes")
    assert ran.code == 1
    assert [line[:60] for line in ran.err.splitlines() if line.startswith("  - ")] == [
        "  - other-1.0.tar.gz: is not a complete gzipped tar archive ("[:60],
        "  - demo-1.0.tar.gz: comes too late: version 1.0 of demo sealed"[:60],
        "  - d-em0: the registry refuses the transaction: the name 'd-em0' is easily"[:60],
    ]
    assert sent == (len(bench.node.sent), len(bench.pinner.events))


def test_a_bad_file_is_said_although_the_chain_cannot_be_asked(bench: PublishBench, tmp_path: Path) -> None:
    (tmp_path / "other-1.0.tar.gz").touch()
    arguments = (build_wheel(tmp_path), tmp_path / "other-1.0.tar.gz", "--yes", "--chain-id", "8453")
    assert bench.shell.publish(*arguments).error == "other-1.0.tar.gz: is empty"


def test_somebody_elses_project(bench: PublishBench, tmp_path: Path) -> None:
    bench.node.model.claim(b"\x11" * 20, bench.node.time, "demo", b"\x11" * 20, b"")
    ran = bench.shell.publish(build_wheel(tmp_path), "--yes")
    assert ran.error == f"demo belongs to 0x{'11' * 20}, and {ME} may not publish to it"
    assert bench.nothing_was_sent()


def test_a_key_without_funds(bench: PublishBench, tmp_path: Path) -> None:
    bench.node.balance = 1
    ran = bench.shell.publish(build_wheel(tmp_path), "--yes")
    assert ran.error == (f"{ME} holds 0.000000000000000001 ETH, and this can cost up to 0.00036018 ETH")
    assert bench.nothing_was_sent()


def test_a_wrong_chain_id(bench: PublishBench, tmp_path: Path) -> None:
    ran = bench.shell.publish(build_wheel(tmp_path), "--yes", "--chain-id", "8453")
    assert "serves chain 1337, not 8453" in ran.error
    assert bench.nothing_was_sent()


def test_a_short_name_says_the_chain_and_its_variable(bench: PublishBench, tmp_path: Path) -> None:
    bench.shell.environment(
        {
            **PUBLISH_ENVIRONMENT,
            "DIPMP_REGISTRY": f"base:{ADDRESS_OF_REGISTRY}",
            "DIPMP_RPC_BASE": "http://base.invalid",
        }
    )
    ran = bench.shell.publish(build_wheel(tmp_path), "--yes")
    assert "serves chain 1337, not 8453" in ran.error
    assert bench.asked_rpcs == ["http://base.invalid"]


def test_an_unknown_registry(bench: PublishBench, tmp_path: Path) -> None:
    ran = bench.shell.publish(build_wheel(tmp_path), "--yes", "--registry", "0x" + "12" * 20)
    assert ran.error == f"there is no contract at 0x{'12' * 20} on chain 1337"
    assert bench.nothing_was_sent()


def test_a_mistyped_address(bench: PublishBench, tmp_path: Path) -> None:
    ran = bench.shell.publish(build_wheel(tmp_path), "--yes", "--registry", ADDRESS_OF_REGISTRY.replace("5aA", "5aa"))
    assert "does not match (EIP-55), so at least one character is mistyped" in ran.error
    assert "hint: copy the address again" in ran.err
    assert bench.asked_rpcs == []


def test_an_unreachable_rpc(
    bench: PublishBench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, unused_port: int
) -> None:
    from dipmp_lib.ethereum.rpc import HttpRpc

    monkeypatch.setattr("dipmp_cli.session.session.HttpRpc", HttpRpc)
    url = f"http://127.0.0.1:{unused_port}"
    ran = bench.shell.publish(build_wheel(tmp_path), "--yes", "--rpc", f"{url}/secret-token")
    assert url in ran.error
    assert "secret-token" not in ran.err
    assert bench.nothing_was_sent()


@pytest.fixture
def unused_port() -> int:
    import socket

    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def test_a_pinner_that_keeps_something_else_stops_it(bench: PublishBench, tmp_path: Path) -> None:
    from dipmp_lib.errors import PinnerError

    bench.pinner.failure = PinnerError("fake keeps another root")
    ran = bench.shell.publish(build_wheel(tmp_path), "--yes")
    assert ran.error.startswith("demo-1.0-py3-none-any.whl is kept by no pinner, so ")
    assert ran.error.endswith("nothing was written on chain: fake keeps another root")
    assert not bench.node.sent


def test_a_node_that_fails_at_the_end(bench: PublishBench, tmp_path: Path) -> None:
    bench.node.answers["eth_sendRawTransaction"] = RpcError("http://rpc.invalid answered with \x1b[31m")
    ran = bench.shell.publish(build_wheel(tmp_path), "--yes")
    assert "was not accepted: http://rpc.invalid answered with \ufffd[31m" in ran.error
    assert "\x1b" not in ran.err


def test_all_missing_settings_at_once(bench: PublishBench, tmp_path: Path) -> None:
    bench.shell.environment({})
    ran = bench.shell.publish(build_wheel(tmp_path))
    assert ran.error == "nothing was done, because of 4 problems:"
    for name in ("DIPMP_REGISTRY", "ETH_GATEWAY", "DIPMP_PINNER", "DIPMP_SIGNER"):
        assert f"  - {name} (or --" in ran.err


@pytest.fixture
def keystore(tmp_path: Path) -> Path:
    path = tmp_path / "key.json"
    create_keystore(path, "canary-password", light=True)
    return path


def test_a_keystore_signs(bench: PublishBench, tmp_path: Path, keystore: Path) -> None:
    password = tmp_path / "password"
    password.write_text("canary-password\n")
    password.chmod(0o600)
    ran = bench.shell.publish(
        build_wheel(tmp_path), "--yes", "--signer", f"keystore:{keystore}", "--password-file", password
    )
    assert ran.code == 0, ran.err
    assert "canary-password" not in ran.out + ran.err


def test_a_wrong_password_stops_before_anything_is_pinned(
    bench: PublishBench, tmp_path: Path, keystore: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DIPMP_PASSWORD", "canary-wrong")
    ran = bench.shell.publish(build_wheel(tmp_path), "--yes", "--signer", f"keystore:{keystore}")
    assert ran.error == f"the password of the keystore {keystore} is wrong"
    assert "canary" not in ran.out + ran.err
    assert bench.nothing_was_sent()


def test_a_key_pasted_as_the_signer_is_not_repeated(bench: PublishBench, tmp_path: Path) -> None:
    for signer in (KEY, f"0x{KEY}", f"env:{KEY}", f"key:{KEY}"):
        ran = bench.shell.publish(build_wheel(tmp_path), "--yes", "--signer", signer)
        assert ran.code == 1
        assert KEY not in ran.out + ran.err


@pytest.mark.slow
@pytest.mark.parametrize(
    "method", ["eth_chainId", "eth_call", "eth_estimateGas", "eth_sendRawTransaction", "eth_getTransactionReceipt"]
)
def test_a_crash_shows_no_key(
    bench: PublishBench, tmp_path: Path, keystore: Path, method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bug anywhere on the way ends in a traceback, whose every frame is searched."""

    def crash(_params: Sequence[Any]) -> object:
        raise AssertionError("a bug")

    bench.node.answers[method] = crash
    monkeypatch.setenv("DIPMP_PASSWORD", "canary-password")
    from dipmp_cli import main as program

    for name, signer in (("one", "env:CI_KEY"), ("two", f"keystore:{keystore}")):
        monkeypatch.setenv("DIPMP_SIGNER", signer)
        monkeypatch.setattr("sys.argv", ["dipmp-publish", str(build_wheel(tmp_path, name)), "--yes", "-v"])
        with pytest.raises(AssertionError, match="a bug") as caught:
            program.main_publish()
        shown = "".join(traceback.TracebackException.from_exception(caught.value).format())
        assert KEY not in shown
        assert "canary-password" not in shown
