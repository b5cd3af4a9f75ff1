"""Forms that break the format or the bounds: each is refused with a sentence, and leaves nothing behind."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dipmp_lib.errors import InvalidUpload, UploadTooLarge
from dipmp_lib.publish.bridge.form import Bounds, FormReader
from tests.support.files.wheels import build_wheel
from tests.support.systems.bridge import BOUNDARY, SMALL, TestBridge, form, part, upload_form

TYPE = f"multipart/form-data; boundary={BOUNDARY}"
ACTION = part(":action", "file_upload")
FILE = part("content", b"PK", "demo-1.0-py3-none-any.whl")


@pytest.fixture
def bridge(tmp_path: Path) -> TestBridge:
    return TestBridge(tmp_path / "uploads")


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"", "cut off"),
        (b"garbage", "cannot be read"),
        (form(ACTION, FILE)[:-10], "cut off"),
        (form(ACTION, FILE).replace(b"\r\n\r\nPK", b"\r\nPK"), ""),
        (form(ACTION), "no part 'content'"),
        (form(ACTION, FILE, FILE), "more than one part 'content'"),
        (form(ACTION, part("content", b"PK")), "'content' has no file name"),
        (form(part("", "x").replace(b'name=""', b"size=1")), "no name"),
        (form(part("a", "x").replace(b"form-data", b"attachment")), "no name"),
        (form(part("a", "x", more='Content-Disposition: form-data; name="b"\r\n')), "two Content-Disposition"),
        (form(ACTION, part("a", "x", more="X: " + "y" * 300 + "\r\n")), "cannot be read"),
        (form(ACTION, part("a", "x", more="X: y\r\n" * 5)), "cannot be read"),
    ],
)
def test_malformed_forms_are_refused(bridge: TestBridge, body: bytes, sentence: str) -> None:
    answer = bridge.post(body)
    assert answer.status == 400
    assert sentence in answer.body.decode()
    assert list(bridge.folder.iterdir()) == []


@pytest.mark.parametrize(
    "content_type",
    [
        "",
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "multipart/form-data; boundary=",
        f"multipart/form-data; boundary={'x' * 71}",
        f"multipart/mixed; boundary={BOUNDARY}",
    ],
)
def test_other_bodies_are_refused(bridge: TestBridge, content_type: str) -> None:
    answer = bridge.post(form(ACTION, FILE), {"Content-Type": content_type})
    assert answer.status == 400
    assert b"multipart/form-data" in answer.body


@pytest.mark.parametrize(
    "body",
    [
        form(ACTION, part("content", b"x" * (SMALL.body + 1), "demo-1.0-py3-none-any.whl")),
        form(*(part("classifiers", "x") for _ in range(SMALL.parts + 1))),
        form(part("description", "x" * (SMALL.fields + 1))),
        form(*(part("description", "x" * (SMALL.fields // 10)) for _ in range(11))),
        form(part("gpg_signature", "x" * (SMALL.fields + 1), "demo.asc")),
    ],
)
def test_bounds_hold(bridge: TestBridge, body: bytes) -> None:
    answer = bridge.post(body)
    assert answer.status == 413
    assert bridge.publisher.carried_out == []
    assert list(bridge.folder.iterdir()) == []


def test_other_parts_are_taken_and_ignored(bridge: TestBridge, tmp_path: Path) -> None:
    body = upload_form(build_wheel(tmp_path / "dist"))
    more = part("gpg_signature", b"\x00\xff", "demo.asc") + part("attestations", "[]") + part("classifiers", "\xff")
    assert bridge.post(more + body).status == 200


def test_the_file_is_written_where_it_was_told_and_nowhere_else(tmp_path: Path) -> None:
    reader = FormReader(TYPE, tmp_path / "upload")
    reader.feed(form(ACTION, part("content", b"PK", "../../evil")))
    received = reader.finish()
    assert received.filename == "../../evil"
    assert [path.name for path in tmp_path.iterdir()] == ["upload"]
    assert (tmp_path / "upload").read_bytes() == b"PK"


def test_nothing_is_written_over(tmp_path: Path) -> None:
    (tmp_path / "upload").write_bytes(b"mine")
    reader = FormReader(TYPE, tmp_path / "upload")
    with pytest.raises(FileExistsError):
        reader.feed(form(ACTION, FILE))
    assert (tmp_path / "upload").read_bytes() == b"mine"


@given(st.binary(max_size=400), st.integers(1, 50))
def test_any_bytes_give_a_form_or_a_sentence(tmp_path_factory: pytest.TempPathFactory, data: bytes, cut: int) -> None:
    folder = tmp_path_factory.mktemp("form")
    reader = FormReader(TYPE, folder / "upload", Bounds(body=1000))
    body = form(ACTION, part("content", data, "x")) if cut % 2 else data
    try:
        for start in range(0, len(body), cut):
            reader.feed(body[start : start + cut])
        received = reader.finish()
    except (InvalidUpload, UploadTooLarge):
        reader.close()
    else:
        assert received.path.read_bytes() == data


@given(st.data())
def test_a_mutated_form_never_gives_other_fields_silently(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    body = bytearray(form(ACTION, part("sha256_digest", "00"), FILE))
    for _ in range(data.draw(st.integers(1, 4))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    reader = FormReader(TYPE, tmp_path_factory.mktemp("form") / "upload", SMALL)
    try:
        reader.feed(bytes(body))
        received = reader.finish()
    except (InvalidUpload, UploadTooLarge):
        reader.close()
    else:
        assert len(received.fields) <= 3
