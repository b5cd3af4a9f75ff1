"""Where setup put anvil, forge, the Solidity compiler and the audit tools, and what tests do without them."""

import os
import platform
import shutil
import sys
from pathlib import Path
from typing import NoReturn

import pytest

ROOT = Path(__file__).resolve().parents[3]
NODE_MODULES = ROOT / "node_modules"
AUDIT = ROOT / ".tools" / "audit"
PARTS = ("anvil", "forge", "solc")
_ARCHITECTURES = {"x86_64": "amd64", "AMD64": "amd64", "aarch64": "arm64", "arm64": "arm64"}


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
    """Return the part's path; without it, skip the running test, or fail it where CI=true."""
    path = find_part(name)
    if path is None:
        missing(f"{name} is not in node_modules for this platform (npm ci --ignore-scripts)")
    return path


def require_audit(program: str) -> Path:
    """Return the path of `python` or `slither` of the audit environment; without it, as `require_part`."""
    if not (AUDIT / "ready").is_file():
        missing("halmos and slither are not installed (make audit-tools)")
    return AUDIT / "bin" / program


def missing(reason: str) -> NoReturn:
    """Skip the running test, or fail it where CI=true."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"{reason}; CI needs it")
    pytest.skip(reason)


def require_node_parts(*names: str) -> None:
    """Demand several parts, by default all of them."""
    for name in names or PARTS:
        require_part(name)
