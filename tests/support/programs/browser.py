"""Checks of pages in Chromium, driven from Node by tests/pages/check.mjs."""

import json
import subprocess
from typing import Any

from tests.support.repository import ROOT

SCRIPT = ROOT / "tests" / "pages" / "check.mjs"
TIMEOUT = 550.0


def run_checks(orders: dict[str, Any]) -> dict[str, Any]:
    """Run check.mjs with these orders; return its report."""
    done = subprocess.run(
        ["node", str(SCRIPT)], input=json.dumps(orders), capture_output=True, text=True, timeout=TIMEOUT, check=False
    )
    assert done.returncode == 0, done.stderr
    report: dict[str, Any] = json.loads(done.stdout)
    return report
