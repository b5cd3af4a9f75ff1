"""The tests notice every small change of the contracts, or contract/mutants.md says why not; and what makes changes."""

import json
import os
from collections import Counter
from typing import Any

import pytest

from contract.build import CONTRACT
from contract.mutate import run, syntax_trees
from contract.mutation.explained import ExplanationError, explained, show
from contract.mutation.solidity import changes
from contract.mutation.source import Change, Key, Source, mutants
from contract.mutation.trial import Outcome, TrialError, outcome
from tests.support.programs.required import require_node_parts, require_part

TINY = """pragma solidity 0.8.37;
contract Tiny {
    modifier guarded() { _; }
    function f(uint256 a) external pure guarded returns (uint256 b) {
        if (a < 7) revert();
        b = a << 1;
        assembly ("memory-safe") {
            if gt(a, 9) { b := add(b, a) }
        }
    }
}
"""

TINY_MUTANTS = {
    ("function f(uint256 a) external pure guarded returns (uint256 b) {",): (
        "function f(uint256 a) external pure returns (uint256 b) {",
    ),
    ("if (a < 7) revert();",): (
        "if (a <= 7) revert();",
        "if (a >= 7) revert();",
        "if (a < (7 + 1)) revert();",
        "if (a < (7 - 1)) revert();",
        "if (true) revert();",
        "if (false) revert();",
    ),
    ("b = a << 1;",): ("b = a >> 1;", "b = a << (1 + 1);", "b = a << (1 - 1);", "{}"),
    ("if gt(a, 9) { b := add(b, a) }",): (
        "if iszero(lt(a, 9)) { b := add(b, a) }",
        "if iszero(gt(a, 9)) { b := add(b, a) }",
        "if gt(a, 10) { b := add(b, a) }",
        "if gt(a, 8) { b := add(b, a) }",
        "if 1 { b := add(b, a) }",
        "if 0 { b := add(b, a) }",
        "if gt(a, 9) { b := sub(b, a) }",
        "if gt(a, 9) { {} }",
    ),
}


@pytest.mark.node
def test_a_tiny_contract_changes_in_every_way() -> None:
    require_part("solc")
    source = Source("src/Tiny.sol", TINY.encode())
    made = mutants(source, changes(source, syntax_trees({source.name: TINY})[source.name]))
    expected = {(before, after) for (before,), others in TINY_MUTANTS.items() for after in others}
    assert {(mutant.key.before, mutant.key.after) for mutant in made} == expected
    assert len(made) == len(expected)
    assert all(mutant.content != source.content for mutant in made)


# ---------------------------------------------------------------- without the compiler: its nodes by hand


def node(text: str, part: str, node_type: str, **fields: object) -> dict[str, Any]:
    start = text.encode().index(part.encode())
    return {"nodeType": node_type, "src": f"{start}:{len(part.encode())}:0", **fields}


def changed(text: str, tree: dict[str, Any]) -> set[str]:
    source = Source("src/T.sol", text.encode())
    return {mutant.content.decode() for mutant in mutants(source, changes(source, tree))}


def test_operators_change_between_their_operands() -> None:
    text = "é = (a - b) - c"  # places are bytes, and the operand has the operator too
    left, right = node(text, "(a - b)", "TupleExpression"), node(text, "c", "Identifier")
    tree = node(text, "(a - b) - c", "BinaryOperation", operator="-", leftExpression=left, rightExpression=right)
    assert changed(text, tree) == {"é = (a - b) + c"}
    text = "a && b"
    left, right = node(text, "a", "Identifier"), node(text, "b", "Identifier")
    tree = node(text, text, "BinaryOperation", operator="&&", leftExpression=left, rightExpression=right)
    assert changed(text, tree) == {"a || b"}


@pytest.mark.parametrize(
    ("text", "fields", "expected"),
    [
        ("30 days", {"kind": "number", "value": "30"}, {"(30 days + 1)", "(30 days - 1)"}),
        ("0", {"kind": "number", "value": "0"}, {"(0 + 1)"}),
        ("true", {"kind": "bool"}, {"false"}),
        ('hex"ff00"', {"kind": "hexString", "hexValue": "ff00"}, {'hex"0000"', 'hex"ff01"'}),
        (f'"{"a" * 33}"', {"kind": "string", "hexValue": "61" * 33}, {f'hex"{"61" * 32}62"'}),
    ],
)
def test_constants_become_their_neighbours(text: str, fields: dict[str, Any], expected: set[str]) -> None:
    assert changed(text, node(text, text, "Literal", **fields)) == expected


