"""The layout that the design fixes: which wing imports which, who uses which package, how large things may be.

`python -m tests.layout` prints the same as a picture.
"""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest
from packaging.utils import canonicalize_name

from tests.layout import Module, arrows, cycles, product
from tests.support.repository import ROOT

FLOORS: tuple[frozenset[str], ...] = (
    frozenset({"errors", "keccak", "progress", "telemetry"}),
    frozenset({"caching", "secret", "http", "model", "proof"}),
    frozenset({"ethereum", "ipfs", "environment"}),
    frozenset({"log", "simple_api"}),
    frozenset({"registry", "distributions"}),
    frozenset({"aws"}),
    frozenset({"server", "transactions"}),
    frozenset({"publish", "devnet"}),
    frozenset({"trust"}),
)
"""Wings of dipmp_lib from the ground up. Each imports lower floors only, and none beside it."""

CLI_FLOORS: tuple[frozenset[str], ...] = (
    frozenset({"settings", "terminal"}),
    frozenset({"session"}),
    frozenset({"commands"}),
    frozenset({"main"}),
)

HOMES: dict[str, set[str]] = {
    "Crypto": {"keccak"},
    "anyio": {"server", "publish", "devnet"},
    "boto3": {"aws", "ipfs"},
    "botocore": {"aws", "ipfs"},
    "eth": {"devnet"},
    "eth_abi": {"transactions"},
    "eth_account": {"transactions"},
    "eth_keyfile": {"transactions"},
    "eth_keys": {"transactions", "devnet"},
    "eth_typing": {"transactions", "devnet"},
    "eth_utils": {"transactions", "devnet"},
    "fastapi": {"server"},
    "h11": {"publish"},
    "hexbytes": {"transactions"},
    "jinja2": {"server"},
    "keyring": {"transactions"},
    "mangum": {"server"},
    "markupsafe": {"server"},
    "packaging": {"distributions", "publish", "cli"},
    "platformdirs": {"transactions", "cli"},
    "python_multipart": {"publish"},
    "readme_renderer": {"distributions"},
    "rich": {"cli"},
    "rlp": {"transactions", "devnet"},
    "snapshot_restore_py": {"server"},
    "starlette": {"server", "publish", "devnet"},
    "trie": {"devnet"},
    "typer": {"cli"},
    "typing_extensions": {"http"},
    "uvicorn": {"server", "publish"},
    "web3": {"transactions"},
}
"""Third-party packages and the wings that use them. Filebase's pinner is S3, hence boto3 in `ipfs`."""

PURE = ("model", "log", "simple_api", "distributions", "proof", "ipfs.cid", "ipfs.car", "ipfs.unixfs", "ipfs.varint")
"""What does no I/O, reads no clock and starts no thread."""
IO = ("socket", "threading", "http", "os", "time", "subprocess", "asyncio", "urllib.request")

SAME_NAME: dict[str, int] = {}
"""Public classes whose name several modules use, and how many do; entries only ever go."""

MAX_LINES, MAX_FUNCTION, SMALL, SHARE_OF_SMALL = 400, 45, 40, 0.2

HEAVY = ("web3", "eth_account", "eth_abi", "eth_utils", "boto3", "botocore", "eth", "typer", "rich")
READING = {
    "PATH": "/usr/bin:/bin",
    "ETH_GATEWAY": "http://127.0.0.1:1",
    "IPFS_GATEWAY": "http://127.0.0.1:1/ipfs",
}

MODULES = product(ROOT)
LIBRARY = [module for module in MODULES if module.package == "dipmp_lib"]


def floor_of(wing: str, floors: tuple[frozenset[str], ...]) -> int:
    return next(number for number, names in enumerate(floors) if wing in names)


def test_packages_import_one_way() -> None:
    allowed = {"dipmp_lib": set[str](), "functions": {"dipmp_lib"}, "dipmp_cli": {"dipmp_lib"}}
    for module in MODULES:
        used = {name.partition(".")[0] for name in module.ours} - {module.package}
        assert used <= allowed[module.package], module
        assert "tests" not in module.third_parties, module


@pytest.mark.parametrize(("package", "floors"), [("dipmp_lib", FLOORS), ("dipmp_cli", CLI_FLOORS)])
def test_wings_import_lower_floors_only(package: str, floors: tuple[frozenset[str], ...]) -> None:
    upwards = [
        f"{module} imports {other}"
        for module in MODULES
        if module.package == package and module.wing
        for other in module.wings_used
        if floor_of(other, floors) >= floor_of(module.wing, floors)
    ]
    assert upwards == []


def test_an_init_speaks_for_its_own_wing_only() -> None:
    faces = [module for module in MODULES if module.is_init and module.wing and not module.has_code]
    assert [str(module) for module in faces if module.wings_used] == []


def test_nothing_goes_round_in_circles() -> None:
    assert cycles(arrows(MODULES)) == []


def home_of(module: Module) -> str:
    return "cli" if module.package == "dipmp_cli" else module.wing


