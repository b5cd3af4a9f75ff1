"""`dipmp publish --sign-only`: what is pinned, signed and written, and what cannot be signed."""

from pathlib import Path

import pytest

from dipmp_lib.secret import Secret
from dipmp_lib.transactions.signers import KeySigner
from tests.support.files.wheels import build_wheel
from tests.support.systems.relay import ME, PAYER, RelayScene, relay_scene


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> RelayScene:
    return relay_scene(monkeypatch, capsys, tmp_path)


def test_nobody_agreed(scene: RelayScene) -> None:
    wheel = build_wheel(scene.folder, "demo", "1.0")
    ran = scene.shell.publish(wheel, "--sign-only", scene.file, "--signer", "env:MINE")
    assert ran.error.startswith("nothing was sent: there is no terminal")
    assert not scene.file.exists()
    assert scene.pinner.events == []
    scene.sign()
    assert scene.shell.dipmp("relay", scene.file).error.startswith("nothing was sent: there is no terminal")


def test_what_cannot_be_signed_for_others(scene: RelayScene) -> None:
    wheels = [build_wheel(scene.folder, "demo", version) for version in ("1.0", "1.1")]
    options = ("--sign-only", scene.file, "--signer", "env:MINE", "--yes")
    ran = scene.shell.publish(*wheels, *options)
    assert ran.error == "a request carries one entry, and this takes 2: demo 1.0, demo 1.1"
    ran = scene.shell.publish(build_wheel(scene.folder, "free"), *options)
    assert ran.error == "a claim cannot be relayed, and free is not claimed yet"
    assert "dipmp project claim" in ran.err
    assert scene.sign("--valid", "2020-01-01").error == "--valid 2020-01-01 is in the past"
    assert "is not a time" in scene.sign("--valid", "soon").error
    assert not scene.file.exists()
    assert scene.pinner.events == []


def test_a_file_is_not_overwritten(scene: RelayScene) -> None:
    scene.file.write_text("precious")
    assert scene.sign().error == f"the file {scene.file} exists already"
    assert scene.file.read_text() == "precious"
    assert scene.pinner.events == []


@pytest.mark.slow
def test_nothing_to_sign(scene: RelayScene) -> None:
    scene.sign()
    scene.relay()
    scene.file.unlink()
    ran = scene.sign()
    assert (ran.code, "nothing to sign" in ran.err) == (0, True)
    assert not scene.file.exists()


def test_a_signer_that_signs_something_else(scene: RelayScene, monkeypatch: pytest.MonkeyPatch) -> None:
    other = KeySigner(Secret(PAYER))
    honest = KeySigner.sign_typed_data
    monkeypatch.setattr(KeySigner, "sign_typed_data", lambda _self, message: honest(other, message))
    ran = scene.sign()
    assert ran.error.startswith(f"the signer did not sign with the key of {ME}")
    assert not scene.file.exists()


def test_a_dry_run_of_either_writes_nothing(scene: RelayScene) -> None:
    ran = scene.sign("--dry-run")
    assert not scene.file.exists()
    assert scene.pinner.events == []
    assert (ran.code, ran.err.count("sign: demo 1.0")) == (0, 1), ran.err
    scene.sign()
    ran = scene.relay("--dry-run")
    assert ran.code == 0, ran.err
    assert scene.node.sent == []
