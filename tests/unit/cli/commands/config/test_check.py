"""`dipmp config check`: values and their origins, secrets masked, problems."""

import json
from pathlib import Path

import pytest

from tests.support.programs.cli import Shell

ONE = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"


KEY = "4c0883a69102937d6231471b5dbb6204fe512961708279fe5b3d4b2e1f2a5c6d"


FILE = f"""
registry = "{ONE}"
rpc = "https://user:canary@rpc.example/canary"
pinners = "kubo:http://canary:canary@127.0.0.1:5001"
gateways = "https://gateway.example/ipfs"
signer = "keystore:work"
"""


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Shell:
    made = Shell(monkeypatch, capsys)
    monkeypatch.chdir(tmp_path)
    made.environment({"DIPMP_CONFIG": str(tmp_path / "config.toml")})
    return made


def write(folder: Path, text: str) -> Path:
    path = folder / "config.toml"
    path.write_text(text)
    path.chmod(0o600)
    return path


def test_check_shows_values_and_origins(shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path, FILE)
    monkeypatch.setenv("IPFS_GATEWAY", "https://variable.example/ipfs")
    ran = shell.dipmp("config", "check")
    assert ran.code == 0, ran.out
    assert f"rpc          https://rpc.example/…  (rpc in {path})" in ran.out
    assert "gateways     https://variable.example/…  (the variable IPFS_GATEWAY)" in ran.out
    assert "signer       keystore:work" in ran.out
    assert "index_url    not set" in ran.out
    assert "canary" not in ran.out + ran.err


def test_check_as_json_says_what_is_wrong(shell: Shell, tmp_path: Path) -> None:
    write(tmp_path, FILE.replace("keystore:work", KEY) + "colour = 1\n")
    ran = shell.dipmp("config", "check", "--json")
    document = json.loads(ran.out)
    assert ran.code == 1
    assert set(document) == {"files", "registries", "settings", "warnings", "problems"}
    shown = {each["key"]: each["value"] for each in document["settings"]}
    assert shown["signer"] == "(not shown)"
    assert shown["index_url"] is None
    assert len(document["problems"]) == 1
    assert "'colour' in " in document["problems"][0]
    assert KEY not in ran.out + ran.err


def test_check_of_a_named_registry(shell: Shell, tmp_path: Path) -> None:
    write(tmp_path, FILE + f'[registries.play]\naddress = "base:{ONE}"\nrpc = "https://base.example"\n')
    ran = shell.dipmp("config", "check", "--registry", "play")
    assert f"registry     base:{ONE}" in ran.out
    assert "rpc          https://base.example  (rpc in [registries.play]" in ran.out
