"""The contract's gas against three other layouts, on one chain in one run."""

import pytest

from bench.gas import DEPLOY, FIRST, ONE, OURS, READ, SEVENTY, TEN, Table, measure
from bench.rivals import LAYOUTS, REJECTED
from tests.contract.test_contract_gas import GOALS
from tests.support.programs.required import require_node_parts
from tests.support.repository import ROOT

pytestmark = pytest.mark.node

# How many times the gas of ours each of the others takes at least.
LEAST = {
    "a": {DEPLOY: 8, FIRST: 1.3, ONE: 2.5, TEN: 12, SEVENTY: 25, READ: 40},
    "a0": {DEPLOY: 8, ONE: 1.4, TEN: 7, SEVENTY: 15, READ: 20},
    "b": {DEPLOY: 8, FIRST: 1.3, ONE: 2.2, TEN: 9, SEVENTY: 15, READ: 40},
    "c": {DEPLOY: 8, FIRST: 1.1, ONE: 1.7, TEN: 6, SEVENTY: 10, READ: 25},
}


@pytest.fixture(scope="module")
def table() -> Table:
    """26 releases to read are more files than layout a holds."""
    require_node_parts("anvil", "solc")
    return measure(releases=26)


def test_ours_meets_the_goals(table: Table) -> None:
    goals = {
        DEPLOY: GOALS["a registry"],
        ONE: GOALS["next release, one file, by the owner"],
        TEN: GOALS["next release, ten files"],
        SEVENTY: GOALS["next release, seventy files"],
    }
    assert {step: table[step][OURS].gas for step, goal in goals.items() if table[step][OURS].gas > goal} == {}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_others_cost_several_times_as_much(table: Table, layout: str) -> None:
    ratios = {step: table[step][layout].gas / table[step][OURS].gas for step in LEAST[layout]}
    assert {step: ratio for step, ratio in ratios.items() if ratio < LEAST[layout][step]} == {}


def test_what_a_chain_refuses(table: Table) -> None:
    notes = {(step, key): paid.note for step, row in table.items() for key, paid in row.items() if paid.note}
    full = "full with 255 files"
    assert notes == {(SEVENTY, "b"): REJECTED, (READ, "a"): full, (READ, "a0"): full}


def test_the_table_in_the_documentation_is_what_is_measured(table: Table) -> None:
    """All but the last row, which reads more releases."""
    text = (ROOT / "docs" / "registries.md").read_text("utf-8")
    figures = [f"{paid.gas:,}" for step, row in table.items() if step != READ for paid in row.values()]
    assert [figure for figure in figures if figure not in text] == []
