"""A publisher's mistakes end in one clear sentence, exit code 1, and no transaction."""

import dataclasses
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from web3 import HTTPProvider, Web3

from tests.support.files.wheels import build_wheel
from tests.support.programs.dipmp import Publisher
from tests.support.systems.end_to_end import World, embedded_world

DAY = 86_400
POOR_KEY = "0x" + "42" * 32


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A world whose clock these tests may move, with foo 1.0 published."""
    folder = tmp_path_factory.mktemp("bad-input")
    with embedded_world(folder / "world") as world:
        done = world.publish("--yes", build_wheel(folder, "foo", "1.0"))
        assert done.returncode == 0, done.stderr
        yield world


def sent(publisher: Publisher) -> int:
    """Return the number of blocks: one per transaction."""
    return Web3(HTTPProvider(publisher.rpc_url)).eth.block_number


def refused(world: World, publisher: Publisher, *args: str | Path) -> str:
    """Publish, expect a refusal that sent nothing, and return its words."""
    before = sent(world.publish)
    done: subprocess.CompletedProcess[str] = publisher("--yes", *args)
    assert done.returncode == 1, done.stderr
    assert sent(world.publish) == before
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    errors = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert len(errors) == 1, done.stderr
    return done.stderr[done.stderr.index("error: ") :]


def test_not_a_distribution(home: World, tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("hello")
    assert "notes.txt" in refused(home, home.publish, path)
    assert "wheel" in refused(home, home.publish, path)


def test_a_truncated_wheel(home: World, tmp_path: Path) -> None:
    path = build_wheel(tmp_path, "cut", "1.0", payload=bytes(range(256)) * 40)
    path.write_bytes(path.read_bytes()[:-200])
    assert "cut-1.0-py3-none-any.whl: is not a complete zip archive" in refused(home, home.publish, path)


@pytest.mark.parametrize(("name", "version"), [("bar", "1.0"), ("foo", "3.0")])
def test_file_name_against_metadata(home: World, tmp_path: Path, name: str, version: str) -> None:
    path = build_wheel(tmp_path, name, version, filename="foo-2.0-py3-none-any.whl")
    message = refused(home, home.publish, path)
    assert "foo-2.0-py3-none-any.whl: " in message
    assert f"{name if name != 'foo' else version}" in message


def test_other_bytes_under_a_taken_name(home: World, tmp_path: Path) -> None:
    path = build_wheel(tmp_path, "foo", "1.0", payload=b"other")
    message = refused(home, home.publish, path)
    assert "foo-1.0-py3-none-any.whl" in message
    assert message.count("sha256") >= 1


def test_the_same_bytes_again_send_nothing(home: World, tmp_path: Path) -> None:
    before = sent(home.publish)
    done = home.publish("--yes", build_wheel(tmp_path, "foo", "1.0"))
    assert done.returncode == 0, done.stderr
    assert sent(home.publish) == before


def test_a_key_without_funds(home: World, tmp_path: Path) -> None:
    poor = dataclasses.replace(home.publish, signer="env:POOR_KEY", secrets={"POOR_KEY": POOR_KEY})
    message = refused(home, poor, build_wheel(tmp_path, "unfunded", "1.0"))
    assert "holds 0" in message
    assert POOR_KEY[2:] not in message


def test_an_unreachable_rpc(home: World, tmp_path: Path) -> None:
    away = dataclasses.replace(home.publish, rpc_url="http://127.0.0.1:9")
    message = refused(home, away, build_wheel(tmp_path, "away", "1.0"))
    assert message.startswith("error: the chain cannot be asked: http://127.0.0.1:9 refuses the connection")
    assert "--rpc" in message


def test_an_unreachable_pinner(home: World, tmp_path: Path) -> None:
    away = dataclasses.replace(home.publish, pinner="kubo:http://127.0.0.1:9")
    message = refused(home, away, build_wheel(tmp_path, "unpinned", "1.0"))
    assert message.startswith(
        "error: unpinned-1.0-py3-none-any.whl is kept by no pinner, so nothing was written on chain"
    )
    assert "http://127.0.0.1:9/" in message
    assert "--pinner" in message


def test_a_wrong_chain_id(home: World, tmp_path: Path) -> None:
    message = refused(home, home.publish, "--chain-id", "8453", build_wheel(tmp_path, "chain", "1.0"))
    assert "8453" in message
    assert "1337" in message


def test_an_unknown_registry(home: World, tmp_path: Path) -> None:
    nowhere = dataclasses.replace(home.publish, registry="0x" + "11" * 20)
    assert "0x" + "11" * 20 in refused(home, nowhere, build_wheel(tmp_path, "nowhere", "1.0"))


def test_a_mistyped_registry(home: World, tmp_path: Path) -> None:
    address = home.publish.registry
    position = next(i for i, char in enumerate(address) if i > 2 and char.isalpha())
    mistyped = address[:position] + address[position].swapcase() + address[position + 1 :]
    typo = dataclasses.replace(home.publish, registry=mistyped)
    assert "EIP-55" in refused(home, typo, build_wheel(tmp_path, "typo", "1.0"))


def test_a_late_file_for_a_sealed_version(home: World, tmp_path: Path) -> None:
    provider = HTTPProvider(home.publish.rpc_url)
    provider.make_request("evm_increaseTime", [15 * DAY])
    provider.make_request("evm_mine", [])
    message = refused(home, home.publish, build_wheel(tmp_path, "foo", "1.0", build="1"))
    assert "foo-1.0-1-py3-none-any.whl" in message
    assert "sealed" in message
