"""infra/checkov.md answers each of checkov's findings in the compiled templates, and no other."""

import json
import re
import subprocess
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

import pytest

from tests.infra.stages import STAGES, template
from tests.support.programs.required import missing
from tests.support.repository import ROOT, TOOLS

pytestmark = pytest.mark.node

CHECKOV = TOOLS / "checkov"
ANSWERS = ROOT / "infra" / "checkov.md"
Finding = tuple[str, str]
_ROW = re.compile(r"\| (CKV\w+) \| `([^`]+)` \| (.{20,}) \|")


@pytest.fixture(scope="module")
def findings(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[Finding]]:
    """Return by stage which check failed for which resource."""
    if not (CHECKOV / "ready").is_file():
        missing("checkov is not installed (make audit-tools)")
    return {stage: check(template(stage), tmp_path_factory.mktemp(stage)) for stage in STAGES}


def check(compiled: dict[str, object], folder: Path) -> set[Finding]:
    path = folder / "template.json"
    path.write_text(json.dumps(compiled))
    command = [str(CHECKOV / "bin" / "checkov"), "--file", str(path), "--framework", "cloudformation"]
    command += ["--output", "json", "--compact", "--soft-fail", "--skip-download", "--no-fail-on-crash"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300, check=True)
    report = json.loads(done.stdout)
    assert report["summary"]["parsing_errors"] == 0
    assert report["summary"]["resource_count"] >= 40
    assert report["summary"]["passed"] >= 40
    return {(each["check_id"], each["resource"].rpartition(".")[2]) for each in report["results"]["failed_checks"]}


@cache
def answers() -> frozenset[Finding]:
    """Return which check is answered for which pattern of resources."""
    rows = [line for line in ANSWERS.read_text().splitlines() if line.startswith("| CKV")]
    found = [match.group(1, 2) for line in rows if (match := _ROW.fullmatch(line))]
    assert len(found) == len(set(found)) == len(rows), "a row is malformed or there twice"
    return frozenset((check_id, pattern) for check_id, pattern in found)


def covers(answer: Finding, finding: Finding) -> bool:
    return answer[0] == finding[0] and fnmatchcase(finding[1], answer[1])


def test_every_finding_is_answered(findings: dict[str, set[Finding]]) -> None:
    everything = set().union(*findings.values())
    assert len(everything) > 10
    assert {finding for finding in everything if not any(covers(answer, finding) for answer in answers())} == set()


def test_every_answer_has_a_finding(findings: dict[str, set[Finding]]) -> None:
    everything = set().union(*findings.values())
    assert {answer for answer in answers() if not any(covers(answer, finding) for finding in everything)} == set()


def test_production_reserves_concurrency(findings: dict[str, set[Finding]]) -> None:
    for stage in ("prod", "everything"):
        assert "CKV_AWS_115" not in {check_id for check_id, _ in findings[stage]}
