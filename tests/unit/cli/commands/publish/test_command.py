"""`dipmp-publish` from its arguments to what it prints, over a node and a pinner in memory."""

import json
import time
import traceback
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from eth_account import Account

from dipmp_lib.errors import RpcError
from dipmp_lib.transactions.signers import create_keystore
from tests.support.fakes.node import REGISTRY, FakeNode
from tests.support.fakes.publishing import FakePinner
from tests.support.files.wheels import build_sdist, build_wheel, metadata_text
from tests.support.programs.cli import Shell

KEY = "4c0883a69102937d6231471b5dbb6204fe512961708279fe5b3d4b2e1f2a5c6d"
ADDRESS = Account.from_key(KEY).address
ADDRESS_OF_REGISTRY = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
INDEX = f"http://127.0.0.1:5000/simple/{ADDRESS_OF_REGISTRY}/"
ENVIRONMENT = {
    "DIPMP_REGISTRY": ADDRESS_OF_REGISTRY,
    "ETH_GATEWAY": "http://rpc.invalid/secret-token",
    "DIPMP_PINNER": "kubo:http://pin.invalid",
    "DIPMP_SIGNER": "env:CI_KEY",
    "CI_KEY": KEY,
    "DIPMP_INDEX_URL": INDEX,
}
DAY = 86_400


class Bench:
    """Everything a publish touches, and the shell to run it in."""

    def __init__(self, shell: Shell) -> None:
        self.shell = shell
        self.node = FakeNode()
        self.node.time = int(time.time())
        self.pinner = FakePinner()
        self.asked_rpcs: list[str] = []

    def rpc(self, url: str, *_: object, **__: object) -> FakeNode:
        self.asked_rpcs.append(url)
        return self.node

    def nothing_was_sent(self) -> bool:
        return not self.node.sent and not self.pinner.events


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Bench]:
    import dipmp_cli.session.session
    import dipmp_cli.settings.settings

    made = Bench(Shell(monkeypatch, capsys))
    made.shell.environment(ENVIRONMENT)
    monkeypatch.setattr(dipmp_cli.session.session, "HttpRpc", made.rpc)
    monkeypatch.setattr(dipmp_cli.settings.settings, "pinner_from_uri", lambda _uri, **_: made.pinner)
    yield made
    assert bytes(REGISTRY).hex() == ADDRESS_OF_REGISTRY[2:].lower()


def test_the_command_that_is_printed_can_be_satisfied(bench: Bench, tmp_path: Path) -> None:
    ran = bench.shell.publish(*(build_wheel(tmp_path, version=version) for version in ("1.9", "1.10")), "--yes")
    assert ran.out.endswith(f"Install: pip install --index-url {INDEX} demo==1.10\n")


def test_the_whole_way(bench: Bench, tmp_path: Path) -> None:
    wheel, sdist = build_wheel(tmp_path), build_sdist(tmp_path)
    ran = bench.shell.publish(wheel, sdist, "--yes")
    assert ran.code == 0, ran.err
    assert ran.out == f"Index: {INDEX}\nInstall: pip install --index-url {INDEX} demo==1.0\n"
    assert "note: demo is a free name and will belong to you" in ran.err
    assert f"1 transaction to {ADDRESS_OF_REGISTRY} on chain 1337, by {ADDRESS}: up to 180,000 gas" in ran.err
    assert len(bench.node.sent) == 1
    assert len(bench.pinner.roots) == 3
    assert KEY not in ran.out + ran.err
    assert "secret-token" not in ran.out + ran.err


def test_running_it_again_sends_nothing(bench: Bench, tmp_path: Path) -> None:
    wheel = build_wheel(tmp_path)
    bench.shell.publish(wheel, "--yes")
    ran = bench.shell.publish(wheel)  # and so there is nothing to consent to
    assert ran.code == 0, ran.err
    assert "skip: already published" in ran.err
    assert len(bench.node.sent) == 1
    assert "Install: pip install" in ran.out


def test_json_is_the_only_thing_on_stdout(bench: Bench, tmp_path: Path) -> None:
    wheel = build_wheel(tmp_path)
    ran = bench.shell.publish(wheel, "--yes", "--json")
    document = json.loads(ran.out)
    [file], [transaction] = document["files"], document["transactions"]
    assert document["registry"] == ADDRESS_OF_REGISTRY
    assert (document["chain_id"], document["publisher"], document["claims"]) == (1337, ADDRESS, ["demo"])
    assert (file["filename"], file["action"], file["size"]) == (wheel.name, "publish", wheel.stat().st_size)
    assert (transaction["project"], transaction["claimed"], transaction["gas_used"]) == ("demo", True, 140_000)
    assert transaction["hash"] in bench.node.receipts
    assert document["install"] == f"pip install --index-url {INDEX} demo==1.0"


