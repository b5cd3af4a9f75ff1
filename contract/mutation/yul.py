"""Changes of assembly: operators, constants, conditions and statements."""

from collections.abc import Iterator

from contract.mutation.source import Change, Node, Source, span

# What a call is replaced by, where {} stands for its arguments as they are.
CALLS = {
    "add": ("sub({})",),
    "sub": ("add({})",),
    "mul": ("div({})",),
    "div": ("mul({})",),
    "mod": ("mul({})",),
    "and": ("or({})",),
    "or": ("and({})",),
    "xor": ("and({})",),
    "shl": ("shr({})",),
    "shr": ("shl({})",),
    "gt": ("iszero(lt({}))", "iszero(gt({}))"),
    "lt": ("iszero(gt({}))", "iszero(lt({}))"),
    "eq": ("iszero(eq({}))",),
    "iszero": ("iszero(iszero({}))",),
    "not": ("not(not({}))",),
}


def changes(source: Source, node: Node) -> Iterator[Change]:
    """Yield every change of one node of a Yul syntax tree; its parts are nodes of their own."""
    kind = node["nodeType"]
    if kind == "YulFunctionCall":
        yield from _call(source, node)
    elif kind == "YulLiteral" and node["kind"] == "number":
        yield from _number(source, node)
    elif kind == "YulIf":
        for value in "10":
            yield Change(*span(node["condition"]), value, "condition")
    elif kind == "YulForLoop":
        yield Change(*span(node["condition"]), "0", "condition")
    elif kind in ("YulExpressionStatement", "YulAssignment"):
        yield Change(*span(node), "{}", "removed statement")


def _call(source: Source, node: Node) -> Iterator[Change]:
    arguments = ", ".join(source.text(argument) for argument in node["arguments"])
    for other in CALLS.get(node["functionName"]["name"], ()):
        yield Change(*span(node), other.format(arguments), "assembly operator")


def _number(source: Source, node: Node) -> Iterator[Change]:
    value = int(source.text(node).replace("_", ""), 0)
    for other in (value + 1, value - 1):
        if 0 <= other < 2**256:
            yield Change(*span(node), str(other), "constant")