def test_third_parties_have_a_home() -> None:
    used = {(name, home_of(module)) for module in MODULES for name in module.third_parties}
    assert used == {(name, home) for name, homes in HOMES.items() for home in homes}


def is_pure(module: Module) -> bool:
    name = module.name.removeprefix("dipmp_lib.")
    return module.package == "dipmp_lib" and any(name == pure or name.startswith(f"{pure}.") for pure in PURE)


def test_pure_wings_do_no_io() -> None:
    found = [
        f"{module} imports {name}"
        for module in filter(is_pure, MODULES)
        for name in module.imports
        if any(f"{name}.".startswith(f"{io}.") for io in IO)
    ]
    assert found == []


def test_a_public_class_name_means_one_class() -> None:
    places: dict[str, list[str]] = {}
    for module in MODULES:
        for name in module.public_classes:
            places.setdefault(name, []).append(module.name)
    assert {name: len(found) for name, found in places.items() if len(found) > 1} == SAME_NAME, places


def test_files_and_functions_stay_small() -> None:
    assert [str(module) for module in MODULES if module.lines > MAX_LINES] == []
    assert [
        f"{module}: {node.name}"
        for module in MODULES
        for node in ast.walk(module.tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno >= MAX_FUNCTION
    ] == []


def test_few_files_are_crumbs() -> None:
    written = [module for module in LIBRARY if not module.is_init]
    assert sum(module.lines < SMALL for module in written) <= SHARE_OF_SMALL * len(written)


def test_no_drawer_modules() -> None:
    drawers = {"utils", "util", "helpers", "misc", "common"}
    assert not [module for module in MODULES if module.path.stem in drawers]


def test_every_wing_has_its_tests() -> None:
    """A module with logic has a test of its name, in the folder of tests that mirrors its own."""
    assert [str(module) for module in MODULES if module.has_logic and not module.test.is_file()] == []


def test_tests_mirror_what_there_is() -> None:
    """Each folder of tests/unit is one of the product, so that nothing is kept in two orders."""
    folders = {module.test.parent for module in MODULES} | {ROOT / "tests" / "unit" / "conformance"}
    parents = {parent for folder in folders for parent in folder.parents}
    found = {path.parent for path in (ROOT / "tests" / "unit").rglob("test_*.py")}
    assert found <= folders | parents


@pytest.mark.slow
@pytest.mark.parametrize(
    "module", ["functions.simple", "functions.files", "dipmp_lib.server.app", "dipmp_lib.server.compose"]
)
def test_the_read_path_loads_nothing_heavy(module: str) -> None:
    code = f"import sys, {module}; print(*sorted(m for m in {HEAVY!r} if m in sys.modules))"
    assert python(code).split() == []


@pytest.mark.slow
def test_the_lambda_requirements_hold_what_the_functions_import() -> None:
    code = (
        "import functions.simple, functions.files, sys; from importlib.metadata import packages_distributions as d;"
        "names = d(); print(*{n for m in {k.split('.')[0] for k in sys.modules} for n in names.get(m, ())})"
    )
    used = {canonicalize_name(name) for name in python(code).split()}
    pinned = set(re.findall(r"^([a-z0-9-]+)==", (ROOT / "infra" / "requirements.txt").read_text(), re.M))
    assert {"fastapi", "mangum"} <= used
    # pycryptodome takes cffi where it is, starlette python-multipart; setuptools comes with the venv
    optional = {"cffi", "pycparser", "python-multipart", "setuptools"}
    assert used - optional - {"dipmp-pkg"} <= pinned


def python(code: str) -> str:
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=ROOT, env=READING, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def tracked(*patterns: str) -> list[Path]:
    """Files of the repository, as git sees them."""
    command = ["git", "ls-files", "-co", "--exclude-standard", "--", *patterns]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return [ROOT / name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


def test_ruff_sees_every_python_file() -> None:
    """Tools pass over folders whose names they take for build output."""
    command = [sys.executable, "-m", "ruff", "check", "--show-files", "."]
    seen = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    assert {str(path) for path in tracked("*.py")} <= set(seen)


def test_mypy_sees_every_python_file() -> None:
    from mypy.main import process_options

    sources, _ = process_options([], require_targets=False)
    seen = {Path(source.path).resolve() for source in sources if source.path}
    assert {path.resolve() for path in tracked("*.py")} <= seen


def test_no_lock_file_names_a_host() -> None:
    locks = tracked("requirements/*.txt", "infra/*.txt", "package-lock.json")
    assert {"dev.txt", "package-lock.json"} <= {path.name for path in locks}
    for path in locks:
        # Whom to thank for a package is no place to fetch it from.
        text = re.sub(r'"(url|funding)": "[^"]*"', "", path.read_text())
        assert not re.search(r"https?://", text), path.name


def test_no_machine_paths() -> None:
    pattern = re.compile(r"(?<![\w.:])/(?:work|root|farm)/[A-Za-z]")
    for path in tracked():
        if path.suffix in {".py", ".md", ".toml", ".yml", ".json", ".sol", ".js", ".sh", ".txt"}:
            assert not pattern.search(path.read_text(errors="replace")), path.name