def test_a_dry_run_sends_nothing(bench: Bench, tmp_path: Path) -> None:
    ran = bench.shell.publish(build_wheel(tmp_path), "--dry-run", "--json")
    assert ran.code == 0, ran.err
    document = json.loads(ran.out)
    assert document["dry_run"] is True
    assert document["estimate"] == {"transactions": 1, "gas": 180_000, "cost_wei": str(180_000 * 2_001_000_000)}
    assert document["transactions"] == []
    assert bench.nothing_was_sent()


def test_verbose_shows_digests(bench: Bench, tmp_path: Path) -> None:
    ran = bench.shell.publish(build_wheel(tmp_path), "--dry-run", "--verbose")
    assert "demo-1.0-py3-none-any.whl: sha256 " in ran.err
    assert ", CID bafkrei" in ran.err


def test_nobody_to_ask(bench: Bench, tmp_path: Path) -> None:
    ran = bench.shell.publish(build_wheel(tmp_path))
    assert ran.code == 1
    assert ran.error == "nothing was sent: there is no terminal to ask for consent on"
    assert "hint: add --yes to consent" in ran.err
    assert bench.nothing_was_sent()


@pytest.mark.parametrize("consent", [True, False])
def test_asking(bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, consent: bool) -> None:
    monkeypatch.setattr("dipmp_cli.terminal.console.can_ask", lambda: True)
    monkeypatch.setattr("typer.confirm", lambda *_, **__: consent)
    ran = bench.shell.publish(build_wheel(tmp_path))
    if consent:
        assert ran.code == 0
        assert len(bench.node.sent) == 1
    else:
        assert ran.error == "nothing was sent: you said no"
        assert bench.nothing_was_sent()


def test_ctrl_c_ends_cleanly(bench: Bench, tmp_path: Path) -> None:
    bench.node.answers["eth_chainId"] = KeyboardInterrupt()
    ran = bench.shell.publish(build_wheel(tmp_path), "--yes")
    assert ran.code == 130
    assert "Traceback" not in ran.err


def test_without_an_index_url_the_command_has_a_blank(bench: Bench, tmp_path: Path) -> None:
    bench.shell.environment({name: value for name, value in ENVIRONMENT.items() if name != "DIPMP_INDEX_URL"})
    ran = bench.shell.publish(build_wheel(tmp_path, version="1!1.0"), "--yes")
    assert ran.out == f"Install: pip install --index-url https://SERVER/simple/{ADDRESS_OF_REGISTRY}/ 'demo==1!1.0'\n"


def test_the_hosts_url_is_good_enough(bench: Bench, tmp_path: Path) -> None:
    bench.shell.environment({**ENVIRONMENT, "DIPMP_INDEX_URL": "", "HOST_URL": "https://example.com/"})
    ran = bench.shell.publish(build_wheel(tmp_path), "--yes")
    assert f"Index: https://example.com/simple/{ADDRESS_OF_REGISTRY}/\n" in ran.out


# ---- bad input: one clear sentence, and nothing sent


