"""Everything that is generated from the contracts is up to date, and the compiler is the pinned one."""

import json
from pathlib import Path

import pytest

from contract import build
from contract.flatten import FlattenError, flatten
from dipmp_lib.ethereum.abi import Contract, package_index, package_index_factory
from tests.support.programs import required
from tests.support.programs.required import require_part
from tests.support.repository import ROOT

CONTRACTS = {"PackageIndex": package_index, "PackageIndexFactory": package_index_factory}


def test_the_loader_reads_the_whole_artifacts() -> None:
    names = {item["name"] for item in package_index().abi if item["type"] == "function"}
    assert {"claim", "append", "appendWithSig", "setPublisher", "setStatus", "quarantine", "read", "scan"} <= names
    made = {item["name"] for item in package_index_factory().abi if item["type"] == "function"}
    assert made == {"create", "addressOf", "implementation"}
    for contract in (package_index(), package_index_factory()):
        assert contract.deployed_bytecode in contract.bytecode
        assert len(contract.deployed_bytecode) <= 24_576
        assert len(contract.bytecode) <= 49_152
        assert contract.compiler.startswith("0.8.37+commit.")
    assert package_index() is package_index()


@pytest.mark.parametrize("name", CONTRACTS)
def test_errors_and_events_carry_their_values(name: str) -> None:
    abi = CONTRACTS[name]().abi
    errors = {item["name"]: item["inputs"] for item in abi if item["type"] == "error"}
    assert {error for error, inputs in errors.items() if not inputs} == {"ZeroAddress"}
    assert all(field["name"] for inputs in errors.values() for field in inputs)


def test_neither_contract_takes_money_or_arguments() -> None:
    for contract in (package_index(), package_index_factory()):
        assert {item.get("stateMutability") for item in contract.abi} <= {"nonpayable", "view", None}
        assert not [item for item in contract.abi if item["type"] in ("constructor", "fallback", "receive")]


@pytest.mark.node
def test_what_is_generated_is_up_to_date() -> None:
    require_part("solc")
    assert build.main(["--check"]) == 0


