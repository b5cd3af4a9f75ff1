"""`dipmp publish --sign-only` by a key without money, `dipmp relay` by another, over a node and a pinner in memory."""

import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from eth_account import Account

from dipmp_lib.log.entries import FileRecord, Release
from dipmp_lib.log.payload import encode_release
from dipmp_lib.model.names import checksum_address
from dipmp_lib.secret import Secret
from dipmp_lib.transactions.signers import KeySigner
from dipmp_lib.transactions.signers.ecdsa import CURVE_ORDER, Signature, parse_packed
from dipmp_lib.transactions.sponsored import SignedAppend, parse_request
from tests.support.fakes.node import REGISTRY, FakeNode
from tests.support.fakes.publishing import FakePinner
from tests.support.files.wheels import build_wheel
from tests.support.programs.cli import Ran, Shell

KEY, PAYER = bytes([5]) * 32, bytes([6]) * 32
ME, THEM = (Account.from_key(key).address for key in (KEY, PAYER))
MINE = bytes.fromhex(ME[2:])
SETTINGS = {
    "DIPMP_REGISTRY": checksum_address(REGISTRY),
    "ETH_GATEWAY": "http://rpc.invalid",
    "DIPMP_PINNER": "kubo:http://pin.invalid",
    "DIPMP_SIGNER": "env:PAYER",
    "PAYER": PAYER.hex(),
    "MINE": KEY.hex(),
}


class Scene:
    """A project of mine, my key without money, and a payer."""

    def __init__(self, shell: Shell, folder: Path) -> None:
        self.shell, self.folder = shell, folder
        self.node, self.pinner = FakeNode(), FakePinner()
        self.node.time = int(time.time())
        self.node.model.claim(MINE, self.node.time, "demo", MINE, b"")
        self.node.answers["eth_getBalance"] = lambda params: "0x0" if params[0] == ME else hex(10**18)
        self.file = folder / "request.json"

    def sign(self, *arguments: object, version: str = "1.0") -> Ran:
        wheel = build_wheel(self.folder, "demo", version)
        return self.shell.publish(wheel, "--sign-only", self.file, "--signer", "env:MINE", "--yes", *arguments)

    def relay(self, *arguments: object) -> Ran:
        return self.shell.dipmp("relay", self.file, "--yes", *arguments)

    @property
    def request(self) -> SignedAppend:
        return parse_request(self.file.read_bytes())

    def rewrite(self, *, sign: bool = True, **changes: Any) -> None:  # noqa: ANN401
        """Change the request, signed anew or not."""
        own = self.request
        facts = {name: getattr(own, name) for name in own.__dataclass_fields__} | changes
        made = SignedAppend(**facts)
        signature = KeySigner(Secret(KEY)).sign_typed_data(made.typed_data) if sign else made.signature
        self.file.write_text(made.signed(signature).document())


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Scene:
    made = Scene(Shell(monkeypatch, capsys), tmp_path)
    made.shell.environment(SETTINGS)
    for name, value in SETTINGS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("dipmp_cli.session.session.HttpRpc", lambda *_, **__: made.node)
    monkeypatch.setattr("dipmp_cli.settings.settings.pinner_from_uri", lambda _uri, **_: made.pinner)
    return made


def test_the_whole_way(scene: Scene) -> None:
    ran = scene.sign()
    assert ran.code == 0, ran.err
    assert f"sign: demo 1.0, demo-1.0-py3-none-any.whl, as {ME}, until " in ran.err
    assert len(scene.pinner.roots) == 2
    assert scene.node.sent == []
    assert KEY.hex() not in scene.file.read_text() + ran.err

    ran = scene.relay("--json")
    assert ran.code == 0, ran.err
    document = json.loads(ran.out)
    assert (document["signer"], document["sender"], document["project"]) == (ME, THEM, "demo")
    assert [step["function"] for step in document["steps"]] == ["appendWithSig"]
    assert f"plan: demo, by {ME}: releases 1 file" in ran.err
    assert "note: demo-1.0-py3-none-any.whl: " in ran.err
    assert f"by {THEM}: up to 180,000 gas" in ran.err
    _, entry = scene.node.model.entries("demo")
    assert (entry[1], entry[8:28]) == (1, MINE)
    [sent] = scene.node.sent
    assert Account.recover_transaction(sent) == THEM