def test_not_a_distribution(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").touch()
    ran = bench.shell.publish(tmp_path / "notes.txt", "--yes")
    assert (ran.code, ran.error) == (1, "notes.txt: is not the name of a wheel or sdist")
    assert bench.nothing_was_sent()


def test_a_wrong_version(bench: Bench, tmp_path: Path) -> None:
    ran = bench.shell.publish(build_wheel(tmp_path, metadata=metadata_text("demo", "2.0")), "--yes")
    assert ran.error == ("demo-1.0-py3-none-any.whl: is named for version 1.0, but its metadata says '2.0'")
    assert bench.nothing_was_sent()


def test_a_wrong_name(bench: Bench, tmp_path: Path) -> None:
    ran = bench.shell.publish(build_wheel(tmp_path, metadata=metadata_text("dome", "1.0")), "--yes")
    assert ran.error == ("demo-1.0-py3-none-any.whl: is named for the project 'demo', but its metadata says 'dome'")
    assert bench.nothing_was_sent()


def test_a_truncated_zip(bench: Bench, tmp_path: Path) -> None:
    path = build_wheel(tmp_path)
    path.write_bytes(path.read_bytes()[:-40])
    ran = bench.shell.publish(path, build_sdist(tmp_path), "--yes")
    assert ran.error.startswith("demo-1.0-py3-none-any.whl: is not a complete zip archive")
    assert bench.nothing_was_sent()


def test_several_problems_are_a_list(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").touch()
    (tmp_path / "a-1.tar.gz").touch()
    ran = bench.shell.publish(tmp_path / "notes.txt", tmp_path / "a-1.tar.gz", "--yes")
    assert ran.error == "nothing was done, because of 2 problems:"
    assert ran.err.splitlines()[1:] == [
        "  - notes.txt: is not the name of a wheel or sdist",
        "  - a-1.tar.gz: is empty",
    ]


def test_the_same_name_with_other_bytes(bench: Bench, tmp_path: Path) -> None:
    bench.shell.publish(build_wheel(tmp_path), "--yes")
    sent = len(bench.node.sent), len(bench.pinner.events)
    ran = bench.shell.publish(build_wheel(tmp_path, payload=b"other"), "--yes")
    assert ran.code == 1
    assert "demo-1.0-py3-none-any.whl is already published with other bytes: sha256 here " in ran.error
    assert "hint: published files never change: raise the version" in ran.err
    assert sent == (len(bench.node.sent), len(bench.pinner.events))


def test_a_late_file_for_a_sealed_version(bench: Bench, tmp_path: Path) -> None:
    bench.node.time -= 20 * DAY
    bench.shell.publish(build_wheel(tmp_path), "--yes")
    bench.node.time += 20 * DAY
    sent = len(bench.node.sent), len(bench.pinner.events)
    ran = bench.shell.publish(build_sdist(tmp_path), "--yes")
    date = time.strftime("%Y-%m-%d", time.gmtime(bench.node.time - 12 - 6 * DAY))
    assert f"demo-1.0.tar.gz: comes too late: version 1.0 of demo sealed on {date}" in ran.error
    assert sent == (len(bench.node.sent), len(bench.pinner.events))


def test_everything_that_is_wrong_is_said_before_anything_is_pinned(bench: Bench, tmp_path: Path) -> None:
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


def test_a_bad_file_is_said_although_the_chain_cannot_be_asked(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "other-1.0.tar.gz").touch()
    arguments = (build_wheel(tmp_path), tmp_path / "other-1.0.tar.gz", "--yes", "--chain-id", "8453")
    assert bench.shell.publish(*arguments).error == "other-1.0.tar.gz: is empty"


def test_warnings_are_notes_and_in_the_json(bench: Bench, tmp_path: Path) -> None:
    path = build_wheel(tmp_path, version="1.0+local")
    refused = bench.shell.publish(path, "--yes")
    assert "has the local version '1.0+local'" in refused.error
    assert "hint: build it again with today's tools; --lenient publishes such files as they are" in refused.err
    ran = bench.shell.publish(path, "--dry-run", "--json", "--lenient")
    warning = "has the local version '1.0+local', which is for builds that are not published"
    assert f"note: {path.name} {warning}" in ran.err
    document = json.loads(ran.out)
    assert document["files"][0]["warnings"] == [warning]
    assert document["remarks"][-1] == f"{path.name} {warning}"
    assert bench.nothing_was_sent()


def test_somebody_elses_project(bench: Bench, tmp_path: Path) -> None:
    bench.node.model.claim(b"\x11" * 20, bench.node.time, "demo", b"\x11" * 20, b"")
    ran = bench.shell.publish(build_wheel(tmp_path), "--yes")
    assert ran.error == f"demo belongs to 0x{'11' * 20}, and {ADDRESS} may not publish to it"
    assert bench.nothing_was_sent()


def test_a_key_without_funds(bench: Bench, tmp_path: Path) -> None:
    bench.node.balance = 1
    ran = bench.shell.publish(build_wheel(tmp_path), "--yes")
    assert ran.error == (f"{ADDRESS} holds 0.000000000000000001 ETH, and this can cost up to 0.00036018 ETH")
    assert bench.nothing_was_sent()


def test_a_wrong_chain_id(bench: Bench, tmp_path: Path) -> None:
    ran = bench.shell.publish(build_wheel(tmp_path), "--yes", "--chain-id", "8453")
    assert "serves chain 1337, not 8453" in ran.error
    assert bench.nothing_was_sent()


def test_a_short_name_says_the_chain_and_its_variable(bench: Bench, tmp_path: Path) -> None:
    bench.shell.environment(
        {**ENVIRONMENT, "DIPMP_REGISTRY": f"base:{ADDRESS_OF_REGISTRY}", "DIPMP_RPC_BASE": "http://base.invalid"}
    )
    ran = bench.shell.publish(build_wheel(tmp_path), "--yes")
    assert "serves chain 1337, not 8453" in ran.error
    assert bench.asked_rpcs == ["http://base.invalid"]


def test_an_unknown_registry(bench: Bench, tmp_path: Path) -> None:
    ran = bench.shell.publish(build_wheel(tmp_path), "--yes", "--registry", "0x" + "12" * 20)
    assert ran.error == f"there is no contract at 0x{'12' * 20} on chain 1337"
    assert bench.nothing_was_sent()


def test_a_mistyped_address(bench: Bench, tmp_path: Path) -> None:
    ran = bench.shell.publish(build_wheel(tmp_path), "--yes", "--registry", ADDRESS_OF_REGISTRY.replace("5aA", "5aa"))
    assert "does not match (EIP-55), so at least one character is mistyped" in ran.error
    assert "hint: copy the address again" in ran.err
    assert bench.asked_rpcs == []


def test_an_unreachable_rpc(bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, unused_port: int) -> None:
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


def test_a_pinner_that_keeps_something_else_stops_it(bench: Bench, tmp_path: Path) -> None:
    from dipmp_lib.errors import PinnerError

    bench.pinner.failure = PinnerError("fake keeps another root")
    ran = bench.shell.publish(build_wheel(tmp_path), "--yes")
    assert ran.error.startswith("demo-1.0-py3-none-any.whl is kept by no pinner, so ")
    assert ran.error.endswith("nothing was written on chain: fake keeps another root")
    assert not bench.node.sent


def test_a_node_that_fails_at_the_end(bench: Bench, tmp_path: Path) -> None:
    bench.node.answers["eth_sendRawTransaction"] = RpcError("http://rpc.invalid answered with \x1b[31m")
    ran = bench.shell.publish(build_wheel(tmp_path), "--yes")
    assert "was not accepted: http://rpc.invalid answered with \ufffd[31m" in ran.error
    assert "\x1b" not in ran.err


def test_all_missing_settings_at_once(bench: Bench, tmp_path: Path) -> None:
    bench.shell.environment({})
    ran = bench.shell.publish(build_wheel(tmp_path))
    assert ran.error == "nothing was done, because of 4 problems:"
    for name in ("DIPMP_REGISTRY", "ETH_GATEWAY", "DIPMP_PINNER", "DIPMP_SIGNER"):
        assert f"  - {name} (or --" in ran.err


# ---- keys


@pytest.fixture
def keystore(tmp_path: Path) -> Path:
    path = tmp_path / "key.json"
    create_keystore(path, "canary-password", light=True)
    return path


def test_a_keystore_signs(bench: Bench, tmp_path: Path, keystore: Path) -> None:
    password = tmp_path / "password"
    password.write_text("canary-password\n")
    password.chmod(0o600)
    ran = bench.shell.publish(
        build_wheel(tmp_path), "--yes", "--signer", f"keystore:{keystore}", "--password-file", password
    )
    assert ran.code == 0, ran.err
    assert "canary-password" not in ran.out + ran.err


def test_a_wrong_password_stops_before_anything_is_pinned(
    bench: Bench, tmp_path: Path, keystore: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DIPMP_PASSWORD", "canary-wrong")
    ran = bench.shell.publish(build_wheel(tmp_path), "--yes", "--signer", f"keystore:{keystore}")
    assert ran.error == f"the password of the keystore {keystore} is wrong"
    assert "canary" not in ran.out + ran.err
    assert bench.nothing_was_sent()


def test_a_key_pasted_as_the_signer_is_not_repeated(bench: Bench, tmp_path: Path) -> None:
    for signer in (KEY, f"0x{KEY}", f"env:{KEY}", f"key:{KEY}"):
        ran = bench.shell.publish(build_wheel(tmp_path), "--yes", "--signer", signer)
        assert ran.code == 1
        assert KEY not in ran.out + ran.err


@pytest.mark.parametrize(
    "method", ["eth_chainId", "eth_call", "eth_estimateGas", "eth_sendRawTransaction", "eth_getTransactionReceipt"]
)
def test_a_crash_shows_no_key(
    bench: Bench, tmp_path: Path, keystore: Path, method: str, monkeypatch: pytest.MonkeyPatch
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


# ---- the program


def test_version_and_help(bench: Bench) -> None:
    ran = bench.shell.dipmp("--version")
    assert ran.out.startswith("dipmp 0.")
    ran = bench.shell.dipmp("--help")
    assert [name for name in ("publish", "dev", "serve") if name in ran.out] == ["publish", "dev", "serve"]
    assert "--registry" in bench.shell.publish("--help").out
    assert bench.shell.dipmp("unknown").code == 2
    assert bench.shell.publish().code == 2


def test_version_is_quick_because_nothing_is_loaded() -> None:
    import subprocess
    import sys

    heavy = ("web3", "eth_account", "fastapi", "requests", "rich.table", "eth")
    code = (
        "import sys; from dipmp_cli import main; sys.argv = ['dipmp', '--version']\n"
        "try: main.main()\n"
        f"finally: print(*[name for name in {heavy!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[1:] == [""]
