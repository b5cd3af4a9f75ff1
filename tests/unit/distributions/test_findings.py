"""Findings: the shape of what checks say, and the bound on how much they say."""

import pytest

from dipmp_lib.distributions.findings import MAX_FINDINGS, SHOWN, Finding, Findings, Severity, shown
from dipmp_lib.errors import InvalidDistribution, PublishError

NAME = "demo-1.0.tar.gz"


def test_a_finding_reads_as_a_sentence_about_its_subject() -> None:
    finding = Finding(NAME, "is empty")
    assert str(finding) == "demo-1.0.tar.gz is empty"
    assert finding.severity is Severity.ERROR
    assert str(InvalidDistribution([finding.problem])) == "demo-1.0.tar.gz: is empty"


@pytest.mark.parametrize("message", ["demo is archived", "demo: is archived", "is archived"])
def test_an_error_about_the_subject_is_a_finding_that_names_it_once(message: str) -> None:
    assert str(Finding.from_error("demo", PublishError(message))) == "demo is archived"


def test_only_a_whole_subject_is_cut_from_an_error() -> None:
    assert Finding.from_error("demo", PublishError("demo2 is archived")).clause == "demo2 is archived"


def test_the_most_severe_come_first_and_each_once() -> None:
    findings = Findings(NAME)
    findings.warn("has a long description")
    findings.form("has no PKG-INFO")
    findings.error("is empty")
    findings.error("is empty")
    assert findings.all() == (
        Finding(NAME, "is empty", Severity.ERROR),
        Finding(NAME, "has no PKG-INFO", Severity.FORM),
        Finding(NAME, "has a long description", Severity.WARNING),
    )


def test_more_than_the_bound_are_counted() -> None:
    findings = Findings(NAME)
    for number in range(MAX_FINDINGS + 7):
        findings.error(f"has a member {number}")
    findings.warn("has a member")
    *shown_ones, last, warning = findings.all()
    assert len(shown_ones) == MAX_FINDINGS
    assert last == Finding(NAME, "has 7 more problems like these")
    assert warning.severity is Severity.WARNING


def test_texts_of_archives_are_shown_short_and_in_ascii() -> None:
    assert shown("a\x1b[31mé") == r"'a\x1b[31m\xe9'"
    assert len(shown("x" * 10_000)) == SHOWN + 2
