"""Project pages of other indexes: what is taken, what is passed over, and that hostile bytes do nothing else."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dipmp_lib.errors import SourceError
from dipmp_lib.model.names import ProjectName
from dipmp_lib.publish.mirror.page_parser import JSON_TYPE, SourcePage, parse_page

LIB = ProjectName("lib")
URL = "https://index.example/simple/lib/"
DIGEST = "ab" * 32
WHEEL = "lib-1.0-py3-none-any.whl"


def from_json(*files: object, **top: object) -> SourcePage:
    document = {"meta": {"api-version": "1.4"}, "name": "lib", "files": list(files), **top}
    return parse_page(json.dumps(document).encode(), JSON_TYPE, URL, LIB)


def from_html(text: str) -> SourcePage:
    return parse_page(text.encode(), "text/html; charset=utf-8", URL, LIB)


def record(**changes: object) -> dict[str, object]:
    return {"filename": WHEEL, "url": f"https://files.example/{WHEEL}", "hashes": {"sha256": DIGEST}, **changes}


def test_json() -> None:
    metadata: dict[str, Any] = {
        "core-metadata": {"sha256": "cd" * 32},
        "size": 7,
        "requires-python": ">=3.8",
        "yanked": "broken",
    }
    [file] = from_json(record(**metadata)).files
    assert (file.filename.text, file.url, file.size) == (WHEEL, f"https://files.example/{WHEEL}", 7)
    assert file.sha256 == bytes.fromhex(DIGEST)
    assert file.metadata_sha256 == bytes.fromhex("cd" * 32)
    assert (file.requires_python, file.yanked) == (">=3.8", True)


def test_html_says_the_same() -> None:
    page = from_html(
        f"<!DOCTYPE html><html><head><base href='https://files.example/x/'></head><body><h1>Links for lib</h1>"
        f'<a href="../{WHEEL}#sha256={DIGEST}" data-requires-python="&gt;=3.8" data-yanked="broken"'
        f' data-dist-info-metadata="sha256={"cd" * 32}">whatever</a></body></html>'
    )
    metadata: dict[str, Any] = {"core-metadata": {"sha256": "cd" * 32}, "requires-python": ">=3.8", "yanked": "broken"}
    assert page == from_json(record(**metadata))


@pytest.mark.parametrize(
    "anchor",
    [
        f"<!-- <a href='{WHEEL}#sha256={DIGEST}'>x</a> -->",
        "<a name='top'>x</a>",
        f"<abbr href='{WHEEL}'>x</abbr>",
        f"<a href='{WHEEL}#sha256={DIGEST}' x='{'y' * 10_000}'>x</a>",  # no tag is that long
    ],
)
def test_what_is_no_link_to_a_file(anchor: str) -> None:
    assert from_html(anchor).files == ()


def test_a_sign_in_quotes_does_not_end_a_tag() -> None:
    assert from_html(f"<a data-requires-python='>=3.8' href='{WHEEL}#sha256={DIGEST}'>x</a>").files[0].sha256


@pytest.mark.parametrize(
    "changes",
    [
        {"filename": "lib-1.0.egg"},
        {"filename": "lib-1.0-py3-none-any.whl\x00"},
        {"filename": "../lib-1.0.tar.gz"},
        {"filename": 7},
        {"filename": "other-1.0.tar.gz"},
        {"url": None},
        {"size": -1},
        {"size": True},
        {"size": "7"},
        {"size": 1 << 50},
        {"requires-python": "no idea"},
        {"requires-python": 3},
    ],
)
def test_records_that_are_skipped(changes: dict[str, object]) -> None:
    page = from_json(record(**changes), record(filename="lib-2.0.tar.gz"))
    assert [file.filename.text for file in page.files] == ["lib-2.0.tar.gz"]
    assert len(page.skipped) == 1
    assert page.skipped[0].clause


def test_a_page_that_contradicts_itself_gives_no_digest() -> None:
    page = from_json(record(), record(hashes={"sha256": "ef" * 32}))
    assert [file.sha256 for file in page.files] == [None]
    assert len(from_json(record(), record()).skipped) == 0


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"{}", JSON_TYPE),
        (b"[]", JSON_TYPE),
        (b'{"meta": {"api-version": "2.0"}, "files": []}', JSON_TYPE),
        (b'{"meta": {"api-version": "1.0"}, "files": {}}', JSON_TYPE),
        (b'{"files": [], "files": []}', JSON_TYPE),
        (b"[" * 100_000, JSON_TYPE),
        (b"\xff", "text/html"),
        (b"{}", "application/json"),
        (b"", ""),
    ],
)
def test_what_is_no_page(body: bytes, kind: str) -> None:
    with pytest.raises(SourceError):
        parse_page(body, kind, URL, LIB)


def test_too_many_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dipmp_lib.publish.mirror.page_parser.MAX_FILES", 2)
    with pytest.raises(SourceError, match="lists more than 2 files"):
        from_json(record(), record(), record())


@pytest.mark.slow
@pytest.mark.parametrize("piece", ["<a ", "<!--", "<a href='", '<a "', "<a href=x ", "&", "<base "])
@pytest.mark.timeout(60)  # the standard library's parser takes hours
def test_tags_that_never_end(piece: str) -> None:
    assert from_html(piece * (4_000_000 // len(piece))).files == ()


@given(st.binary(max_size=300), st.sampled_from([JSON_TYPE, "text/html"]))
def test_total_on_bytes(body: bytes, kind: str) -> None:
    with suppress(SourceError):
        parse_page(body, kind, URL, LIB)


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from(["filename", "url", "hashes", "size", "yanked", "core-metadata"]), _VALUES))
def test_total_on_records(values: dict[str, object]) -> None:
    page = from_json({**record(), **values})
    assert len(page.files) + len(page.skipped) == 1


@given(st.text(max_size=300))
def test_total_on_html(text: str) -> None:
    from_html(f"<a href='{text}'>" + text)
