"""Spelling of file names and of members' names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dipmp_lib.distributions.findings import Findings
from dipmp_lib.distributions.spelling import check_name, check_names
from dipmp_lib.model.filenames import parse_filename


def name_clauses(filename: str, version: str = "1.0") -> list[str]:
    findings = Findings(filename)
    check_name(parse_filename(filename), version, findings)
    return [finding.clause for finding in findings.all()]


def clauses(*names: str) -> list[str]:
    findings = Findings("demo.zip")
    check_names(names, findings, twice=findings.error)
    return [finding.clause for finding in findings.all()]


@pytest.mark.parametrize("filename", ["my_pkg-1.0-py3-none-any.whl", "my_pkg-1.0.tar.gz"])
def test_the_one_spelling_passes(filename: str) -> None:
    assert name_clauses(filename) == []


@pytest.mark.parametrize(
    ("filename", "clause"),
    [
        ("My_Pkg-1.0-py3-none-any.whl", "begins with My_Pkg, where the normalised name my_pkg belongs"),
        ("my-pkg-1.0.tar.gz", "is not named my_pkg-1.0.tar.gz, as an sdist of this project and version is"),
        ("my_pkg-1.0.zip", "is not named my_pkg-1.0.tar.gz, as an sdist of this project and version is"),
    ],
)
def test_other_spellings_are_named(filename: str, clause: str) -> None:
    assert name_clauses(filename) == [clause]


def test_an_sdist_is_named_by_the_version_of_its_metadata() -> None:
    assert name_clauses("demo-1.0.tar.gz", "1.0.0") == [
        "is not named demo-1.0.0.tar.gz, as an sdist of this project and version is"
    ]
    assert name_clauses("demo-1.0.tar.gz", "no version") == []


def test_plain_names_pass() -> None:
    assert clauses("a/", "a/b.py", "a/c/d.txt", "é.txt", "c d") == []


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("a\nb", "with a control character in its name"),
        ("a\u2028b", "with a control character in its name"),
        ("a\\b", "with a backslash in its name, which is a folder on some systems"),
        ("/etc/passwd", "with an absolute path"),
        ("C:evil", "with an absolute path"),
        ("a/../../b", "that leaves its folder"),
        ("a//b", "whose path is not in plain form"),
        ("./a", "whose path is not in plain form"),
        ("", "whose path is not in plain form"),
    ],
)
def test_names_that_must_not_be_extracted(name: str, reason: str) -> None:
    assert clauses(name) == [f"has a member {name!a} {reason}"]


def test_names_that_collide() -> None:
    assert clauses("a", "a") == ["has more than one member 'a'"]
    assert clauses("a", "a/b") == ["has a member 'a' that is a file and a folder"]
    assert clauses("A/x", "a/y") == ["has members 'A' and 'a', which are one file on many systems"]
    assert clauses("\u00e9", "e\u0301") == ["has members 'e\\u0301' and '\\xe9', which are one file on many systems"]


@given(st.lists(st.text(max_size=12), max_size=6))
def test_it_is_total(names: list[str]) -> None:
    assert all(clause.startswith("has ") for clause in clauses(*names))
