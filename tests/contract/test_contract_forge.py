"""forge's side: its tests pass, they reach every line and branch, and formatter and linter have nothing to say."""

import json
import os
import re
import subprocess
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from dipmp_lib.ethereum.abi import package_index, package_index_factory
from tests.support.programs.required import require_part
from tests.support.repository import ROOT

CONTRACT = ROOT / "contract"
SOURCES = sorted(f"src/{path.name}" for path in (CONTRACT / "src").glob("*.sol") if not path.name.startswith("I"))

pytestmark = [pytest.mark.node, pytest.mark.timeout(900)]


def forge(*arguments: str, timeout: float = 800, **environment: str) -> str:
    """Run forge on the contracts, for at most so many seconds, and return what it printed."""
    require_part("solc")
    command = [str(require_part("forge")), *arguments]
    env = os.environ | {"NO_COLOR": "1"} | environment
    done = subprocess.run(command, cwd=CONTRACT, env=env, capture_output=True, text=True, check=False, timeout=timeout)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    return done.stdout


def test_forge_tests_pass_on_the_committed_bytecode() -> None:
    assert "0 failed" in forge("test")
    for name, contract in (("PackageIndex", package_index()), ("PackageIndexFactory", package_index_factory())):
        built = json.loads((CONTRACT / "out" / f"{name}.sol" / f"{name}.json").read_text("utf-8"))
        assert bytes.fromhex(built["bytecode"]["object"][2:]) == contract.bytecode


@pytest.mark.long
@pytest.mark.timeout(7200)
def test_a_million_steps_keep_every_invariant() -> None:
    """Half of them each in two campaigns side by side, because forge plays one on one core."""

    def campaign(seed: str) -> int:
        command = ("test", "--match-path", "test/invariant/**")
        output = forge(*command, timeout=7000, FOUNDRY_PROFILE="long", FOUNDRY_FUZZ_SEED=seed)
        passed = r"^\[PASS\] invariant_registries\(\) \(runs: \d+, calls: (\d+), reverts: 0\)$"
        (calls,) = re.findall(passed, output, re.MULTILINE)
        assert "1 tests passed, 0 failed, 0 skipped" in output
        return int(calls)

    forge("build")
    with ThreadPoolExecutor(2) as pool:
        assert sum(pool.map(campaign, ("0x1", "0x2"))) >= 1_000_000


def test_every_rule_has_a_fuzz_twin() -> None:
    """In each file of unit tests, fuzz tests stand beside the examples."""
    for path in (CONTRACT / "test").glob("*.t.sol"):
        text = path.read_text("utf-8")
        assert text.count("function test_") >= 3, path.name
        assert text.count("function testFuzz_") >= 3, path.name


def test_unit_tests_reach_every_line_and_branch(tmp_path: Path) -> None:
    report = tmp_path / "lcov.info"
    options = ["--report", "lcov", "--report-file", str(report), "--no-match-path", "test/{invariant,formal}/**"]
    forge("coverage", *options, FOUNDRY_PROFILE="coverage")
    missed: defaultdict[str, list[str]] = defaultdict(list)
    for record in report.read_text("utf-8").split("end_of_record"):
        lines = record.split()
        source = next((line[3:] for line in lines if line.startswith("SF:")), "")
        if not source.startswith("src/"):
            continue
        missed[source] += [line for line in lines if line.startswith("DA:") and line.endswith(",0")]
        missed[source] += [line for line in lines if line.startswith("BRDA:") and line.endswith((",0", ",-"))]
    assert sorted(missed) == SOURCES
    assert {source: lines for source, lines in missed.items() if lines} == {}


def test_formatter_and_linter_are_content() -> None:
    forge("fmt", "--check", "src", "test", "formal")
    forge("lint")