@pytest.mark.node
@pytest.mark.parametrize("file", ["dipmp.sol", "PackageIndex.json"])
def test_the_check_notices_a_difference(
    file: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    texts = {ROOT / "contract" / "dipmp.sol": "pragma solidity", build.ARTIFACTS / "PackageIndex.json": "0x60"}
    monkeypatch.setattr(build, "generated", lambda: {tmp_path / path.name: path.read_text("utf-8") for path in texts})
    assert build.main([]) == 0
    assert build.main(["--check"]) == 0
    path = tmp_path / file
    path.write_text(
        path.read_text("utf-8").replace(next(w for p, w in texts.items() if p.name == file), "?", 1), "utf-8"
    )
    assert build.main(["--check"]) == 1
    told = capsys.readouterr().err
    assert f"error: not what the sources make: {file}; run python contract/build.py" in told


@pytest.mark.node
def test_the_single_file_compiles_alone_to_the_same_bytecode() -> None:
    require_part("solc")
    compiled = build.compile_contracts({"dipmp.sol": build.SINGLE_FILE.read_text("utf-8")})
    for name, load in CONTRACTS.items():
        committed: Contract = load()
        assert bytes.fromhex(compiled[name]["bytecode"][2:]) == committed.bytecode
        assert bytes.fromhex(compiled[name]["deployedBytecode"][2:]) == committed.deployed_bytecode
        assert tuple(compiled[name]["abi"]) == committed.abi


def test_the_single_file_has_one_licence_one_pragma_and_no_imports() -> None:
    lines = build.SINGLE_FILE.read_text("utf-8").splitlines()
    assert lines[0] == "// SPDX-License-Identifier: MIT"
    assert [line for line in lines if line.startswith("pragma ")] == ["pragma solidity 0.8.37;"]
    assert not [line for line in lines if line.startswith("import ") or ("SPDX" in line and line != lines[0])]


def sources(tmp_path: Path, **texts: str) -> Path:
    for name, text in texts.items():
        (tmp_path / f"{name}.sol").write_text(f"// SPDX-License-Identifier: MIT\npragma solidity ^0.8.0;\n\n{text}\n")
    return tmp_path


def test_flattening_orders_sources_by_their_imports(tmp_path: Path) -> None:
    folder = sources(
        tmp_path,
        A='import {B} from "./B.sol";\nimport {C} from "far/C.sol";\n\ncontract A {}',
        B='import {C} from "far/C.sol";\n\ncontract B {}',
        C="contract C {}",
    )
    text = flatten("src/A.sol", {"src": folder, "far": folder}, "0.8.37", "MIT")
    assert [line for line in text.splitlines() if line.startswith("contract")] == [
        "contract C {}",
        "contract B {}",
        "contract A {}",
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('import {B} from "./Missing.sol";\ncontract A {}', "src/Missing.sol was not found"),
        ('import {B} from "nowhere/B.sol";\ncontract A {}', "nowhere/B.sol was not found"),
        ('import "./B.sol";\ncontract A {}', "has an import that is not of the form"),
        ('import * as B from "./B.sol";\ncontract A {}', "has an import that is not of the form"),
    ],
)
def test_flattening_refuses_what_it_cannot_resolve(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(FlattenError, match=message):
        flatten("src/A.sol", {"src": sources(tmp_path, A=text)}, "0.8.37", "MIT")


def test_flattening_refuses_another_licence(tmp_path: Path) -> None:
    (tmp_path / "A.sol").write_text("// SPDX-License-Identifier: GPL-3.0\ncontract A {}\n")
    with pytest.raises(FlattenError, match="not under the MIT licence"):
        flatten("src/A.sol", {"src": tmp_path}, "0.8.37", "MIT")


@pytest.mark.node
def test_compiler_errors_are_told() -> None:
    require_part("solc")
    with pytest.raises(build.BuildError, match="ParserError"):
        build.compile_contracts({"A.sol": "pragma solidity 0.8.37; contract A { nonsense }"})


@pytest.mark.node
def test_solc_js_refuses_other_arguments() -> None:
    require_part("solc")
    with pytest.raises(build.BuildError, match="usage"):
        build.solc("--bin")


def test_the_lock_pins_by_hash_and_names_no_registry() -> None:
    lock = json.loads((ROOT / "package-lock.json").read_text("utf-8"))
    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert packages["node_modules/solc"]["version"] == "0.8.37"
    assert packages["node_modules/@openzeppelin/contracts"]["version"] == "5.7.0"
    for name, entry in packages.items():
        assert entry["integrity"].startswith("sha512-"), name
        assert "resolved" not in entry, name
    manifest = json.loads((ROOT / "package.json").read_text("utf-8"))
    wanted = manifest["devDependencies"] | manifest["optionalDependencies"]
    # An alias, such as npm:osls@4.3.1, ends in the version.
    versions = {name: version.rpartition("@")[2] for name, version in wanted.items()}
    assert {name: packages[f"node_modules/{name}"]["version"] for name in wanted} == versions
    assert "omit-lockfile-registry-resolved=true" in (ROOT / ".npmrc").read_text("utf-8").split()


def test_missing_node_parts_skip_here_and_fail_in_ci(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(required, "NODE_MODULES", tmp_path)
    monkeypatch.delenv("CI", raising=False)
    for part in required.PARTS:
        with pytest.raises(pytest.skip.Exception, match=part):
            required.require_part(part)
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="CI needs it"):
        required.require_node_parts()


def test_missing_audit_tools_skip_here_and_fail_in_ci(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(required, "AUDIT", tmp_path)
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="make audit-tools"):
        required.require_audit("slither")
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="CI needs it"):
        required.require_audit("slither")
    (tmp_path / "ready").touch()
    assert required.require_audit("slither") == tmp_path / "bin" / "slither"
