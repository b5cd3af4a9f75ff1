"""The conformance suite itself: green where an index is right, and each check that is named fails where it is not."""

import importlib
import inspect
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from _pytest.outcomes import Failed

from tests.conformance.client import Index
from tests.conformance.pages import Project
from tests.support.faulty.broken_index import PROJECT, QUARANTINED, RIGHT, broken_index
from tests.support.faulty.index_defects import DEFECTS
from tests.support.repository import ROOT
from tests.support.waiting import HANGS

SUITE = ROOT / "tests" / "conformance"
CHECKS: dict[str, Callable[..., None]] = {
    name: function
    for path in sorted(SUITE.glob("check_*.py"))
    for name, function in vars(importlib.import_module(f"tests.conformance.{path.stem}")).items()
    if name.startswith("test_")
}
NEEDS_HTTPS = {"test_u05_secure"}


@pytest.fixture(scope="module")
def index_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], str]]:
    with broken_index(tmp_path_factory.mktemp("index"), DEFECTS) as url:
        yield url


def run_check(name: str, url: str) -> None:
    """Run one check against an index."""
    check, index = CHECKS[name], Index(url, timeout=HANGS)
    fixtures = {"index": index, "project": Project(index, PROJECT), "quarantined": Project(index, QUARANTINED)}
    try:
        check(**{parameter: fixtures[parameter] for parameter in inspect.signature(check).parameters})
    finally:
        index.close()


def test_every_check_has_an_id_a_requirement_and_a_source() -> None:
    assert len(CHECKS) >= 60
    ids = [name.split("_")[1] for name in CHECKS]
    assert len(set(ids)) == len(ids)
    for name, check in CHECKS.items():
        assert re.fullmatch(r"test_[a-z]\d\d_\w+", name), name
        assert re.fullmatch(r"[^\n]+\. \[[^\n]+\]", check.__doc__ or ""), name


@pytest.mark.slow
def test_the_suite_runs_alone(index_url: Callable[[str], str], tmp_path: Path) -> None:
    report = tmp_path / "report.xml"
    options = ("--index-url", index_url(RIGHT), "--project", PROJECT, "--quarantined", QUARANTINED)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(SUITE), *options]
    done = subprocess.run(
        [*command, "--junit-xml", str(report)], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    cases = list(ET.parse(report).iter("testcase"))  # noqa: S314 - pytest wrote it
    assert len(cases) == len(CHECKS)
    skipped = {str(case.get("name")).partition("[")[0] for case in cases if case.find("skipped") is not None}
    assert skipped == NEEDS_HTTPS


def test_it_imports_nothing_of_ours() -> None:
    allowed = {"pytest", "requests", "packaging"} | set(sys.stdlib_module_names)
    for path in SUITE.glob("*.py"):
        found = set(re.findall(r"^(?:from|import) ([a-z_]\w*)", path.read_text(), re.M))
        assert found <= allowed, path.name


@pytest.mark.slow
def test_it_says_which_options_it_needs() -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(SUITE)]
    done = subprocess.run(command, cwd=SUITE, capture_output=True, text=True, check=False)
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert "--index-url URL and at least one --project NAME" in done.stderr


def test_there_are_enough_defects_and_all_of_them_differ() -> None:
    assert len(DEFECTS) >= 15
    assert {defect.check for defect in DEFECTS.values()} <= set(CHECKS)
    assert len({defect.check for defect in DEFECTS.values()}) >= 15


@pytest.mark.parametrize("name", DEFECTS)
def test_a_defect_makes_its_check_fail(index_url: Callable[[str], str], name: str) -> None:
    run_check(DEFECTS[name].check, index_url(RIGHT))
    with pytest.raises((AssertionError, Failed, ValueError)) as caught:
        run_check(DEFECTS[name].check, index_url(name))
    assert str(caught.value)
