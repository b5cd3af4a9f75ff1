"""Inspection of one file: metadata and findings of good ones, and a finding for each that cannot be read."""

import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dipmp_lib.distributions.findings import Severity
from dipmp_lib.distributions.inspection import Inspection, inspect
from dipmp_lib.model.filenames import parse_filename
from tests.support.files.tars import PKG_INFO, good_members, write_sdist
from tests.support.files.wheels import build_wheel, metadata_text

NAMES = ("demo-1.0-py3-none-any.whl", "demo-1.0.tar.gz", "demo-1.0.zip")


def inspected(name: str, data: bytes) -> Inspection:
    return inspect(parse_filename(name), io.BytesIO(data), len(data))


def test_a_good_wheel_has_no_findings(tmp_path: Path) -> None:
    path = build_wheel(tmp_path, requires_python=">=3.9")
    found = inspected(path.name, path.read_bytes())
    assert found == Inspection(metadata_text("demo", "1.0", requires_python=">=3.9"), ">=3.9", ())


def test_a_good_sdist_has_no_findings(tmp_path: Path) -> None:
    path = write_sdist(tmp_path, *good_members())
    assert inspected(path.name, path.read_bytes()) == Inspection(PKG_INFO, "", ())


@pytest.mark.parametrize(
    ("name", "data", "clause"),
    [
        (NAMES[0], b"", "is not a complete zip archive (it has no end record)"),
        (NAMES[1], b"", "is not a complete gzipped tar archive (ReadError: empty file)"),
        (NAMES[1], b"\x1f\x8b\x08", "is not a complete gzipped tar archive (EOFError: "),
        (NAMES[2], b"PK", "is not a complete zip archive (it has no end record)"),
    ],
)
def test_a_file_that_cannot_be_read_is_a_finding(name: str, data: bytes, clause: str) -> None:
    found = inspected(name, data)
    assert (found.metadata, found.requires_python) == (b"", "")
    [error] = [finding for finding in found.findings if finding.severity is Severity.ERROR]
    assert error.subject == name
    assert error.clause.startswith(clause)


def test_an_archive_of_both_kinds_is_refused(tmp_path: Path) -> None:
    """Programs that go by content would take it for the other kind."""
    sdist, wheel = write_sdist(tmp_path, *good_members()), build_wheel(tmp_path)
    found = inspected(sdist.name, sdist.read_bytes() + wheel.read_bytes())
    assert found.findings[0].clause == "is a zip and a tar archive at once"


@given(st.sampled_from(NAMES), st.binary(max_size=300))
def test_it_never_raises(name: str, data: bytes) -> None:
    assert inspected(name, data).findings
