"""The artifact that is built: what is in it, that it is the same every time, and that it runs where nothing else is."""

import os
import subprocess
import tomllib
import zipfile
from pathlib import Path

import pytest

from infra.bundle import build
from tests.support.aws.artifact import artifact, newest, unpacked
from tests.support.repository import ROOT

pytestmark = pytest.mark.e2e

ENV = {"ETH_GATEWAY": "http://127.0.0.1:1", "IPFS_GATEWAY": "http://127.0.0.1:1/ipfs", "AWS_LAMBDA_FUNCTION_NAME": "x"}
SYNC = {"DIPMP_TABLE": "table", "DIPMP_PINNED": f"0x{'11' * 20}", "DIPMP_CHAIN_ID": "1"}


def contents(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def run(code: str, *options: str) -> subprocess.CompletedProcess[str]:
    """Run code where the artifact is, with nothing else to import from, as on Lambda."""
    command = [str(newest()[1]), "-s", "-S", *options, "-c", code]
    return subprocess.run(command, cwd=unpacked(), env=ENV | SYNC, capture_output=True, text=True, check=True)


@pytest.mark.parametrize("function", ["simple", "files", "sync"])
def test_every_function_loads_from_the_artifact_alone(function: str) -> None:
    done = run(f"import functions.{function} as f; assert callable(f.handler); print(f.__file__, f.__cached__)")
    source, compiled = done.stdout.split()
    assert Path(source) == unpacked() / "functions" / f"{function}.py"
    assert Path(compiled).is_file()


def test_nothing_is_compiled_or_written_at_a_cold_start() -> None:
    before = sorted(unpacked().rglob("*"))
    done = run("import functions.simple", "-v")
    loaded = [line for line in done.stderr.splitlines() if "code object from" in line and str(unpacked()) in line]
    assert len(loaded) > 100
    assert not [line for line in loaded if not line.rstrip("'").endswith(".pyc")]
    assert sorted(unpacked().rglob("*")) == before


def test_bytecode_names_the_place_on_lambda() -> None:
    (compiled,) = (unpacked() / "dipmp_lib" / "model" / "__pycache__").glob("names.*.pyc")
    assert b"/var/task/dipmp_lib/model/names.py" in compiled.read_bytes()


def test_the_same_inputs_give_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In another folder, later, with another umask, and with the other installer."""
    elsewhere = tmp_path / "somewhere else" / "artifact.zip"
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    umask = os.umask(0o077)
    try:
        build("x86_64", newest()[0], out=elsewhere, installer="pip")
    finally:
        os.umask(umask)
    assert elsewhere.read_bytes() == artifact().read_bytes()
    assert elsewhere.stat().st_mode & 0o777 == 0o644
    assert [path.name for path in elsewhere.parent.iterdir()] == ["artifact.zip"]


def test_architectures_differ_in_native_code_only() -> None:
    x86, arm = contents(artifact("x86_64")), contents(artifact("arm64"))
    native = {name for name in x86 | arm if name.endswith(".so")}
    assert {n for n in native if "pydantic_core" in n and "aarch64" in n} <= arm.keys()
    assert {name: data for name, data in x86.items() if name not in native} == {
        name: data for name, data in arm.items() if name not in native
    }
    assert sum(name.endswith(".pyc") for name in x86) > 400
    for machine, built in ((62, x86), (183, arm)):  # e_machine of an ELF header
        found = {int.from_bytes(data[18:20], "little") for name, data in built.items() if name.endswith(".so")}
        assert found == {machine}


def test_nothing_superfluous_is_in_it() -> None:
    names = contents(artifact()).keys()
    suffixes = {Path(name).suffix for name in names}
    assert not suffixes & {".pyi", ".c", ".h", ".pyx", ".exe", ".dll"}
    assert not [name for name in names if name.startswith(("bin/", "Crypto/SelfTest/", "tests/", "cli/", "infra/"))]
    records = {Path(name).name for name in names if name.split("/")[0].endswith(".dist-info") and "licen" not in name}
    assert records <= {"METADATA", "entry_points.txt", "LICENSE", "LICENSE.rst", "LICENSE.txt"}
    assert {
        "functions/simple.py",
        "dipmp_lib/server/templates/base.html",
        "dipmp_lib/ethereum/abi/PackageIndex.json",
    } <= names


def test_the_version_is_known_there() -> None:
    done = run("from importlib.metadata import version; print(version('dipmp-pkg'))")
    assert done.stdout.strip() == tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]


def test_without_bytecode_the_sources_are_the_same() -> None:
    compiled, plain = contents(artifact()), contents(artifact(bytecode=False))
    assert plain == {name: data for name, data in compiled.items() if not name.endswith(".pyc")}