def test_a_signature_pays_once(scene: Scene) -> None:
    scene.sign()
    assert scene.relay().code == 0
    ran = scene.relay()
    assert ran.error == "the request was used already: it is entry 1 of demo"
    assert len(scene.node.sent) == 1


def test_a_request_that_somebody_overtook(scene: Scene) -> None:
    scene.sign()
    scene.node.model.append(MINE, scene.node.time, "demo", 0x20, b"\x00")
    assert scene.relay().error == "the request came too late: demo has had an entry 1 since it was signed"
    assert scene.node.sent == []


def test_a_dry_run_of_either_writes_nothing(scene: Scene) -> None:
    ran = scene.sign("--dry-run")
    assert not scene.file.exists()
    assert scene.pinner.events == []
    assert (ran.code, ran.err.count("sign: demo 1.0")) == (0, 1), ran.err
    scene.sign()
    ran = scene.relay("--dry-run")
    assert ran.code == 0, ran.err
    assert scene.node.sent == []


def test_nobody_agreed(scene: Scene) -> None:
    wheel = build_wheel(scene.folder, "demo", "1.0")
    ran = scene.shell.publish(wheel, "--sign-only", scene.file, "--signer", "env:MINE")
    assert ran.error.startswith("nothing was sent: there is no terminal")
    assert not scene.file.exists()
    assert scene.pinner.events == []
    scene.sign()
    assert scene.shell.dipmp("relay", scene.file).error.startswith("nothing was sent: there is no terminal")


def payload_of(filename: str) -> bytes:
    return encode_release(Release(">=3.8", (FileRecord(filename, 5, bytes(32), None, bytes(32)),)))


def other_signer(scene: Scene) -> None:
    scene.rewrite(sign=False, signer=bytes.fromhex(THEM[2:]))


def high_s(scene: Scene) -> None:
    found = parse_packed(scene.request.signature)
    high = Signature(found.r, CURVE_ORDER - found.s, 1 - found.parity)
    scene.rewrite(sign=False, signature=high.packed())


TAMPERED: dict[str, tuple[Callable[[Scene], None], str]] = {
    "another payload": (
        lambda s: s.rewrite(sign=False, payload=payload_of("demo-9.0-py3-none-any.whl")),
        "not what its signer",
    ),
    "another project": (lambda s: s.rewrite(sign=False, project="other"), "not what its signer"),
    "another signer": (other_signer, "not what its signer signed: the signer did not sign with the key"),
    "another deadline": (lambda s: s.rewrite(sign=False, deadline=2**40), "not what its signer"),
    "a high s": (high_s, "a high s"),
    "another chain": (lambda s: s.rewrite(chain_id=1), "is for chain 1, and the node serves chain 1337"),
    "another registry": (lambda s: s.rewrite(registry=bytes(20)), "is for the registry 0x0000"),
    "another history": (lambda s: s.rewrite(head=bytes(32)), "continues a history that demo does not have"),
    "expired": (lambda s: s.rewrite(deadline=s.node.time - 1), "has expired"),
    "no such project": (lambda s: s.rewrite(project="nobody-has-it"), "has no project 'nobody-has-it'"),
    "an unknown kind": (lambda s: s.rewrite(kind=0x41), "its kind is 0x41"),
    "a broken payload": (lambda s: s.rewrite(payload=b"\x00\xff"), "none that this version of dipmp can show"),
    "a file of another project": (
        lambda s: s.rewrite(payload=payload_of("other-1.0-py3-none-any.whl")),
        "readers would ignore other-1.0-py3-none-any.whl",
    ),
}


