"""Changes of Solidity: operators, constants, conditions, statements, modifiers and returned values."""

from collections.abc import Iterator

from contract.mutation import yul
from contract.mutation.source import Change, Node, Source, span

# The neighbour, which moves the boundary, and the opposite.
COMPARISONS = {
    "<": ("<=", ">="),
    "<=": ("<", ">"),
    ">": (">=", "<="),
    ">=": (">", "<"),
    "==": ("!=",),
    "!=": ("==",),
}
ARITHMETIC = {"+": "-", "-": "+", "*": "/", "/": "*", "%": "*", "<<": ">>", ">>": "<<", "&": "|", "|": "&", "^": "&"}
BOOLEAN = {"&&": "||", "||": "&&"}
REMOVED = ("ExpressionStatement", "RevertStatement", "EmitStatement", "Return")
EVERY_BYTE = 32  # of a literal that long is changed; of a longer one only the last


def changes(source: Source, tree: Node) -> Iterator[Change]:
    """Yield every change of the source whose syntax tree (solc's `ast`) this is."""
    for node in nodes(tree):
        for kinds, operator in OPERATORS:
            if node["nodeType"] in kinds:
                yield from operator(source, node)
        if node["nodeType"] == "InlineAssembly":
            for part in nodes(node["AST"]):
                yield from yul.changes(source, part)


def nodes(value: object) -> Iterator[Node]:
    """Yield every node below and including `value`, except those of assembly."""
    if isinstance(value, dict):
        if "nodeType" in value:
            yield value
        for name, part in value.items():
            if name != "AST":
                yield from nodes(part)
    elif isinstance(value, list):
        for part in value:
            yield from nodes(part)


def binary(source: Source, node: Node) -> Iterator[Change]:
    """Other operators between the same operands."""
    operator = node["operator"]
    found = source.operator_between(node["leftExpression"], node["rightExpression"], operator)
    others = (*COMPARISONS.get(operator, ()), ARITHMETIC.get(operator), BOOLEAN.get(operator))
    for other in filter(None, others):
        yield Change(*found, other, "binary operator")


def assignment(source: Source, node: Node) -> Iterator[Change]:
    """`+=` becomes `-=` and so on; `=` is left to the removal of its statement."""
    operator = node["operator"]
    if operator != "=":
        found = source.operator_between(node["leftHandSide"], node["rightHandSide"], operator)
        yield Change(*found, ARITHMETIC[operator[:-1]] + "=", "assignment operator")


def unary(_: Source, node: Node) -> Iterator[Change]:
    """`!` and `~` go, `++` becomes `--`."""
    start, operator = span(node)[0], node["operator"]
    other = {"!": "", "~": "", "-": "", "++": "--", "--": "++"}.get(operator)
    if other is not None and node["prefix"]:
        yield Change(start, start + len(operator), other, "unary operator")


def literal(source: Source, node: Node) -> Iterator[Change]:
    """Numbers and bytes one more and one less, the other truth."""
    found, text = span(node), source.text(node)
    if node["kind"] == "number":
        yield Change(*found, f"({text} + 1)", "constant")
        if int(node["value"], 0):
            yield Change(*found, f"({text} - 1)", "constant")
    elif node["kind"] == "bool":
        yield Change(*found, "false" if text == "true" else "true", "constant")
    else:
        value = bytes.fromhex(node["hexValue"])
        for index in range(len(value)) if len(value) <= EVERY_BYTE else (len(value) - 1,):
            other = value[:index] + bytes([(value[index] + 1) % 256]) + value[index + 1 :]
            yield Change(*found, f'hex"{other.hex()}"', "constant")


def branch(source: Source, node: Node) -> Iterator[Change]:
    """The condition is always or never so, or the branches are swapped."""
    found, text = span(node["condition"]), source.text(node["condition"])
    yield Change(*found, "true", "condition")
    yield Change(*found, "false", "condition")
    if node.get("falseBody") and node["condition"]["nodeType"] != "BinaryOperation":
        yield Change(*found, f"!({text})", "swapped branches")


def loop(_: Source, node: Node) -> Iterator[Change]:
    """The loop never runs."""
    yield Change(*span(node["condition"]), "false", "condition")


def conditional(source: Source, node: Node) -> Iterator[Change]:
    """`a ? b : c` becomes `a ? c : b`."""
    (start, _), (_, end) = span(node["trueExpression"]), span(node["falseExpression"])
    swapped = f"{source.text(node['falseExpression'])} : {source.text(node['trueExpression'])}"
    yield Change(start, end, swapped, "swapped branches")


def statements(source: Source, node: Node) -> Iterator[Change]:
    """Each statement of a body goes, except the only one of an `if`: a condition that is never so does the same."""
    bodies = {"IfStatement": ("trueBody", "falseBody"), "Block": ("statements",), "WhileStatement": ("body",)}
    for name in bodies[node["nodeType"]]:
        if name == "trueBody" and not node.get("falseBody"):
            continue
        found = node.get(name) or []
        for statement in found if isinstance(found, list) else [found]:
            if statement["nodeType"] in REMOVED:
                yield Change(*source.statement(statement), "{}", "removed statement")


def modifiers(_: Source, node: Node) -> Iterator[Change]:
    """Each modifier of a function goes."""
    for modifier in node["modifiers"]:
        yield Change(*span(modifier), "", "removed modifier")


def returned(source: Source, node: Node) -> Iterator[Change]:
    """Another value is returned; what a removed `return` leaves is nothing, zero or false."""
    value = node.get("expression")
    if not value:
        return
    kind = value["typeDescriptions"]["typeString"]
    if kind == "bool":
        yield Change(*span(value), f"!({source.text(value)})", "returned value")
    elif kind.startswith("uint"):
        yield Change(*span(value), f"({source.text(value)}) + 1", "returned value")


OPERATORS = (
    (("BinaryOperation",), binary),
    (("Assignment",), assignment),
    (("UnaryOperation",), unary),
    (("Literal",), literal),
    (("IfStatement",), branch),
    (("WhileStatement",), loop),
    (("Conditional",), conditional),
    (("IfStatement", "Block", "WhileStatement"), statements),
    (("FunctionDefinition",), modifiers),
    (("Return",), returned),
)
