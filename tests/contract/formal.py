"""Copies of contract/ for tools that build there, and halmos' proofs of one."""

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.support.programs.required import require_audit, require_part
from tests.support.repository import NODE_MODULES, ROOT

CONTRACT = ROOT / "contract"
SOURCES = ("src", "test", "formal", "foundry.toml", "solc.js")
OPTIONS = ("--no-status", "--solver-timeout-assertion", "0")  # a busy machine proves the same, later
PASS, COUNTEREXAMPLE = 0, 1  # exit codes of a check in halmos's report


@dataclass(frozen=True)
class Check:
    """halmos' result for one `check_` function."""

    exitcode: int
    counterexamples: int
    unfinished_loops: int


def copy_of_contract(folder: Path, original: Path = CONTRACT) -> Path:
    """Copy what tools read, and their earlier output where the original has it; imports still find node_modules."""
    require_part("solc")
    copy = folder / "contract"
    copy.mkdir()
    for name in (*SOURCES, *(() if original == CONTRACT else ("out", "cache"))):
        source = original / name
        if source.is_dir():
            shutil.copytree(source, copy / name)
        else:
            shutil.copy2(source, copy / name)
    (folder / "node_modules").symlink_to(NODE_MODULES)
    return copy


def environment() -> dict[str, str]:
    """Return the environment in which the audit tools find forge."""
    forge = require_part("forge").parent
    return os.environ | {"PATH": f"{forge}{os.pathsep}{os.environ['PATH']}", "NO_COLOR": "1"}


def prove(contract: Path, proofs: str, check: str = r"check_\w+", *options: str) -> dict[str, Check]:
    """Run the checks of one contract in formal/ whose whole names match."""
    report = contract.parent / f"{proofs}.json"
    report.unlink(missing_ok=True)
    chosen = ["--contract", proofs, "--match-test", rf"^{check}\(", "--json-output", str(report), *OPTIONS, *options]
    command = [str(require_audit("python")), "formal/prove.py", *chosen]
    env = environment() | {"FOUNDRY_PROFILE": "formal"}
    done = subprocess.run(command, cwd=contract, env=env, capture_output=True, text=True, check=False, timeout=1700)
    assert report.is_file(), done.stdout[-4000:] + done.stderr[-2000:]
    found = json.loads(report.read_text("utf-8"))["test_results"]
    return {
        result["name"].partition("(")[0]: Check(result["exitcode"], result["num_models"], result["num_bounded_loops"])
        for results in found.values()
        for result in results
    }
