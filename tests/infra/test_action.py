"""The GitHub Action: one step, which is a script, run here with a fake GitHub and a fake AWS and a real chain."""

import json
import os
import re
import subprocess
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml
from moto.server import ThreadedMotoServer

from action import publish as action
from dipmp_lib.devnet.node import DevNode
from dipmp_lib.model.names import checksum_address
from dipmp_lib.transactions.signers import KmsSigner, PasswordSource, signer_from_uri
from tests.support.fakes.aws import ENV, fresh_clients
from tests.support.fakes.kms import create_key, kms_that_signs_digests
from tests.support.faulty.fault_proxy import FaultProxy, Reply
from tests.support.faulty.toxics import Request
from tests.support.files.wheels import build_wheel
from tests.support.programs.clients import isolated_env
from tests.support.programs.dipmp import SCRIPTS
from tests.support.repository import ROOT

JWT = "header-part.payload-part.signature-part"
ROLE = "arn:aws:iam::123456789012:role/dipmp-publisher"
KEY = "arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
REGISTRY = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
GOOD = {
    "DIPMP_ACTION_FILES": "dist/*",
    "DIPMP_ACTION_REGISTRY": REGISTRY,
    "DIPMP_ACTION_CHAIN_ID": "",
    "DIPMP_ACTION_RPC": "https://rpc.example/secret-key",
    "DIPMP_ACTION_KMS_KEY": KEY,
    "DIPMP_ACTION_AWS_ROLE": ROLE,
    "DIPMP_ACTION_PINNERS": "pinata:, kubo:https://kubo.example",
    "DIPMP_ACTION_GATEWAYS": "",
    "DIPMP_ACTION_MAX_COST": "0.01",
    "DIPMP_ACTION_FINALITY": "latest",
    "DIPMP_ACTION_DRY_RUN": "false",
    "ACTIONS_ID_TOKEN_REQUEST_URL": "https://token.example/?api-version=2",
    "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "request-token",
}


def described() -> dict[str, Any]:
    return dict(yaml.safe_load((ROOT / "action.yml").read_text("utf-8")))


def test_it_is_one_step_that_runs_the_script_and_takes_inputs_by_the_environment() -> None:
    document = described()
    [step] = document["runs"]["steps"]
    assert document["runs"]["using"] == "composite"
    assert set(step) == {"id", "shell", "run", "env"}  # it uses no other action, and so pins none
    assert step["run"] == 'exec python3 -I "$GITHUB_ACTION_PATH/action/publish.py"'
    passed = {
        f"DIPMP_ACTION_{name.upper().replace('-', '_')}": f"${{{{ inputs.{name} }}}}" for name in document["inputs"]
    }
    assert step["env"] == passed
    assert {name.removeprefix("DIPMP_ACTION_") for name in passed} == {*action._INPUTS, "FILES"}
    for name, facts in document["inputs"].items():
        assert facts["description"], name
        assert ("default" in facts) != facts.get("required", False), name
    assert not [name for name in document["inputs"] if re.search("secret|private|password|token", name)]
    outputs = {each["value"] for each in document["outputs"].values()}
    assert outputs == {"${{ steps.publish.outputs.result }}", "${{ steps.publish.outputs.install }}"}


def test_what_it_installs_is_locked() -> None:
    text = (ROOT / "requirements" / "action.txt").read_text()
    names = set(re.findall(r"^([a-z0-9-]+)==", text, re.M))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    needed = {re.split(r"[^A-Za-z0-9._-]", pin, maxsplit=1)[0] for pin in project["dependencies"]}
    assert needed | {"boto3", "hatchling"} <= names
    assert text.count("==") <= text.count("--hash=sha256:")


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    build_wheel(tmp_path / "dist", "by-action")
    return tmp_path


def test_good_inputs(workspace: Path) -> None:
    inputs = action.read_inputs(GOOD, workspace)
    assert [path.name for path in inputs.files] == ["by_action-1.0-py3-none-any.whl"]
    assert inputs["KMS_KEY"] == KEY


BAD = [
    ("REGISTRY", ""),
    ("REGISTRY", "0x12"),
    ("REGISTRY", f"{REGISTRY} --signer env:X"),
    ("CHAIN_ID", "one"),
    ("RPC", "http://rpc.example"),
    ("RPC", "https://rpc.example\nX=1"),
    ("KMS_KEY", "alias/publisher"),
    ("KMS_KEY", "env:KEY"),
    ("AWS_ROLE", "arn:aws:iam::123456789012:user/me"),
    ("PINNERS", ""),
    ("GATEWAYS", "http://gateway.example"),
    ("MAX_COST", ""),
    ("MAX_COST", "1e9"),
    ("FINALITY", "soon"),
    ("DRY_RUN", "yes"),
    ("FILES", ""),
    ("FILES", "nothing/*"),
    ("FILES", "../*"),
    ("FILES", "/etc/*"),
]


@pytest.mark.parametrize(("name", "value"), BAD)
def test_bad_inputs_are_named_and_not_repeated(
    workspace: Path, name: str, value: str, capsys: pytest.CaptureFixture[str]
) -> None:
    environment = GOOD | {f"DIPMP_ACTION_{name}": value, "GITHUB_WORKSPACE": str(workspace)}

    def run(*_: object, **__: object) -> Any:  # noqa: ANN401
        pytest.fail("something was started")

    assert action.main(environment, run) == 2
    out = capsys.readouterr().out
    assert out.startswith("::error::")
    assert name.lower().replace("_", "-") in out
    assert not value or value not in out


