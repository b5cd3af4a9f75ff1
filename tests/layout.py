"""The rooms, floors and arrows of a checkout: `python -m tests.layout [CHECKOUT]`.

A room is a top-level entry of dipmp_lib, the package `functions`, or the command line's package, whose own entries make
a second picture. An arrow is drawn from a room to each room that any of its modules imports. A room's floor is one
above the highest room that it imports.
"""

import ast
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from statistics import median

from tests.support.repository import ROOT

FOLDERS = {"dipmp_lib": "dipmp_lib", "dipmp_cli": "cli/dipmp_cli", "functions": "functions"}
OURS = set(FOLDERS)
_BRANCHES = (ast.If, ast.For, ast.While, ast.Try, ast.IfExp, ast.comprehension, ast.Match, ast.With, ast.BoolOp)


@dataclass(frozen=True)
class Module:
    """One module of the product."""

    root: Path
    package: str
    path: Path

    def __str__(self) -> str:
        return str(self.path.relative_to(self.root))

    @property
    def is_init(self) -> bool:
        """Whether it is a package's own module."""
        return self.path.name == "__init__.py"

    @cached_property
    def parts(self) -> tuple[str, ...]:
        """Its place below its package, without a suffix."""
        parts = self.path.relative_to(self.root / FOLDERS[self.package]).with_suffix("").parts
        return parts[:-1] if self.is_init else parts

    @property
    def name(self) -> str:
        """Its dotted name."""
        return ".".join((self.package, *self.parts))

    @property
    def wing(self) -> str:
        """The top-level entry of its package that it is in, "" for the package itself."""
        return self.parts[0] if self.parts else ""

    @property
    def room(self) -> str:
        """The box in the picture of the whole."""
        return self.wing if self.package == "dipmp_lib" else self.package

    @cached_property
    def tree(self) -> ast.Module:
        """Its syntax."""
        return ast.parse(self.path.read_text("utf-8"))

    @property
    def lines(self) -> int:
        """The number of lines."""
        return self.path.read_text("utf-8").count("\n")

    @cached_property
    def imports(self) -> frozenset[str]:
        """Dotted names of all that is imported, wherever in the module; `from a import b` gives a.b."""
        found: set[str] = set()
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                found |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                found |= {".".join(filter(None, (self._base(node), alias.name))) for alias in node.names}
        return frozenset(found)

    def _base(self, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module or ""
        parts = self.name.split(".")
        above = node.level - (1 if self.is_init else 0)
        return ".".join([*(parts[:-above] if above else parts), *filter(None, [node.module])])

    @cached_property
    def ours(self) -> frozenset[str]:
        """The imported names of the product."""
        return frozenset(name for name in self.imports if name.partition(".")[0] in OURS)

    @cached_property
    def wings_used(self) -> frozenset[str]:
        """The other wings of its own package that it imports."""
        names = {name.split(".")[1] for name in self.ours if name.startswith(self.package + ".")}
        return frozenset(names - {self.wing})

    @cached_property
    def third_parties(self) -> frozenset[str]:
        """Top-level names of imported third-party packages."""
        tops = {name.partition(".")[0] for name in self.imports}
        return frozenset(tops - set(sys.stdlib_module_names) - OURS)

    @cached_property
    def standard(self) -> frozenset[str]:
        """Top-level names of imported standard modules."""
        return frozenset({name.partition(".")[0] for name in self.imports} & set(sys.stdlib_module_names))

    @cached_property
    def public_classes(self) -> frozenset[str]:
        """Names of the classes that others may use."""
        return frozenset(n.name for n in self.tree.body if isinstance(n, ast.ClassDef) and not n.name.startswith("_"))

    @cached_property
    def has_code(self) -> bool:
        """Whether it defines anything."""
        return any(isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) for n in self.tree.body)

    @cached_property
    def has_logic(self) -> bool:
        """Whether a function in it decides or repeats anything."""
        functions = [n for n in ast.walk(self.tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]
        return any(isinstance(inner, _BRANCHES) for function in functions for inner in ast.walk(function))

    @property
    def test(self) -> Path:
        """The file of its tests: tests/unit mirrors dipmp_lib, with the command line under `cli`."""
        folder = self.root / "tests" / "unit"
        above = {"dipmp_lib": (), "dipmp_cli": ("cli",), "functions": ("functions",)}[self.package]
        *folders, name = self.parts or (self.package,)
        if self.is_init and self.parts:
            folders = list(self.parts)
        return folder.joinpath(*above, *folders, f"test_{name}.py")


def product(root: Path) -> list[Module]:
    """Return the modules of the product in a checkout."""
    return [
        Module(root, package, path)
        for package, folder in FOLDERS.items()
        for path in sorted((root / folder).rglob("*.py"))
    ]


def arrows(modules: Iterable[Module]) -> dict[str, set[str]]:
    """Return for each room of the whole those that it imports."""
    by_name = {module.name: module for module in modules}
    drawn: dict[str, set[str]] = {module.room: set() for module in by_name.values() if module.room}
    for module in by_name.values():
        if module.room:
            drawn[module.room] |= {_room_of(name, by_name) for name in module.ours} - {module.room, ""}
    return drawn


def arrows_inside(package: str, modules: Iterable[Module]) -> dict[str, set[str]]:
    """Return for each entry of one package those that it imports."""
    own = [module for module in modules if module.package == package and module.wing]
    drawn: dict[str, set[str]] = {module.wing: set() for module in own}
    for module in own:
        drawn[module.wing] |= module.wings_used & drawn.keys()
    return drawn


def _room_of(name: str, modules: Mapping[str, Module]) -> str:
    while name not in modules and "." in name:
        name = name.rpartition(".")[0]
    return modules[name].room if name in modules else ""


def cycles(drawn: Mapping[str, set[str]]) -> list[tuple[str, ...]]:
    """Return the sets of rooms that import each other, however long the way round."""
    reach = {room: _reached(room, drawn) for room in drawn}
    rings = {tuple(sorted(r for r in reach if r in reach[room] and room in reach[r])) for room in drawn}
    return sorted(ring for ring in rings if ring)


def _reached(room: str, drawn: Mapping[str, set[str]]) -> set[str]:
    seen: set[str] = set()
    waiting = list(drawn[room])
    while waiting:
        other = waiting.pop()
        if other not in seen:
            seen.add(other)
            waiting.extend(drawn.get(other, ()))
    return seen


def floors(drawn: Mapping[str, set[str]]) -> list[list[str]]:
    """Return the rooms by floor, the ground first; those in a circle count as one floor."""
    reach = {room: _reached(room, drawn) for room in drawn}
    levels: dict[str, int] = {}
    for room in sorted(drawn, key=lambda each: len(reach[each] - _ring(each, reach))):
        below = [levels[other] for other in reach[room] if other in levels and room not in reach[other]]
        levels[room] = 1 + max(below, default=-1)
    return [sorted(r for r, level in levels.items() if level == n) for n in range(max(levels.values()) + 1)]


def _ring(room: str, reach: Mapping[str, set[str]]) -> set[str]:
    return {other for other in reach[room] if room in reach.get(other, ())}


def picture(title: str, drawn: Mapping[str, set[str]]) -> Iterator[str]:
    """Yield the lines of one picture."""
    stack = floors(drawn)
    for number, rooms in reversed(list(enumerate(stack, 1))):
        yield f"{number:>3}  {'  '.join(rooms)}"
    circles = "; ".join(", ".join(ring) for ring in cycles(drawn)) or "none"
    count = sum(map(len, drawn.values()))
    yield f"{title}: {len(drawn)} rooms, {len(stack)} floors, {count} arrows, circles: {circles}\n"


def report(root: Path) -> Iterator[str]:
    """Yield the pictures of one checkout, and how large its files are."""
    modules = product(root)
    yield from picture("the whole", arrows(modules))
    yield from picture("inside the command line", arrows_inside("dipmp_cli", modules))
    for package in FOLDERS:
        own = [module for module in modules if module.package == package]
        sizes = [module.lines for module in own]
        entries = len({module.wing for module in own} - {""})
        yield f"{package}: {entries} entries, {len(own)} files, median {median(sizes):.0f} lines, at most {max(sizes)}"


if __name__ == "__main__":
    sys.stdout.writelines(f"{line}\n" for line in report(Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else ROOT))
