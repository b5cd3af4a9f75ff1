"""The committed ABI and bytecode are what the pinned compiler makes of the sources, and forge's own tests pass."""

import json
import subprocess
from pathlib import Path

import pytest

from contract import build
from dipmp_lib.abi import package_index
from tests.support import nodeparts
from tests.support.nodeparts import ROOT, require_part


def test_the_loader_reads_the_whole_artifact() -> None:
    contract = package_index()
    names = {item["name"] for item in contract.abi if item["type"] == "function"}
    assert {"claim", "append", "setPublisher", "transferProject", "acceptProject", "read", "scan"} <= names
    assert contract.deployed_bytecode in contract.bytecode
    assert len(contract.deployed_bytecode) <= 24_576
    assert contract.compiler.startswith("0.8.37+commit.")
    assert package_index() is contract


def test_errors_and_events_carry_their_values() -> None:
    errors = {item["name"]: item["inputs"] for item in package_index().abi if item["type"] == "error"}
    assert {name for name, inputs in errors.items() if not inputs} == {"ZeroAddress"}
    assert all(field["name"] for inputs in errors.values() for field in inputs)


@pytest.mark.node
def test_the_artifact_is_what_the_sources_compile_to() -> None:
    require_part("solc")
    assert build.main(["--check"]) == 0


@pytest.mark.node
def test_the_check_notices_a_difference(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    require_part("solc")
    other = tmp_path / "PackageIndex.json"
    other.write_text(build.ARTIFACT.read_text("utf-8").replace("0x60", "0x61", 1), "utf-8")
    monkeypatch.setattr(build, "ARTIFACT", other)
    assert build.main(["--check"]) == 1
    assert "run python contract/build.py" in capsys.readouterr().err


@pytest.mark.node
def test_compiler_errors_are_told(tmp_path: Path) -> None:
    require_part("solc")
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "PackageIndex.sol").write_text("pragma solidity 0.8.37; contract PackageIndex { nonsense }")
    with pytest.raises(build.BuildError, match="ParserError"):
        build.compile_contract(tmp_path / "src")


@pytest.mark.node
def test_solc_js_refuses_other_arguments() -> None:
    require_part("solc")
    with pytest.raises(build.BuildError, match="usage"):
        build.solc("--bin")


@pytest.mark.node
def test_forge_tests_pass() -> None:
    require_part("solc")
    forge = require_part("forge")
    command = [str(forge), "test", "--color", "never"]
    done = subprocess.run(command, cwd=ROOT / "contract", capture_output=True, text=True, check=False, timeout=500)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]


def test_the_lock_pins_by_hash_and_names_no_registry() -> None:
    lock = json.loads((ROOT / "package-lock.json").read_text("utf-8"))
    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert packages["node_modules/solc"]["version"] == "0.8.37"
    for name, entry in packages.items():
        assert entry["integrity"].startswith("sha512-"), name
        assert "resolved" not in entry, name
    manifest = json.loads((ROOT / "package.json").read_text("utf-8"))
    wanted = manifest["devDependencies"] | manifest["optionalDependencies"]
    assert {name: packages[f"node_modules/{name}"]["version"] for name in wanted} == wanted
    assert "omit-lockfile-registry-resolved=true" in (ROOT / ".npmrc").read_text("utf-8").split()


def test_missing_node_parts_skip_here_and_fail_in_ci(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nodeparts, "NODE_MODULES", tmp_path)
    monkeypatch.delenv("CI", raising=False)
    for part in nodeparts.PARTS:
        with pytest.raises(pytest.skip.Exception, match=part):
            nodeparts.require_part(part)
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="CI needs it"):
        nodeparts.require_node_parts()
