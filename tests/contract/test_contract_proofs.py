"""halmos proves the properties in contract/formal, and fails for each planted mistake."""

import json
import re
from pathlib import Path

import pytest

from dipmp_lib.ethereum.abi import package_index_factory
from tests.contract.formal import CONTRACT, COUNTEREXAMPLE, PASS, copy_of_contract, prove
from tests.contract.formal_mutants import MUTANTS, Mutant

PROOFS = {
    path.stem: re.findall(r"function (check_\w+)", text)
    for path in sorted((CONTRACT / "formal").glob("*.sol"))
    if "function check_" in (text := path.read_text("utf-8"))
}

pytestmark = pytest.mark.timeout(1800)


@pytest.fixture(scope="module")
def contract(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_of_contract(tmp_path_factory.mktemp("formal"))


@pytest.fixture(scope="module")
def built(contract: Path) -> Path:
    """Of a copy of this one, only what a mistake changes is compiled again."""
    prove(contract, "Implementation")
    return contract


@pytest.mark.node
@pytest.mark.parametrize("proofs", PROOFS)
def test_the_proofs_hold_on_every_path(contract: Path, proofs: str) -> None:
    found = prove(contract, proofs)
    assert sorted(found) == sorted(PROOFS[proofs])
    artifact = json.loads(
        (contract / "out" / "PackageIndexFactory.sol" / "PackageIndexFactory.json").read_text("utf-8")
    )
    assert bytes.fromhex(artifact["bytecode"]["object"][2:]) == package_index_factory().bytecode
    for name, check in found.items():
        assert check.exitcode == PASS, name
        assert check.counterexamples == check.unfinished_loops == 0, name


def test_every_proof_has_a_mistake_that_it_must_find() -> None:
    assert {(mutant.proofs, mutant.check) for mutant in MUTANTS} == {
        (proofs, check) for proofs, checks in PROOFS.items() for check in checks
    }


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: f"{mutant.check}-{MUTANTS.index(mutant)}")
def test_the_mistakes_fit_the_contracts(mutant: Mutant) -> None:
    assert (CONTRACT / "src" / mutant.source).read_text("utf-8").count(mutant.old) == 1


@pytest.mark.node
@pytest.mark.long
@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: f"{mutant.check}-{MUTANTS.index(mutant)}")
def test_a_mistake_has_a_counterexample(built: Path, tmp_path: Path, mutant: Mutant) -> None:
    copy = copy_of_contract(tmp_path, built)
    source = copy / "src" / mutant.source
    text = source.read_text("utf-8")
    assert text.count(mutant.old) == 1
    source.write_text(text.replace(mutant.old, mutant.new), "utf-8")
    check = prove(copy, mutant.proofs, mutant.check, "--early-exit")[mutant.check]
    assert check.exitcode == COUNTEREXAMPLE
    assert check.counterexamples >= 1
