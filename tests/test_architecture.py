"""The shape that the design fixes: who imports whom, how large a file may be, what the read path never loads."""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PRODUCT = {"dipmp_lib": ROOT / "dipmp_lib", "functions": ROOT / "functions", "dipmp_cli": ROOT / "cli" / "dipmp_cli"}
MAY_IMPORT = {"dipmp_lib": set(), "functions": {"dipmp_lib"}, "dipmp_cli": {"dipmp_lib"}}
FILES = [(package, path) for package, folder in PRODUCT.items() for path in sorted(folder.rglob("*.py"))]
HEAVY = ("web3", "eth_account", "eth_abi", "eth_utils", "boto3", "botocore", "eth", "typer", "rich")
ONLY_WRITERS_MAY = {"web3", "eth_account"}
WRITERS = {"writer", "signers", "local"}
MAX_LINES, MAX_FUNCTION = 200, 45


def ids(items: list[tuple[str, Path]]) -> list[str]:
    return [str(path.relative_to(ROOT)) for _, path in items]


def imports(tree: ast.AST) -> set[str]:
    """Top-level names of all absolute imports."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names.add(node.module.split(".")[0])
    return names


@pytest.mark.parametrize(("package", "path"), FILES, ids=ids(FILES))
def test_imports_follow_the_direction(package: str, path: Path) -> None:
    found = imports(ast.parse(path.read_text()))
    assert found & (set(PRODUCT) - {package}) <= MAY_IMPORT[package]
    assert "tests" not in found


@pytest.mark.parametrize(("package", "path"), FILES, ids=ids(FILES))
def test_only_the_writing_side_knows_web3(package: str, path: Path) -> None:
    found = imports(ast.parse(path.read_text())) & ONLY_WRITERS_MAY
    parts = set(path.relative_to(PRODUCT[package]).with_suffix("").parts)
    assert not found or (package == "dipmp_lib" and parts & WRITERS)


@pytest.mark.parametrize(("package", "path"), FILES, ids=ids(FILES))
def test_files_and_functions_stay_small(package: str, path: Path) -> None:
    text = path.read_text()
    assert text.count("\n") <= MAX_LINES
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert (node.end_lineno or 0) - node.lineno < MAX_FUNCTION, f"{path.name}:{node.name}"


def test_no_drawer_modules() -> None:
    assert not [path for _, path in FILES if path.stem in {"utils", "util", "helpers", "misc", "common"}]


@pytest.mark.parametrize(
    "module", ["functions.simple", "functions.files", "dipmp_lib.server.app", "dipmp_lib.server.compose"]
)
def test_the_read_path_loads_nothing_heavy(module: str) -> None:
    code = f"import sys, {module}; print(*sorted(m for m in {HEAVY!r} if m in sys.modules))"
    env = dict(os.environ, ETH_GATEWAY="http://127.0.0.1:1", IPFS_GATEWAY="http://127.0.0.1:1/ipfs")
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == []


def test_the_lambda_requirements_hold_what_the_functions_import() -> None:
    code = (
        "import functions.simple, functions.files, sys; from importlib.metadata import packages_distributions as d;"
        "names = d(); print(*{n for m in {k.split('.')[0] for k in sys.modules} for n in names.get(m, ())})"
    )
    env = dict(os.environ, ETH_GATEWAY="http://127.0.0.1:1", IPFS_GATEWAY="http://127.0.0.1:1/ipfs")
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=env, capture_output=True, text=True, check=True)
    pinned = set(re.findall(r"^([a-z0-9-]+)==", (ROOT / "infra" / "requirements.txt").read_text(), re.M))
    used = {canonicalize_name(name) for name in done.stdout.split()}
    assert {"fastapi", "mangum"} <= used
    optional = {
        "cffi",
        "pycparser",
        "python-multipart",
        "setuptools",
    }  # pycryptodome takes cffi where it is, starlette python-multipart; setuptools comes with the venv
    assert used - optional - {"dipmp-pkg"} <= pinned


def tracked() -> list[Path]:
    """Text files of the repository, as git sees them."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return [ROOT / name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


def test_no_lock_file_names_a_host() -> None:
    locks = [
        p
        for p in tracked()
        if (p.parent.name in {"requirements", "infra"} and p.suffix == ".txt") or p.name == "package-lock.json"
    ]
    assert {"dev.txt", "package-lock.json"} <= {p.name for p in locks}
    for path in locks:
        # Whom to thank for a package is no place to fetch it from.
        text = re.sub(r'"url": "[^"]*"', "", path.read_text()) if path.suffix == ".json" else path.read_text()
        text = re.sub(r'"funding": "[^"]*"', "", text)
        assert not re.search(r"https?://", text), path.name


def test_no_machine_paths() -> None:
    pattern = re.compile(r"(?<![\w.:])/(?:work|root|farm)/[A-Za-z]")
    for path in tracked():
        if path.suffix in {".py", ".md", ".toml", ".yml", ".json", ".sol", ".js", ".sh", ".txt"}:
            assert not pattern.search(path.read_text(errors="replace")), path.name
