"""`sls package` and `sls deploy` build the artifact, or end with the reason."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from infra import interpreters
from infra.bundle import PYTHON
from tests.support.aws.artifact import artifact
from tests.support.aws.templates import SLS, alone, require_sls
from tests.support.programs.required import missing
from tests.support.repository import ROOT

pytestmark = pytest.mark.node


def sls(command: str, options: str, folder: Path) -> subprocess.CompletedProcess[str]:
    require_sls()
    env = os.environ | {"DIPMP_BUNDLE": options, "NODE_NO_WARNINGS": "1"}
    words = [str(SLS), command, "--stage", "dev", *(["--package", str(folder)] if command == "package" else [])]
    with alone():
        return subprocess.run(words, cwd=ROOT, env=env, capture_output=True, text=True, timeout=300, check=False)


@pytest.mark.e2e
def test_packaging_builds_the_artifact_for_every_function(tmp_path: Path) -> None:
    if interpreters.find(PYTHON) is None:
        missing(f"CPython {PYTHON} is not installed")
    done = sls("package", "--reuse", tmp_path)
    assert done.returncode == 0, done.stderr
    assert "MB zipped" in done.stdout + done.stderr
    built = ROOT / "build" / "dipmp-arm64.zip"
    assert built.read_bytes() == artifact("arm64", PYTHON).read_bytes()
    state = json.loads((tmp_path / "serverless-state.json").read_text())
    assert state["package"]["artifact"] == built.name


def test_packaging_ends_with_the_reason_why_nothing_was_built(tmp_path: Path) -> None:
    done = sls("package", "--python 3.99", tmp_path)
    assert done.returncode != 0
    assert "The artifact was not built: no CPython 3.99 is here to compile with" in done.stdout + done.stderr
    assert "--no-bytecode" in done.stdout + done.stderr


def test_a_deployment_does_not_go_without_it(tmp_path: Path) -> None:
    done = sls("deploy", "skip", tmp_path)
    assert done.returncode != 0
    assert "DIPMP_BUNDLE=skip is for `sls package` only" in done.stdout + done.stderr
