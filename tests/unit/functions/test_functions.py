"""The Lambda entry points load, and say what is wrong with their settings."""

import importlib
import os
import subprocess
import sys

import pytest
from mangum import Mangum

from tests.support.repository import ROOT

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("module", ["functions.simple", "functions.files"])
def test_handlers_are_mangum_instances(module: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ETH_GATEWAY", "http://127.0.0.1:1")
    monkeypatch.setenv("IPFS_GATEWAY", "http://127.0.0.1:1/ipfs")
    assert isinstance(importlib.import_module(module).handler, Mangum)


@pytest.mark.parametrize("module", ["functions.simple", "functions.files"])
def test_wrong_settings_end_the_import_with_one_sentence(module: str) -> None:
    env = {"PATH": os.environ["PATH"], "ETH_GATEWAY": "https://key:secret@", "DIPMP_FINALITY": "soon"}
    done = subprocess.run(
        [sys.executable, "-c", f"import {module}"], cwd=ROOT, env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith("dipmp_lib.errors.InvalidSettings: ")
    for name in ("ETH_GATEWAY", "IPFS_GATEWAY is not set", "DIPMP_FINALITY is 'soon'"):
        assert name in last
    assert "secret" not in done.stderr
