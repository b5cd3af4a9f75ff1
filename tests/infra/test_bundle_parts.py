"""The build's steps, each by itself: no network, no interpreter but this one."""

import ast
import hashlib
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra import bundle, interpreters, wheels
from infra.bytecode import compile_folder
from infra.errors import CannotBundle
from infra.pruning import FOLDERS, prune
from infra.sources import put_sources, sources
from infra.zipping import check_sizes, comment_of, write_zip
from tests.support.repository import ROOT

HERE = "{}.{}".format(*sys.version_info[:2])


def put(path: Path, text: str = "x") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_zip_file_depends_on_names_and_bytes_alone(tmp_path: Path) -> None:
    for folder, names in (("one", ("a/b.py", "c.py")), ("two", ("c.py", "a/b.py"))):
        for name in names:
            put(tmp_path / folder / name)
    os.utime(tmp_path / "two" / "c.py", (1, 1))
    (tmp_path / "two" / "a" / "b.py").chmod(0o600)
    for folder in ("one", "two"):
        write_zip(tmp_path / folder, tmp_path / f"{folder}.zip", "key")
    assert digest(tmp_path / "one.zip") == digest(tmp_path / "two.zip")
    assert comment_of(tmp_path / "one.zip") == "key"


def test_bytecode_does_not_depend_on_the_folder_or_the_time(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        put(tmp_path / folder / "m.py", "NAMES = {'a', 'b', 'c'}\ndef f(x): return x in {'p', 'q'}\n")
    os.utime(tmp_path / "two" / "m.py", (1, 1))
    found = []
    for folder in ("one", "two"):
        compile_folder(tmp_path / folder, Path(sys.executable))
        found.append(next((tmp_path / folder).rglob("*.pyc")).read_bytes())
    assert found[0] == found[1]
    assert int.from_bytes(found[0][4:8], "little") == 1, "hash-based and unchecked (PEP 552)"


def test_what_does_not_compile_is_named(tmp_path: Path) -> None:
    put(tmp_path / "broken.py", "def :\n")
    with pytest.raises(CannotBundle, match=r"broken\.py"):
        compile_folder(tmp_path, Path(sys.executable))


def test_pruning_keeps_what_is_read(tmp_path: Path) -> None:
    kept = ("p/m.py", "p/n.so", "p/data.json", "p-1.dist-info/METADATA", "p-1.dist-info/licenses/LICENSE")
    dropped = ("bin/p", "p/m.pyi", "p/py.typed", "p/__pycache__/m.pyc", "Crypto/SelfTest/t.py", ".lock")
    records = ("p-1.dist-info/RECORD", "p-1.dist-info/WHEEL", "p-1.dist-info/INSTALLER")
    for name in (*kept, "p-1.dist-info/entry_points.txt", *dropped, *records):
        put(tmp_path / name)
    prune(tmp_path)
    left = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    assert left == {*kept, "p-1.dist-info/entry_points.txt"}


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_nothing_imports_what_is_left_out() -> None:
    """Of the packages that have such folders, which are in the development environment, too."""
    for name in [folder for folder in FOLDERS if "/" in folder]:
        package, _, inside = name.partition("/")
        home = next(Path(place, package) for place in sys.path if Path(place, package, inside).is_dir())
        others = [path for path in home.rglob("*.py") if inside not in path.relative_to(home).parts]
        assert len(others) > 50
        assert not [path for path in others for found in imported(path) if inside in found.split(".")]


def test_our_files_go_along_as_they_are(tmp_path: Path) -> None:
    put_sources(tmp_path)
    assert all((tmp_path / path).read_bytes() == (ROOT / path).read_bytes() for path in sources())
    assert {"dipmp_lib", "functions"} <= {path.parts[0] for path in sources()}
    assert not [path for path in sources() if "__pycache__" in path.parts]


def test_nothing_that_the_library_reads_is_left_out() -> None:
    files = {path.relative_to(ROOT) for path in (ROOT / "dipmp_lib").rglob("*") if path.is_file()}
    assert {path for path in files if path.suffix not in {".pyc", ".typed"}} <= set(sources())


def test_what_is_too_large_is_refused_and_nothing_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = put(tmp_path / "out" / "a.zip", "the one before")
    folder = put(tmp_path / "stage" / "m.py").parent
    monkeypatch.setattr(bundle, "check_sizes", lambda path: check_sizes(path, goal=10))
    with pytest.raises(CannotBundle, match="too large"):
        bundle._publish(folder, old, "key")
    assert [path.name for path in old.parent.iterdir()] == ["a.zip"]
    assert old.read_text() == "the one before"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--python", "3.99"], "no CPython 3.99 is here to compile with"),
        (["--python", "three"], "'three' is no minor version of Python"),
        (["--installer", "pip", "--no-bytecode"], "pip is not installed here"),
    ],
)
def test_errors_are_one_sentence(
    arguments: list[str],
    words: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    monkeypatch.setattr(wheels, "find_spec", lambda _: None)
    assert bundle.main([*arguments, "--out", str(tmp_path / "a.zip")]) == 1
    said = capsys.readouterr().err
    assert said.startswith("error: ")
    assert words in said
    assert said.count("\n") == 1
    assert not list(tmp_path.iterdir())


def test_the_installers_own_words_are_passed_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = [sys.executable, "-c", "import sys; sys.exit('no such wheel\\nfor you')"]
    monkeypatch.setattr(wheels, "installers", lambda: {"uv": lambda *_: program})
    with pytest.raises(
        CannotBundle, match=r"uv could not install r\.txt for arm64, Python 3\.13: no such wheel for you"
    ):
        wheels.install(tmp_path / "r.txt", wheels.Target("arm64", "3.13"), tmp_path)


def test_the_inputs_key_tells_targets_apart() -> None:
    interpreter = interpreters.find(HERE)
    keys = {
        bundle.inputs(wheels.Target(arch, HERE), one) for arch in ("arm64", "x86_64") for one in (None, interpreter)
    }
    assert len(keys) == 4
    assert keys == {
        bundle.inputs(wheels.Target(a, HERE), one) for a in ("arm64", "x86_64") for one in (None, interpreter)
    }


def test_the_lock_has_no_markers() -> None:
    """Pip would judge them by the interpreter that it runs on, and put something else into the artifact than uv."""
    lines = (ROOT / "infra" / "requirements.txt").read_text().splitlines()
    pinned = [line for line in lines if re.match(r"[a-z]", line)]
    assert len(pinned) > 5
    assert not [line for line in pinned if ";" in line]
