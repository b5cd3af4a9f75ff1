"""Interpreters are found only if they run and report the wanted version."""

import sys
from pathlib import Path

import pytest

from infra import interpreters

HERE = "{}.{}".format(*sys.version_info[:2])


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with nothing on PATH and empty homes of pyenv and uv."""
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "pyenv"))
    monkeypatch.setenv("UV_PYTHON_INSTALL_DIR", str(tmp_path / "uv"))
    return tmp_path


def put(path: Path, says: str, status: int = 0) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\necho '{says}'\nexit {status}\n")
    path.chmod(0o755)
    return path


def test_the_running_interpreter_is_found_without_path(bare: Path) -> None:
    found = interpreters.find(HERE)
    assert found is not None
    assert found.is_file()


def test_an_absent_version_is_none(bare: Path) -> None:
    assert interpreters.find("3.99") is None


def test_path_comes_before_pyenv(bare: Path) -> None:
    put(bare / "bin" / "python3.99", "cpython 3.99 /on/path")
    put(bare / "pyenv" / "versions" / "3.99.1" / "bin" / "python3", "cpython 3.99 /in/pyenv")
    assert interpreters.find("3.99") == Path("/on/path")


def test_a_shim_that_fails_is_passed_over(bare: Path) -> None:
    put(bare / "bin" / "python3.99", "pyenv: python3.99: command not found", status=127)
    put(bare / "pyenv" / "versions" / "3.99.1" / "bin" / "python3", "cpython 3.99 /in/pyenv")
    assert interpreters.find("3.99") == Path("/in/pyenv")


def test_pyenvs_newest_micro_version_wins(bare: Path) -> None:
    for micro in ("9", "10"):
        put(bare / "pyenv" / "versions" / f"3.99.{micro}" / "bin" / "python3", f"cpython 3.99 /micro/{micro}")
    assert interpreters.find("3.99") == Path("/micro/10")


def test_uvs_interpreters_are_found(bare: Path) -> None:
    put(bare / "uv" / "cpython-3.99.4-linux-x86_64-gnu" / "bin" / "python3", "cpython 3.99 /in/uv with spaces")
    assert interpreters.find("3.99") == Path("/in/uv with spaces")


@pytest.mark.parametrize("says", ["cpython 3.9 /x", "cpython 3.999 /x", "pypy 3.99 /x", "cpython 3.99", ""])
def test_another_version_or_implementation_is_refused(bare: Path, says: str) -> None:
    put(bare / "bin" / "python3.99", says)
    assert interpreters.find("3.99") is None


def test_what_cannot_be_executed_is_passed_over(bare: Path) -> None:
    put(bare / "bin" / "python3.99", "cpython 3.99 /x").write_bytes(b"\x7fELF not really")
    assert interpreters.find("3.99") is None


def test_newest_takes_the_first_that_runs(bare: Path) -> None:
    put(bare / "bin" / "python3.98", "cpython 3.98 /older")
    assert interpreters.newest(("3.99", "3.98")) == ("3.98", Path("/older"))
    assert interpreters.newest(("3.99",)) is None
