"""Compiled templates of stages, by `sls package`: once for each stage and parameters, without network or keys."""

import fcntl
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

from tests.support.programs.required import missing
from tests.support.repository import CACHE, NODE_MODULES, ROOT

SLS = NODE_MODULES / ".bin" / "sls"
TEMPLATE = "cloudformation-template-update-stack.json"
_UNREACHABLE = "http://127.0.0.1:9"
Template = dict[str, Any]


def require_sls() -> None:
    """Skip the running test without osls."""
    if not (SLS.is_file() and shutil.which("node")):
        missing("osls is not in node_modules (npm ci --ignore-scripts)")


def package(stage: str, *params: str) -> Template:
    """Return a copy of the compiled template of a stage; each of `params` is `name=value`."""
    require_sls()
    template: Template = json.loads(_package(stage, params))
    return template


@lru_cache
def _package(stage: str, params: tuple[str, ...]) -> str:
    with alone(), tempfile.TemporaryDirectory(prefix="dipmp-package-") as folder:
        command = [str(SLS), "package", "--stage", stage, "--package", folder]
        for param in params:
            command += ["--param", param]
        done = subprocess.run(command, cwd=ROOT, env=_bare(), capture_output=True, text=True, timeout=300, check=False)
        if done.returncode:
            raise RuntimeError(f"sls package --stage {stage} failed:\n{done.stdout}\n{done.stderr}")
        return (Path(folder) / TEMPLATE).read_text()


@contextmanager
def alone() -> Iterator[None]:
    """Lock the checkout against other test processes: osls writes to .serverless, wherever the package goes."""
    CACHE.mkdir(exist_ok=True)
    with (CACHE / "package.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _bare() -> dict[str, str]:
    """Return an environment without settings and keys, in which network access fails at once."""
    proxies = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy"), _UNREACHABLE)
    return {
        "PATH": os.environ["PATH"],
        "HOME": "/nonexistent",
        "DIPMP_BUNDLE": "skip",
        "NODE_NO_WARNINGS": "1",
        "CI": "true",
        **proxies,
    }
