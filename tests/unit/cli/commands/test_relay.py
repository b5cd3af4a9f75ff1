"""`dipmp relay` of what a key without money signed, over a node and a pinner in memory."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from eth_account import Account

from dipmp_lib.log.entries import FileRecord, Release
from dipmp_lib.log.payload import encode_release
from dipmp_lib.model.names import checksum_address
from dipmp_lib.secret import Secret
from dipmp_lib.transactions.ecdsa import CURVE_ORDER, Signature, parse_packed
from dipmp_lib.transactions.signers import KeySigner
from dipmp_lib.transactions.sponsored import SignedAppend
from tests.support.systems.relay import KEY, ME, MINE, THEM, RelayScene, relay_scene

pytestmark = pytest.mark.slow


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> RelayScene:
    return relay_scene(monkeypatch, capsys, tmp_path)


def test_the_whole_way(scene: RelayScene) -> None:
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


@pytest.mark.slow
def test_a_signature_pays_once(scene: RelayScene) -> None:
    scene.sign()
    assert scene.relay().code == 0
    ran = scene.relay()
    assert ran.error == "the request was used already: it is entry 1 of demo"
    assert len(scene.node.sent) == 1


def test_a_request_that_somebody_overtook(scene: RelayScene) -> None:
    scene.sign()
    scene.node.model.append(MINE, scene.node.time, "demo", 0x20, b"\x00")
    assert scene.relay().error == "the request came too late: demo has had an entry 1 since it was signed"
    assert scene.node.sent == []


def payload_of(filename: str) -> bytes:
    return encode_release(Release(">=3.8", (FileRecord(filename, 5, bytes(32), None, bytes(32)),)))


def other_signer(scene: RelayScene) -> None:
    scene.rewrite(sign=False, signer=bytes.fromhex(THEM[2:]))


def high_s(scene: RelayScene) -> None:
    found = parse_packed(scene.request.signature)
    high = Signature(found.r, CURVE_ORDER - found.s, 1 - found.parity)
    scene.rewrite(sign=False, signature=high.packed())


TAMPERED: dict[str, tuple[Callable[[RelayScene], None], str]] = {
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
def test_what_does_not_hold_is_refused(scene: RelayScene, case: str) -> None:
    change, sentence = TAMPERED[case]
    scene.sign()
    change(scene)
    ran = scene.relay()
    assert ran.code == 1
    assert sentence in ran.error
    assert scene.node.sent == []


@pytest.mark.slow
def test_other_bytes_under_a_listed_name_are_not_paid_for(scene: RelayScene) -> None:
    scene.sign()
    assert scene.relay().code == 0
    log_head = scene.node.model.read("demo", 0, 0, 0)[1]
    scene.rewrite(head=log_head, payload=payload_of("demo-1.0-py3-none-any.whl"))
    assert "readers would ignore demo-1.0-py3-none-any.whl of the request" in scene.relay().error


def test_the_registry_has_the_last_word(scene: RelayScene) -> None:
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


def test_a_file_that_is_none(scene: RelayScene) -> None:
    assert "cannot be read: No such file" in scene.relay().error
    scene.file.write_text("{}")
    assert "is not a signed request" in scene.relay().error
    scene.file.write_bytes(b" " * 2_000_000)
    assert "is not a signed request" in scene.relay().error


def test_a_node_that_lies_about_the_log_costs_nothing(scene: RelayScene) -> None:
    """The head is recomputed from the entries, so a forged one is the node's mistake, not the request's."""
    scene.sign()
    real = scene.node._eth_call

    def forge(params: Sequence[Any]) -> object:
        answer = real(*params)
        return answer[:66] + "11" * 32 + answer[130:] if len(answer) > 400 else answer

    scene.node.answers["eth_call"] = forge
    assert scene.relay().code == 1
    assert scene.node.sent == []
