"""Forms against their files: the file's own name and metadata count, and every stated digest has to be right."""

import hashlib
from pathlib import Path

import pytest

from dipmp_lib.distributions import Distribution
from dipmp_lib.errors import InvalidDistribution, InvalidUpload
from dipmp_lib.publish.bridge.form import ReceivedForm
from dipmp_lib.publish.bridge.upload import is_upload, to_distribution
from tests.support.files.wheels import build_sdist, build_wheel
from tests.support.systems.bridge import TestBridge, form, part, upload_form


@pytest.fixture
def bridge(tmp_path: Path) -> TestBridge:
    return TestBridge(tmp_path / "uploads")


@pytest.fixture
def wheel(tmp_path: Path) -> Path:
    return build_wheel(tmp_path / "dist")


def received(path: Path, **fields: str) -> ReceivedForm:
    """A form whose file was received as `upload` beside the given one, with its digests."""
    data = path.read_bytes()
    upload = path.with_name("upload")
    upload.write_bytes(data)
    digests = {"sha256": hashlib.sha256(data).hexdigest(), "md5": "m", "blake2_256": "b"}
    return ReceivedForm(upload, {"sha256_digest": digests["sha256"], **fields}, path.name, digests)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"sha256_digest": "0" * 64}, "damaged on its way"),
        ({"blake2_256_digest": "0" * 64}, "damaged on its way"),
        ({"md5_digest": "0" * 32}, "damaged on its way"),
        ({"sha256_digest": None, "blake2_256_digest": None, "md5_digest": None}, "states no digest"),
        ({"filetype": "sdist"}, "says that demo-1.0-py3-none-any.whl is a 'sdist'"),
        ({"protocol_version": "2"}, "'protocol_version' is not 1"),
        ({"action": "remove_pkg"}, "':action' is 'remove_pkg'"),
        ({"action": None}, "':action' is ''"),
        ({"filename": "demo-1.0.exe"}, "not the name of a wheel or sdist"),
        ({"filename": "../demo-1.0-py3-none-any.whl"}, "not the name of a wheel or sdist"),
        ({"filename": "/etc/demo-1.0-py3-none-any.whl"}, "not the name of a wheel or sdist"),
        ({"filename": "demo-2.0-py3-none-any.whl"}, "belongs to another name or version"),
        ({"filename": "other-1.0-py3-none-any.whl"}, "belongs to another name or version"),
        ({"filename": ""}, "not the name of a wheel or sdist"),
    ],
)
def test_forms_at_odds_with_their_file_are_refused(
    bridge: TestBridge, wheel: Path, changes: dict[str, str | None], sentence: str
) -> None:
    answer = bridge.post(upload_form(wheel, **changes))
    assert answer.status == 400
    assert sentence in answer.body.decode()
    assert bridge.publisher.carried_out == []
    assert list(bridge.folder.iterdir()) == []


def test_upper_case_digests_are_digests(bridge: TestBridge, wheel: Path) -> None:
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest().upper()
    assert bridge.post(upload_form(wheel, sha256_digest=digest)).status == 200


@pytest.mark.parametrize("action", ["submit", "verify"])
def test_old_announcements_are_ignored(bridge: TestBridge, action: str) -> None:
    answer = bridge.post(form(part(":action", action), part("name", "demo")))
    assert answer.status == 200
    assert bridge.publisher.carried_out == []


def test_a_broken_file_is_refused_with_every_problem(bridge: TestBridge, tmp_path: Path) -> None:
    broken = build_sdist(tmp_path / "dist", metadata=b"Metadata-Version: 2.1\nName: else\nVersion: 3\n")
    answer = bridge.post(upload_form(broken))
    assert answer.status == 400
    assert b"its metadata says 'else'" in answer.body
    assert b"its metadata says '3'" in answer.body
    assert b"\n" not in answer.body.strip()


def test_the_file_gets_its_own_name(wheel: Path) -> None:
    original = wheel.read_bytes()
    form_ = received(wheel, filetype="bdist_wheel")
    wheel.unlink()
    dist = to_distribution(form_)
    assert dist.path == wheel
    assert wheel.read_bytes() == original
    assert not form_.path.exists()


def test_one_digest_of_three_is_enough_and_a_wrong_one_too_many(wheel: Path) -> None:
    with pytest.raises(InvalidUpload, match="md5_digest is 'x', and its bytes have m"):
        to_distribution(received(wheel, md5_digest="x"))
    assert to_distribution(received(wheel, sha256_digest="", md5_digest="m")).filename.text == wheel.name


def test_a_file_that_changes_while_it_is_read(wheel: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read = Distribution.from_path

    def change(path: Path, *, lenient: bool = False) -> Distribution:
        build_wheel(path.parent, payload=b"other")
        return read(path, lenient=lenient)

    monkeypatch.setattr(Distribution, "from_path", change)
    with pytest.raises(InvalidDistribution, match="changed on disk while it was read"):
        to_distribution(received(wheel))


@pytest.mark.parametrize(("action", "uploads"), [("file_upload", True), ("submit", False), ("verify", False)])
def test_actions(tmp_path: Path, action: str, uploads: bool) -> None:
    assert is_upload(ReceivedForm(tmp_path, {":action": action})) is uploads
    with pytest.raises(InvalidUpload, match=r"':action' is 'x{40}'"):
        is_upload(ReceivedForm(tmp_path, {":action": "x" * 1000}))
