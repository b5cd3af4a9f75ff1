"""Rules for files, reasons and status bytes: the edges of each, and the code of the first that is broken."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dipmp_lib.ipfs.cid import RAW_FILE_MAX
from dipmp_lib.log.entries import FileRecord
from dipmp_lib.log.limits import MAX_SIZE
from dipmp_lib.log.rules import (
    ARCHIVED,
    DEPRECATED,
    QUARANTINED,
    UNKNOWN,
    Rejection,
    check_file,
    check_requires_python,
    status_of,
    valid_reason,
)
from dipmp_lib.model.filenames import Filename
from dipmp_lib.model.pages import Status

DIGEST = bytes(32)
SDIST = FileRecord("foo-1.0.tar.gz", 1, DIGEST, None, None)
WHEEL = FileRecord("foo-1.0-py3-none-any.whl", 1, DIGEST, None, DIGEST)


@pytest.mark.parametrize(
    "record",
    [
        SDIST,
        WHEEL,
        replace(SDIST, size=RAW_FILE_MAX),
        replace(SDIST, size=RAW_FILE_MAX + 1, dag_root=DIGEST),
        replace(WHEEL, size=MAX_SIZE, dag_root=DIGEST),
        replace(SDIST, filename="Foo-1.0.zip"),
    ],
    ids=repr,
)
def test_a_file_that_keeps_the_rules(record: FileRecord) -> None:
    name = check_file(record, "foo")
    assert isinstance(name, Filename)
    assert (name.text, name.project) == (record.filename, "foo")


@pytest.mark.parametrize(
    ("record", "code"),
    [
        (replace(SDIST, filename="foo.tar.gz"), "bad-filename"),
        (replace(SDIST, filename="bar-1.0.tar.gz"), "other-project"),
        (replace(SDIST, size=0), "bad-size"),
        (replace(SDIST, size=MAX_SIZE + 1, dag_root=DIGEST), "bad-size"),
        (replace(SDIST, size=RAW_FILE_MAX, dag_root=DIGEST), "bad-dag-root"),
        (replace(SDIST, size=RAW_FILE_MAX + 1), "bad-dag-root"),
        (replace(SDIST, metadata_sha256=DIGEST), "bad-metadata"),
        (replace(WHEEL, metadata_sha256=None), "bad-metadata"),
        (replace(WHEEL, filename="bar-1.0-py3-none-any.whl", size=0, metadata_sha256=None), "other-project"),
        (replace(WHEEL, size=0, metadata_sha256=None), "bad-size"),
    ],
    ids=repr,
)
def test_the_first_broken_rule_is_the_reason(record: FileRecord, code: str) -> None:
    broken = check_file(record, "foo")
    assert isinstance(broken, Rejection)
    assert (broken.code, bool(broken.detail)) == (code, True)


@pytest.mark.parametrize("text", ["", ">=3.8", ">=3.8,<4", "~=3.8"])
def test_requires_python(text: str) -> None:
    assert check_requires_python(text) is None


@pytest.mark.parametrize("text", ["3.8", ">=3.8,", " ", ">=3.8\n", ">=3." + "8" * 256])
def test_requires_python_that_no_file_may_carry(text: str) -> None:
    broken = check_requires_python(text)
    assert broken is not None
    assert broken.code == "bad-requires-python"


@given(st.integers(0, 255))
def test_the_most_restrictive_bit_is_the_status(byte: int) -> None:
    expected = Status.ACTIVE
    for bit, status in (
        (DEPRECATED, Status.DEPRECATED),
        (ARCHIVED, Status.ARCHIVED),
        (QUARANTINED, Status.QUARANTINED),
    ):
        expected = status if byte & bit else expected
    assert status_of(byte) is expected
    assert status_of(byte & ~UNKNOWN) is expected, "bits without a meaning change nothing"


@pytest.mark.parametrize("text", ["", "broken", "x" * 512, "Größe 中文 😀", "tab-free line"])
def test_a_reason(text: str) -> None:
    assert valid_reason(text)


@pytest.mark.parametrize("character", ["\x00", "\t", "\n", "\r", "\x1f", "\x7f", "\x85", "\u2028", "\u202e", "\u2066"])
def test_a_reason_holds_no_control(character: str) -> None:
    assert not valid_reason(f"a{character}b")


def test_a_reason_is_bounded() -> None:
    assert not valid_reason("x" * 513)
