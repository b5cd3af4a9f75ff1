"""Programs that tests need: their paths, and the skip, or the failure where CI=true, of a test without them."""

import os
import platform
import shutil
import sys
from pathlib import Path
from typing import NoReturn

import pytest

from tests.support.lambda_runtime import Runtime, find_runtime
from tests.support.repository import NODE_MODULES, TOOLS

AUDIT = TOOLS / "audit"
IPFS = TOOLS / "bin" / "ipfs"
PARTS = ("anvil", "forge", "solc")
_ARCHITECTURES = {"x86_64": "amd64", "AMD64": "amd64", "aarch64": "arm64", "arm64": "arm64"}


def missing(reason: str) -> NoReturn:
    """Skip the running test, or fail it where CI=true."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"{reason}; CI needs it")
    pytest.skip(reason)


def find_part(name: str) -> Path | None:
    """Return the path of `anvil` or `forge` (executables) or `solc` (a package folder), None if not installed."""
    if name == "solc":
        package = NODE_MODULES / "solc"
        return package if (package / "package.json").is_file() and shutil.which("node") else None
    machine = _ARCHITECTURES.get(platform.machine(), platform.machine())
    binary = NODE_MODULES / "@foundry-rs" / f"{name}-{sys.platform}-{machine}" / "bin" / name
    if not binary.is_file():
        return None
    if not os.access(binary, os.X_OK):
        binary.chmod(0o755)
    return binary


def require_part(name: str) -> Path:
    """Return the path of `anvil`, `forge` or `solc`."""
    path = find_part(name)
    if path is None:
        missing(f"{name} is not in node_modules for this platform (npm ci --ignore-scripts)")
    return path


def require_node_parts(*names: str) -> None:
    """Require several of PARTS, by default all of them."""
    for name in names or PARTS:
        require_part(name)


def require_audit(program: str) -> Path:
    """Return the path of `python` or `slither` in the environment of the audit tools."""
    if not (AUDIT / "ready").is_file():
        missing("halmos and slither are not installed (make audit-tools)")
    return AUDIT / "bin" / program


def require_client(name: str) -> Path:
    """Return the path of one of the clients under test: `poetry`, `pdm`, `hatch`, `twine` or `flit`."""
    path = TOOLS / f"client-{name}" / "bin" / name
    if not path.is_file():
        missing(f"{name} is not in .tools (make clients)")
    return path


def require_kubo() -> Path:
    """Return the path of Kubo's `ipfs`."""
    if not IPFS.is_file():
        missing(f"{IPFS} was not built (make kubo)")
    return IPFS


def require_lambda_runtime() -> Runtime:
    """Return the newest Lambda runtime of this machine."""
    runtime = find_runtime()
    if runtime is None:
        missing("the Lambda runtime client is not installed (make lambda-runtime)")
    return runtime


def require_browser() -> Path:
    """Return Chromium's path; node and the packages that drive it are required too."""
    lacking = [name for name in ("playwright-core", "axe-core") if not (NODE_MODULES / name / "package.json").is_file()]
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    lacking += [name for name, path in (("node", shutil.which("node")), ("chromium", chromium)) if not path]
    if lacking or chromium is None:
        missing(f"without {', '.join(lacking)} (make node browser)")
    return Path(chromium)
