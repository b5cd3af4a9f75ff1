"""Every finding of slither is answered in contract/slither.md, and every answer there answers one."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.contract.formal import CONTRACT, copy_of_contract, environment
from tests.support.programs.required import require_audit

LIBRARIES = "node_modules/"


def findings(contract: Path) -> list[tuple[str, str]]:
    """(detector, place) of each finding; slither builds with forge, so never in the checkout itself."""
    report = contract.parent / "slither.json"
    options = [".", "--filter-paths", LIBRARIES, "--json", str(report)]
    done = subprocess.run(
        [str(require_audit("slither")), *options],
        cwd=contract,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=500,
    )
    assert report.is_file(), done.stderr[-4000:]
    found = json.loads(report.read_text("utf-8"))
    assert found["success"], found["error"]
    return sorted((finding["check"], place(finding)) for finding in found["results"].get("detectors", []))


def place(finding: Any) -> str:  # noqa: ANN401 - a part of slither's report
    """Contract.name of the function or variable that the finding is about."""
    first = finding["elements"][0]
    return f"{first['type_specific_fields']['parent']['name']}.{first['name']}"


def answers() -> list[tuple[str, str]]:
    rows = re.findall(r"^\| ([a-z0-9-]+) \| (.+?) \| (.+) \|$", (CONTRACT / "slither.md").read_text("utf-8"), re.M)
    answered = [row for row in rows if row[0] != "detector"]
    assert all(len(answer) > 20 for _, _, answer in answered)
    return sorted((detector, place) for detector, places, _ in answered for place in places.split(", "))


@pytest.mark.node
def test_every_finding_is_answered_and_every_answer_needed(tmp_path: Path) -> None:
    assert findings(copy_of_contract(tmp_path)) == answers()


@pytest.mark.node
@pytest.mark.long
def test_a_new_finding_is_seen(tmp_path: Path) -> None:
    contract = copy_of_contract(tmp_path)
    source = contract / "src" / "PackageIndex.sol"
    text = source.read_text("utf-8")
    check = "        if (block.timestamp > deadline) revert"
    assert text.count(check) == 1
    source.write_text(text.replace(check, f"        if (tx.origin == signer) return;\n{check}"), "utf-8")
    new = set(findings(contract)) - set(answers())
    assert ("tx-origin", "PackageIndex.appendWithSig") in new