def test_all_mistakes_at_once_and_a_job_without_permission(workspace: Path) -> None:
    with pytest.raises(action.InputError) as caught:
        action.read_inputs({}, workspace)
    text = str(caught.value)
    assert text.count("is missing") == len(
        [name for name, form in action._INPUTS.items() if not re.fullmatch(form, "")]
    )
    assert "id-token: write" in text
    assert "files matches nothing" in text


@pytest.mark.parametrize(
    "reply",
    [(500, b"no"), (200, b"{}"), (200, b"[]"), (200, b'{"value": 7}'), (200, b'{"value": "x y"}'), (200, b"\xff")],
)
def test_a_github_that_gives_no_token(reply: Reply) -> None:
    with FaultProxy(lambda _: reply) as github:
        environment = GOOD | {"ACTIONS_ID_TOKEN_REQUEST_URL": f"{github.url}/?v=2"}
        with pytest.raises(action.InputError, match="token") as caught:
            action.identity_token(environment)
    assert "request-token" not in str(caught.value)
    with pytest.raises(action.InputError, match="not https"):
        action.identity_token(GOOD | {"ACTIONS_ID_TOKEN_REQUEST_URL": "http://token.example/"})


def github(asked: Request) -> Reply:
    assert asked.headers["authorization"] == "bearer request-token"
    assert asked.path.endswith("&audience=sts.amazonaws.com")
    return 200, json.dumps({"value": JWT}).encode()


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """KMS and STS on loopback; yields their URL."""
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    url = f"http://{host}:{port}"
    for name, value in (ENV | {"AWS_ENDPOINT_URL": url}).items():
        monkeypatch.setenv(name, value)
    try:
        with fresh_clients(), kms_that_signs_digests():
            yield url
    finally:
        server.stop()


@pytest.mark.evm
def test_it_publishes_with_a_key_that_it_never_sees(
    workspace: Path, aws: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    key = create_key()
    signer = KmsSigner(key)
    started: list[tuple[Sequence[str], dict[str, str]]] = []
    tokens: list[Path] = []

    def run(
        command: Sequence[str],
        *,
        env: dict[str, str],
        check: bool,
        **options: Any,  # noqa: ANN401
    ) -> "subprocess.CompletedProcess[str]":
        """Installing is left out; dipmp runs as it is here, with this machine's AWS and chain in place of real ones."""
        started.append((command, env))
        if Path(command[0]).name != "dipmp":
            return subprocess.CompletedProcess(command, 0, "", "")
        tokens.append(Path(env["AWS_WEB_IDENTITY_TOKEN_FILE"]))
        assert tokens[0].read_text() == JWT
        assert tokens[0].stat().st_mode & 0o777 == 0o600
        local = {"AWS_ENDPOINT_URL": aws, "ETH_GATEWAY": dev.rpc_url, "AWS_EC2_METADATA_DISABLED": "true"}
        given = {name: env[name] for name in env if name.startswith(("AWS_", "DIPMP_", "IPFS_"))}
        command = [str(SCRIPTS / "dipmp"), *command[1:]]
        return subprocess.run(command, check=check, env=isolated_env(tmp_path / "home") | given | local, **options)

    with DevNode() as dev, FaultProxy(github) as tokens_by:
        owner = signer_from_uri(dev.signer, passwords=PasswordSource(), environment={})
        fields = {"nonce": dev.evm.state_at(dev.evm.head).get_nonce(owner.address), "gas": 21_000, "value": 10**18}
        fields |= {"gasPrice": 3 * int(dev.evm.next_header().base_fee_per_gas), "chainId": dev.evm.chain_id}
        to = checksum_address(signer.address)
        dev.evm.send(owner.sign_transaction({**fields, "to": to, "data": b""}))
        environment = GOOD | {
            "DIPMP_ACTION_REGISTRY": dev.registry,
            "DIPMP_ACTION_KMS_KEY": key,
            "DIPMP_ACTION_PINNERS": dev.pinner,
            "ACTIONS_ID_TOKEN_REQUEST_URL": f"{tokens_by.url}/?api-version=2",
            "GITHUB_WORKSPACE": str(workspace),
            "GITHUB_OUTPUT": str(tmp_path / "output"),
            "GITHUB_STEP_SUMMARY": str(tmp_path / "summary"),
            "PATH": os.environ["PATH"],
        }
        code = action.main(environment, run)
        shown = "".join(capfd.readouterr())
        assert code == 0, shown
    lines = dict(line.split("=", 1) for line in (tmp_path / "output").read_text().splitlines())
    document = json.loads(lines["result"])
    assert (document["publisher"], document["claims"]) == (to, ["by-action"])
    assert lines["install"] == document["install"]
    assert document["install"] in (tmp_path / "summary").read_text()

    assert not tokens[0].exists()
    everything = shown + (tmp_path / "output").read_text() + (tmp_path / "summary").read_text()
    assert all(secret not in everything for secret in (JWT, "request-token", "secret-key"))
    for command, env in started:
        assert not any(secret in " ".join(command) for secret in (JWT, "request-token", "secret-key"))
        assert not [name for name in env if name.startswith("ACTIONS_")]
    assert [command[1:3] for command, _ in started[:2]] == [("-m", "venv"), ("-m", "pip")]
    assert "--require-hashes" in started[1][0]


def test_a_publish_that_fails_fails_the_step(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def run(command: Sequence[str], **_: object) -> Any:  # noqa: ANN401
        raise subprocess.CalledProcessError(1, list(command))

    assert action.main(GOOD | {"GITHUB_WORKSPACE": str(workspace)}, run) == 1
    assert "::error::" in capsys.readouterr().out