def test_statements_go_with_their_semicolon() -> None:
    text = "{ f(); g(); }"
    parts = [node(text, part, "ExpressionStatement") for part in ("f()", "g()")]
    assert changed(text, node(text, text, "Block", statements=parts)) == {"{ {} g(); }", "{ f(); {} }"}


def test_branches_are_forced_and_swapped() -> None:
    text = "if (a) f(); else g();"
    bodies = {"trueBody": node(text, "f()", "ExpressionStatement"), "falseBody": node(text, "g()", "Return")}
    tree = node(text, text, "IfStatement", condition=node(text, "a", "Identifier"), **bodies)
    forced = {f"if ({condition}) f(); else g();" for condition in ("true", "false", "!(a)")}
    assert changed(text, tree) == forced | {"if (a) {} else g();", "if (a) f(); else {}"}


def test_mutants_that_look_alike_are_counted() -> None:
    text = "x = 1 +\n    1;\n x = 1 + 1;"
    places = [(4, 5), (12, 13), (20, 21), (24, 25)]
    made = mutants(Source("src/T.sol", text.encode()), [Change(*place, "2", "constant") for place in places])
    assert [show(mutant.key) for mutant in made] == [
        "@@ src/T.sol\n- x = 1 +\n+ x = 2 +",
        "@@ src/T.sol\n- 1;\n+ 2;",
        "@@ src/T.sol\n- x = 1 + 1;\n+ x = 2 + 1;",
        "@@ src/T.sol\n- x = 1 + 1;\n+ x = 1 + 2;",
    ]
    same = mutants(Source("src/T.sol", b"f(0);\nf(0);"), [Change(2, 3, "1", "constant"), Change(8, 9, "1", "constant")])
    assert [mutant.key.ordinal for mutant in same] == [1, 2]


# ---------------------------------------------------------------- what survives, and why

SECTION = "# Title\n\n## Nobody can see it\n\nBecause.\n\n```diff\n@@ src/T.sol 2\n- f(0);\n+ {}\n```\n"


def test_a_section_explains_mutants() -> None:
    assert explained(SECTION) == {Key("src/T.sol", "f(0);", "{}", 2)}
    assert explained("# Title\n") == set()


@pytest.mark.parametrize(
    "text",
    [
        SECTION.replace("Because.\n", ""),
        SECTION.replace("- f(0);\n", ""),
        SECTION.replace("@@ src/T.sol 2", "src/T.sol"),
        SECTION.replace("+ {}\n", ""),
        SECTION + SECTION,
        "## Nothing\n\nBecause.\n",
    ],
)
def test_a_section_that_explains_nothing_is_refused(text: str) -> None:
    with pytest.raises(ExplanationError):
        explained(text)


def test_what_forge_prints_is_an_outcome() -> None:
    failed = "[FAIL: owner; counterexample: args=[1]] testFuzz_Owner(address) (runs: 1)\nran: 3 passed, 1 failed"
    assert outcome(1, failed) == Outcome("killed", "testFuzz_Owner")
    assert outcome(0, "4 tests passed, 0 failed, 0 skipped") == Outcome("survived")
    for code, output in ((1, "panicked"), (0, ""), (1, "0 failed"), (0, "10 failed")):
        with pytest.raises(TrialError):
            outcome(code, output)


@pytest.mark.node
@pytest.mark.long
@pytest.mark.timeout(7200)
def test_every_mutant_is_noticed_or_explained() -> None:
    require_node_parts("forge", "solc")
    report, unexplained, idle = run("", require_part("forge"), os.cpu_count() or 1)
    (CONTRACT / "out").mkdir(exist_ok=True)
    (CONTRACT / "out" / "mutants.json").write_text(json.dumps(report, indent=1) + "\n", "utf-8")
    results = Counter(item["result"] for item in report)
    assert set(results) <= {"killed", "survived", "invalid"}
    assert results["killed"] > 9 * results["survived"]
    assert [show(key) for key in unexplained] == []
    assert [show(key) for key in idle] == []
