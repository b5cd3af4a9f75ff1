"""What commands load besides the standard library: a list, so that nobody slows them down without saying so here."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.files.wheels import build_wheel
from tests.support.repository import ROOT
from tests.support.systems.node_and_blocks import ServedWorld, served_world

pytestmark = pytest.mark.slow

ALWAYS = {"annotated_doc", "dipmp_cli", "dipmp_lib", "rich", "shellingham", "typer"}
OPTIONS = ALWAYS | {"annotated_types", "pydantic", "pydantic_core", "typing_extensions", "typing_inspection"}
"""With what Typer brings for a command that has parameters."""
READING = OPTIONS | {"Crypto", "_cffi_backend", "cffi", "pycparser"}
SETTINGS = READING | {"packaging", "platformdirs"}
HELP = {"attr", "markdown_it", "mdurl", "pygments"}
"""What rich brings for help in colour."""

RUN = """
import json, sys
before = set(sys.modules)
from dipmp_cli import main
program, *sys.argv = json.loads(sys.argv[1])
try:
    getattr(main, program)()
except SystemExit as ended:
    code = ended.code
print("\\n" + json.dumps([code, sorted(set(sys.modules) - before)]))
"""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedWorld]:
    with served_world(tmp_path_factory.mktemp("served")) as made:
        yield made


def loaded(world: ServedWorld, program: str, *arguments: str, code: int = 0) -> set[str]:
    """Run a command in a fresh interpreter and return the modules that it loaded."""
    command = [sys.executable, "-c", RUN, json.dumps([program, "dipmp", *arguments])]
    done = subprocess.run(command, env=world.env, cwd=ROOT, capture_output=True, text=True, check=False)
    found, modules = json.loads(done.stdout.splitlines()[-1])
    assert found == code, done.stderr
    return set(modules)


def others(modules: set[str]) -> set[str]:
    names = {name.partition(".")[0] for name in modules} - set(sys.stdlib_module_names)
    return {name for name in names if not name.startswith("_sysconfigdata")}


@pytest.mark.parametrize(
    ("arguments", "allowed"),
    [
        (["--version"], ALWAYS),
        (["--help"], READING | HELP | {"packaging", "platformdirs"}),
        (["config", "path"], READING | {"platformdirs"}),
        (["config", "pip", "https://host.example/simple/0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed/"], READING),
        (["config", "check"], SETTINGS),
        (["registry", "show"], SETTINGS),
        (["project", "show", "demo"], SETTINGS),
    ],
)
def test_what_reads_loads_no_writing(world: ServedWorld, arguments: list[str], allowed: set[str]) -> None:
    code = 1 if arguments[0] == "project" else 0  # nobody has published it
    assert others(loaded(world, "main", *arguments, code=code)) <= allowed


def test_a_publish_adds_to_web3_what_checks_files_and_talks(world: ServedWorld, tmp_path: Path) -> None:
    lines = "import sys; import web3, eth_account; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", lines], env=world.env, capture_output=True, text=True, check=True)
    modules = loaded(world, "main_publish", str(build_wheel(tmp_path)), "--yes")
    assert "web3" in modules
    assert others(modules) - others(set(done.stdout.split())) <= SETTINGS
    assert not {"rich.progress", "boto3", "fastapi", "keyring", "readme_renderer"} & modules


def test_mistakes_are_found_before_web3_is_loaded(world: ServedWorld, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").touch()
    modules = loaded(world, "main_publish", str(tmp_path / "notes.txt"), code=1)
    assert not {"web3", "eth_account", "eth_abi"} & modules
