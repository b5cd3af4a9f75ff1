"""Core metadata: its agreement with the file's name, its form, its description, and sidecars."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.metadata import parse_email

from dipmp_lib.distributions import Distribution
from dipmp_lib.distributions.findings import Findings, Severity
from dipmp_lib.distributions.metadata import check_form, check_metadata, check_sidecar, without_sidecars
from dipmp_lib.model.filenames import parse_filename
from tests.support.files.wheels import build_sdist, build_wheel, metadata_text, problems_of

WHEEL = parse_filename("demo-1.0-py3-none-any.whl")


def test_requires_python_is_returned_as_written() -> None:
    findings = Findings(WHEEL.text)
    assert check_metadata(WHEEL, metadata_text("demo", "1.0", requires_python=" >=3.8 , <4"), set(), findings) == (
        ">=3.8 , <4"
    )
    assert check_metadata(WHEEL, metadata_text("demo", "1.0"), set(), findings) == ""
    assert findings.all() == ()


@given(st.binary(max_size=300))
def test_it_is_total(data: bytes) -> None:
    findings = Findings(WHEEL.text)
    for text in (data, metadata_text("demo", "1.0") + data, b"Metadata-Version: 2.4\nName: demo\nVersion: " + data):
        check_metadata(WHEEL, text, set(), findings)


@pytest.mark.parametrize(
    ("extra", "clause"),
    [
        ("Summary: " + "x" * 513 + "\n", "has a Summary of more than 512 characters"),
        ("Project-URL: " + "x" * 33 + ", https://example.org\n", "is empty or longer than 32 characters"),
        ("Requires-Dist: other @ https://example.org/x.whl\n", "depends on a URL, which no index can keep"),
        ("License: MIT\nLicense-Expression: MIT\n", "has both License and License-Expression"),
        ("X-Own: field\n", "has a metadata field 'x-own' that is unknown"),
    ],
)
def test_each_fault_of_form_is_named(extra: str, clause: str) -> None:
    raw, unparsed = parse_email(metadata_text("demo", "1.0", extra=extra))
    findings = Findings(WHEEL.text)
    check_form(raw, set(unparsed), set(), findings)
    assert any(clause in finding.clause for finding in findings.all())
    assert {finding.severity for finding in findings.all()} == {Severity.FORM}


def test_a_sidecar_has_the_bytes_of_the_metadata(tmp_path: Path) -> None:
    wheel, sidecar = tmp_path / "demo.whl", tmp_path / "demo.whl.metadata"
    assert check_sidecar(wheel, b"x") is None
    sidecar.write_bytes(b"x")
    assert check_sidecar(wheel, b"x") is None
    sidecar.write_bytes(b"xy")
    assert check_sidecar(wheel, b"x") == "has a METADATA that differs from demo.whl.metadata beside it"


def test_sidecars_are_left_out_where_their_wheels_are_given() -> None:
    wheel, sidecar, lonely = Path("a.whl"), Path("a.whl.metadata"), Path("b.whl.metadata")
    assert without_sidecars([wheel, sidecar, lonely, wheel]) == [wheel, lonely]


def test_fields_that_only_validators_mind_are_let_through_when_lenient(tmp_path: Path) -> None:
    """setuptools wrote License-File under Metadata-Version 2.1 for years, and wheel wrote the withdrawn 2.0 before."""
    metadata = metadata_text("demo", "1.0", extra="License-File: LICENSE\nX-Own: field\n")
    for text in (metadata, metadata.replace(b"2.1", b"2.0", 1)):
        dist = Distribution.from_path(build_wheel(tmp_path, metadata=text), lenient=True)
        assert any("'x-own'" in warning for warning in dist.warnings)
        assert not any("license" in warning for warning in dist.warnings)


def test_wrong_name_and_version_are_both_said(tmp_path: Path) -> None:
    path = build_wheel(tmp_path, metadata=metadata_text("other", "2.0"))
    assert [text for _, text in problems_of(path)] == [
        "is named for the project 'demo', but its metadata says 'other'",
        "is named for version 1.0, but its metadata says '2.0'",
    ]


@pytest.mark.parametrize(
    ("metadata", "expected"),
    [
        (metadata_text("demo", "1.0", requires_python=">=3.x"), "Requires-Python that is not a PEP 440 specifier set"),
        (metadata_text("demo", "1.0", requires_python="x" * 300), "Requires-Python that is not"),
        (b"Metadata-Version: 2.1\nName: demo\n\n", "without 'version'"),
        (b"Name: demo\nVersion: 1.0\n\n", "without 'metadata-version'"),
        (metadata_text("demo", "1.0", extra="Name: demo2\n"), "'name' that is repeated"),
        (metadata_text("demo", "1.0", extra="Requires-Dist: what ever !!\n"), "installers refuse"),
        (b"Metadata-Version: 3.0\nName: demo\nVersion: 1.0\n\n", "installers do not know"),
        (b"", "without 'metadata-version'"),
        (b"\xff\xfe\x00", "without 'metadata-version'"),
        (metadata_text("demo", "1.0") + b"x" * 1_048_577, "of more than 1048576 bytes"),
    ],
)
def test_bad_metadata(tmp_path: Path, metadata: bytes, expected: str) -> None:
    for path in (build_wheel(tmp_path, metadata=metadata), build_sdist(tmp_path, metadata=metadata)):
        texts = [text for _, text in problems_of(path)]
        assert any(expected in text for text in texts), texts