@pytest.mark.parametrize("case", TAMPERED)
def test_what_does_not_hold_is_refused(scene: Scene, case: str) -> None:
    change, sentence = TAMPERED[case]
    scene.sign()
    change(scene)
    ran = scene.relay()
    assert ran.code == 1
    assert sentence in ran.error
    assert scene.node.sent == []


def test_other_bytes_under_a_listed_name_are_not_paid_for(scene: Scene) -> None:
    scene.sign()
    assert scene.relay().code == 0
    log_head = scene.node.model.read("demo", 0, 0, 0)[1]
    scene.rewrite(head=log_head, payload=payload_of("demo-1.0-py3-none-any.whl"))
    assert "readers would ignore demo-1.0-py3-none-any.whl of the request" in scene.relay().error


def test_the_registry_has_the_last_word(scene: Scene) -> None:
    """A signer who may not publish, and a project that takes no releases: the simulation says so."""
    scene.sign()
    stranger = KeySigner(Secret(bytes([9]) * 32))
    own = scene.request
    facts = {name: getattr(own, name) for name in own.__dataclass_fields__} | {"signer": stranger.address}
    made = SignedAppend(**facts)
    scene.file.write_text(made.signed(stranger.sign_typed_data(made.typed_data)).document())
    assert f"{checksum_address(stranger.address)} is neither the owner of the project" in scene.relay().error
    scene.node.model.set_status(MINE, scene.node.time, "demo", 1, "")
    scene.file.unlink()
    assert "demo is archived" in scene.sign().error
    assert scene.node.sent == []


def test_what_cannot_be_signed_for_others(scene: Scene) -> None:
    wheels = [build_wheel(scene.folder, "demo", version) for version in ("1.0", "1.1")]
    options = ("--sign-only", scene.file, "--signer", "env:MINE", "--yes")
    ran = scene.shell.publish(*wheels, *options)
    assert ran.error == "a request carries one entry, and this takes 2: demo 1.0, demo 1.1"
    ran = scene.shell.publish(build_wheel(scene.folder, "free"), *options)
    assert ran.error == "a claim cannot be signed for others to send, and free is free"
    assert "dipmp project claim" in ran.err
    assert scene.sign("--valid", "2020-01-01").error == "--valid 2020-01-01 is in the past"
    assert "is not a time" in scene.sign("--valid", "soon").error
    assert not scene.file.exists()
    assert scene.pinner.events == []


def test_a_file_is_not_overwritten(scene: Scene) -> None:
    scene.file.write_text("precious")
    assert scene.sign().error == f"the file {scene.file} exists already"
    assert scene.file.read_text() == "precious"
    assert scene.pinner.events == []


def test_nothing_to_sign(scene: Scene) -> None:
    scene.sign()
    scene.relay()
    scene.file.unlink()
    ran = scene.sign()
    assert (ran.code, "nothing to sign" in ran.err) == (0, True)
    assert not scene.file.exists()


def test_a_signer_that_signs_something_else(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    other = KeySigner(Secret(PAYER))
    honest = KeySigner.sign_typed_data
    monkeypatch.setattr(KeySigner, "sign_typed_data", lambda _self, message: honest(other, message))
    ran = scene.sign()
    assert ran.error.startswith(f"the signer did not sign with the key of {ME}")
    assert not scene.file.exists()


def test_a_file_that_is_none(scene: Scene) -> None:
    assert "cannot be read: No such file" in scene.relay().error
    scene.file.write_text("{}")
    assert "is not a signed request" in scene.relay().error
    scene.file.write_bytes(b" " * 2_000_000)
    assert "is not a signed request" in scene.relay().error


def test_a_node_that_lies_about_the_log_costs_nothing(scene: Scene) -> None:
    """The head is recomputed from the entries, so a forged one is the node's mistake, not the request's."""
    scene.sign()
    real = scene.node._eth_call

    def forge(params: Sequence[Any]) -> object:
        answer = real(*params)
        return answer[:66] + "11" * 32 + answer[130:] if len(answer) > 400 else answer

    scene.node.answers["eth_call"] = forge
    assert scene.relay().code == 1
    assert scene.node.sent == []
