"""Wheels and sdists on disk: what is read from good ones, and what is said about bad ones."""

import hashlib
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dipmp_lib.distributions import Distribution, read_distributions
from dipmp_lib.errors import InvalidDistribution
from dipmp_lib.ipfs.cid import file_cid, raw_cid
from tests.support.exploring import examples
from tests.support.files.wheels import build_sdist, build_wheel, metadata_text, problems_of


def test_a_wheel_is_read(tmp_path: Path) -> None:
    path = build_wheel(tmp_path, "Zope.Interface", "1.0", requires_python=">=3.8,!=3.9.*")
    dist = Distribution.from_path(path)
    with zipfile.ZipFile(path) as archive:
        metadata = archive.read("zope_interface-1.0.dist-info/METADATA")
    content = path.read_bytes()
    assert (dist.project, dist.version, dist.requires_python) == ("zope-interface", "1.0", ">=3.8,!=3.9.*")
    assert dist.metadata == metadata
    assert dist.record.sha256 == hashlib.sha256(content).digest()
    assert dist.record.size == len(content)
    assert dist.record.metadata_sha256 == hashlib.sha256(metadata).digest()
    assert dist.record.dag_root is None
    assert dist.cid == raw_cid(hashlib.sha256(content).digest())


def test_a_large_file_has_a_dag_root(tmp_path: Path) -> None:
    noise = hashlib.shake_256(b"noise").digest(1_100_000)
    dist = Distribution.from_path(build_wheel(tmp_path, payload=noise))
    assert dist.record.size > 1_048_576
    assert dist.record.dag_root is not None
    assert dist.cid == file_cid(dist.record.sha256, dist.record.dag_root)


@pytest.mark.parametrize("filename", ["demo-1.0.tar.gz", "demo-1.0.zip"])
def test_an_sdist_has_no_metadata_digest(tmp_path: Path, filename: str) -> None:
    dist = Distribution.from_path(build_sdist(tmp_path, filename=filename, requires_python=None), lenient=True)
    assert dist.record.metadata_sha256 is None
    assert dist.metadata.startswith(b"Metadata-Version")
    assert dist.requires_python == ""


@pytest.mark.parametrize("version", ["1!2.0", "1.0a1", "1.0.post1", "1.0.dev3", "1.0+local.7", "2024.1"], ids=str)
def test_awkward_versions(tmp_path: Path, version: str) -> None:
    assert Distribution.from_path(build_wheel(tmp_path, version=version), lenient=True).version == version
    assert Distribution.from_path(build_sdist(tmp_path, version=version), lenient=True).version == version


def test_spellings_of_name_and_version_may_differ(tmp_path: Path) -> None:
    wheel = build_wheel(tmp_path, "My_Pkg", "1.0", metadata=metadata_text("my.pkg", "1.0.0"))
    assert Distribution.from_path(wheel).project == "my-pkg"


def test_progress_adds_up_to_the_size(tmp_path: Path) -> None:
    from contextlib import contextmanager

    seen: list[int] = []

    class Reporter:
        def note(self, text: str) -> None:
            raise AssertionError(text)

        @contextmanager
        def task(self, label: str, total: int):  # type: ignore[no-untyped-def]  # noqa: ANN202
            assert label == "Hashing demo-1.0-py3-none-any.whl"
            yield seen.append
            assert sum(seen) == total

    path = build_wheel(tmp_path)
    Distribution.from_path(path, Reporter())
    assert sum(seen) == path.stat().st_size


@pytest.mark.parametrize("name", ["notes.txt", "demo-1.0.exe", "demo.whl", "demo-1.0-py3-none-any.whl.asc"])
def test_not_a_distribution(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"x")
    assert problems_of(tmp_path / name) == [(name, "is not the name of a wheel or sdist")]


def test_missing_empty_and_folders(tmp_path: Path) -> None:
    empty, folder = tmp_path / "demo-1.0.tar.gz", tmp_path / "demo-2.0.tar.gz"
    empty.touch()
    folder.mkdir()
    assert problems_of(tmp_path / "demo-3.0.tar.gz") == [
        ("demo-3.0.tar.gz", "cannot be read: No such file or directory")
    ]
    assert problems_of(empty) == [("demo-1.0.tar.gz", "is empty")]
    assert problems_of(folder) == [("demo-2.0.tar.gz", "cannot be read: Is a directory")]


def test_all_problems_of_all_files(tmp_path: Path) -> None:
    good = build_wheel(tmp_path)
    other = build_wheel(tmp_path, "other", metadata=metadata_text("third", "1.0"))
    (tmp_path / "notes.txt").touch()
    assert [name for name, _ in problems_of(good, other, tmp_path / "notes.txt")] == [other.name, "notes.txt"]


def test_the_same_distribution_under_two_names(tmp_path: Path) -> None:
    first = build_sdist(tmp_path, "my-pkg", "1.0")
    second = build_sdist(tmp_path, "my-pkg", "1.0", filename="My.Pkg-1.0.0.zip")
    [(name, text)] = problems_of(first, second, lenient=True)
    assert name == second.name
    assert text.startswith("is given twice: ")


def test_the_same_path_twice_counts_once(tmp_path: Path) -> None:
    path = build_wheel(tmp_path)
    assert len(read_distributions([path, path])) == 1


@settings(max_examples=examples(150))
@given(data=st.binary(min_size=1, max_size=400), name=st.sampled_from(["a-1.0-py3-none-any.whl", "a-1.0.tar.gz"]))
def test_any_bytes_are_refused_and_nothing_else_is_raised(tmp_path: Path, data: bytes, name: str) -> None:
    (tmp_path / name).write_bytes(data)
    assert problems_of(tmp_path / name)


@settings(max_examples=examples(150))
@given(
    edits=st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), min_size=1, max_size=8), wheel=st.booleans()
)
def test_damaged_archives_are_read_or_refused(tmp_path: Path, edits: list[tuple[int, int]], wheel: bool) -> None:
    path = build_wheel(tmp_path) if wheel else build_sdist(tmp_path)
    data = bytearray(path.read_bytes())
    for at, value in edits:
        data[at % len(data)] = value
    path.write_bytes(data)
    try:
        dist = Distribution.from_path(path)
    except InvalidDistribution as error:
        assert error.problems  # noqa: PT017 - both ends are fine
    else:
        assert dist.record.sha256 == hashlib.sha256(data).digest()
