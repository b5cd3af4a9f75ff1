"""Chromium for tests of pages, driven from Node; without it tests skip, or fail where CI=true."""

import json
import os
import shutil
import subprocess
from typing import Any

import pytest

from tests.support.programs.required import NODE_MODULES, ROOT

SCRIPT = ROOT / "tests" / "pages" / "check.mjs"
TIMEOUT = 550.0


def require_browser() -> str:
    """Return Chromium's path; without it, node or the packages, skip the running test, or fail it where CI=true."""
    missing = [name for name in ("playwright-core", "axe-core") if not (NODE_MODULES / name / "package.json").is_file()]
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or ""
    missing += [name for name, path in (("node", shutil.which("node")), ("chromium", chromium)) if not path]
    if not missing:
        return chromium
    reason = f"without {', '.join(missing)} (make node browser)"
    if os.environ.get("CI") == "true":
        pytest.fail(f"{reason}; CI needs them")
    pytest.skip(reason)


def run_checks(orders: dict[str, Any]) -> dict[str, Any]:
    """Run check.mjs with its orders and return its report."""
    done = subprocess.run(
        ["node", str(SCRIPT)], input=json.dumps(orders), capture_output=True, text=True, timeout=TIMEOUT, check=False
    )
    assert done.returncode == 0, done.stderr
    report: dict[str, Any] = json.loads(done.stdout)
    return report
