"""Wheels and sdists on disk: what is read from good ones, and what is said about bad ones."""

import gzip
import hashlib
import io
import tarfile
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dipmp_lib.distributions import Distribution, read_distributions
from dipmp_lib.errors import InvalidDistribution
from dipmp_lib.ipfs.cid import file_cid, raw_cid
from tests.support.files.wheels import build_sdist, build_wheel, metadata_text


def problems(*paths: Path, lenient: bool = False) -> list[tuple[str, str]]:
    with pytest.raises(InvalidDistribution) as caught:
        read_distributions(paths, lenient=lenient)
    return list(caught.value.problems)


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


def test_fields_that_only_validators_mind_are_let_through_when_lenient(tmp_path: Path) -> None:
    """setuptools wrote License-File under Metadata-Version 2.1 for years, and wheel wrote the withdrawn 2.0 before."""
    metadata = metadata_text("demo", "1.0", extra="License-File: LICENSE\nX-Own: field\n")
    for text in (metadata, metadata.replace(b"2.1", b"2.0", 1)):
        dist = Distribution.from_path(build_wheel(tmp_path, metadata=text), lenient=True)
        assert any("'x-own'" in warning for warning in dist.warnings)
        assert not any("license" in warning for warning in dist.warnings)


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
    assert problems(tmp_path / name) == [(name, "is not the name of a wheel or sdist")]


def test_missing_empty_and_folders(tmp_path: Path) -> None:
    empty, folder = tmp_path / "demo-1.0.tar.gz", tmp_path / "demo-2.0.tar.gz"
    empty.touch()
    folder.mkdir()
    assert problems(tmp_path / "demo-3.0.tar.gz") == [("demo-3.0.tar.gz", "cannot be read: No such file or directory")]
    assert problems(empty) == [("demo-1.0.tar.gz", "is empty")]
    assert problems(folder) == [("demo-2.0.tar.gz", "cannot be read: Is a directory")]


@pytest.mark.parametrize("kept", [0.2, 0.5, 0.9, 0.999])
def test_a_truncated_wheel(tmp_path: Path, kept: float) -> None:
    path = build_wheel(tmp_path, payload=hashlib.shake_256(b"x").digest(9_000))
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * kept)])
    [(name, text)] = problems(path)
    assert name == path.name
    assert text.startswith("is not a complete zip archive")


@pytest.mark.parametrize("cut", [1, 4, 8, 100, 5_000])
def test_a_truncated_sdist(tmp_path: Path, cut: int) -> None:
    path = build_sdist(tmp_path, payload=hashlib.shake_256(b"x").digest(9_000))
    path.write_bytes(path.read_bytes()[:-cut])
    [(_, text)] = problems(path)
    assert text.startswith("is not a complete gzipped tar archive")


def test_a_wheel_with_a_damaged_member(tmp_path: Path) -> None:
    payload = hashlib.shake_256(b"x").digest(9_000)
    path = build_wheel(tmp_path, payload=payload)
    data = bytearray(path.read_bytes())
    data[data.index(payload[1_000:1_016])] ^= 1
    path.write_bytes(data)
    [(_, text)] = problems(path)
    assert text.startswith("is not a complete zip archive (the content of 'demo/payload.bin' is damaged)")


def test_a_wheel_whose_members_reach_beyond_its_end(tmp_path: Path) -> None:
    """Bytes cut out of the middle leave the directory readable, and every member before it short."""
    path = build_wheel(tmp_path, payload=hashlib.shake_256(b"x").digest(9_000))
    data = path.read_bytes()
    path.write_bytes(data[:500] + data[8_000:])
    [(_, text)] = problems(path)
    assert "is not a complete zip archive" in text


def test_wrong_name_and_version_are_both_said(tmp_path: Path) -> None:
    path = build_wheel(tmp_path, metadata=metadata_text("other", "2.0"))
    assert [text for _, text in problems(path)] == [
        "is named for the project 'demo', but its metadata says 'other'",
        "is named for version 1.0, but its metadata says '2.0'",
    ]


@pytest.mark.parametrize(
    ("metadata", "expected"),
    [
        (metadata_text("demo", "1.0", requires_python=">=3.x"), "Requires-Python that is not a PEP 440 specifier set"),
        (metadata_text("demo", "1.0", requires_python="x" * 300), "Requires-Python that is not"),
        (b"Metadata-Version: 2.1\nName: demo\n\n", "without 'version'"),
        (b"Name: demo\nVersion: 1.0\n\n", "without 'metadata-version'"),
        (metadata_text("demo", "1.0", extra="Name: demo2\n"), "'name' that is repeated"),
        (metadata_text("demo", "1.0", extra="Requires-Dist: what ever !!\n"), "installers refuse"),
        (b"Metadata-Version: 3.0\nName: demo\nVersion: 1.0\n\n", "installers do not know"),
        (b"", "without 'metadata-version'"),
        (b"\xff\xfe\x00", "without 'metadata-version'"),
        (metadata_text("demo", "1.0") + b"x" * 1_048_577, "of more than 1048576 bytes"),
    ],
)
def test_bad_metadata(tmp_path: Path, metadata: bytes, expected: str) -> None:
    for path in (build_wheel(tmp_path, metadata=metadata), build_sdist(tmp_path, metadata=metadata)):
        texts = [text for _, text in problems(path)]
        assert any(expected in text for text in texts), texts


@pytest.mark.parametrize("member", ["METADATA", "WHEEL", "RECORD"])
def test_a_wheel_without_its_parts(tmp_path: Path, member: str) -> None:
    [(_, text)] = problems(build_wheel(tmp_path, without=(member,)))
    assert text.startswith("has no ")
    assert text.endswith(f".dist-info/{member}")


def test_two_metadata_files(tmp_path: Path) -> None:
    wheel = build_wheel(tmp_path, members={"evil-1.0.dist-info/METADATA": metadata_text("evil", "1.0")})
    sdist = build_sdist(tmp_path, members={"evil-1.0/PKG-INFO": metadata_text("evil", "1.0")})
    [(_, text)] = problems(wheel)
    assert text == "has more than one .dist-info folder: 'demo-1.0.dist-info', 'evil-1.0.dist-info'"
    [(_, text)] = problems(sdist)
    assert text == "has not one top folder, but 'demo-1.0', 'evil-1.0'"


def test_the_same_member_twice(tmp_path: Path) -> None:
    path = build_wheel(tmp_path)
    with zipfile.ZipFile(path, "a") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr("demo-1.0.dist-info/METADATA", metadata_text("demo", "1.0"))
    assert (path.name, "has more than one member 'demo-1.0.dist-info/METADATA'") in problems(path)


def test_a_dist_info_of_another_release(tmp_path: Path) -> None:
    path = build_wheel(tmp_path, "demo", "1.0").rename(tmp_path / "demo-2.0-py3-none-any.whl")
    [(_, text)] = problems(path)
    assert text == "has a folder 'demo-1.0.dist-info' that belongs to another name or version"


def test_an_sdist_without_pkg_info(tmp_path: Path) -> None:
    path = build_sdist(tmp_path, without=("PKG-INFO",))
    assert problems(path) == [(path.name, "has no PKG-INFO in its top folder")]


def test_pkg_info_that_is_a_link(tmp_path: Path) -> None:
    path = tmp_path / "demo-1.0.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        member = tarfile.TarInfo("demo-1.0/PKG-INFO")
        member.type, member.linkname = tarfile.SYMTYPE, "/etc/hostname"
        archive.addfile(member)
    assert problems(path) == [(path.name, "has a demo-1.0/PKG-INFO that is not a regular file")]


def test_a_decompression_bomb_stops_early(tmp_path: Path) -> None:
    path, zeros = tmp_path / "demo-1.0.tar.gz", 200 << 20
    with gzip.open(path, "wb", compresslevel=1) as packed:
        header = tarfile.TarInfo("demo-1.0/zeros")
        header.size = zeros
        packed.write(header.tobuf())
        for _ in range(zeros >> 20):
            packed.write(bytes(1 << 20))
    assert problems(path) == [(path.name, "unpacks to more than 50 times its size and 64 MiB")]


def test_an_encrypted_member(tmp_path: Path) -> None:
    path = build_wheel(tmp_path)
    data = bytearray(path.read_bytes())
    at = data.rindex(b"demo-1.0.dist-info/METADATA") - 46  # its central directory header
    data[at + 8] |= 1
    path.write_bytes(data)
    [(_, text)] = problems(path)
    assert "encrypted" in text


def test_all_problems_of_all_files(tmp_path: Path) -> None:
    good = build_wheel(tmp_path)
    other = build_wheel(tmp_path, "other", metadata=metadata_text("third", "1.0"))
    (tmp_path / "notes.txt").touch()
    assert [name for name, _ in problems(good, other, tmp_path / "notes.txt")] == [other.name, "notes.txt"]


def test_the_same_distribution_under_two_names(tmp_path: Path) -> None:
    first = build_sdist(tmp_path, "my-pkg", "1.0")
    second = build_sdist(tmp_path, "my-pkg", "1.0", filename="My.Pkg-1.0.0.zip")
    [(name, text)] = problems(first, second, lenient=True)
    assert name == second.name
    assert text.startswith("is given twice: ")


def test_the_same_path_twice_counts_once(tmp_path: Path) -> None:
    path = build_wheel(tmp_path)
    assert len(read_distributions([path, path])) == 1


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(min_size=1, max_size=400), name=st.sampled_from(["a-1.0-py3-none-any.whl", "a-1.0.tar.gz"]))
def test_any_bytes_are_refused_and_nothing_else_is_raised(tmp_path: Path, data: bytes, name: str) -> None:
    (tmp_path / name).write_bytes(data)
    assert problems(tmp_path / name)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
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


def test_hostile_tar_headers(tmp_path: Path) -> None:
    """Sizes beyond everything, and a negative one."""
    path = tmp_path / "demo-1.0.tar.gz"
    for size in (b"\x80" + b"\x7f" * 11, b"\xff" * 11 + b"\x00"):
        header = bytearray(tarfile.TarInfo("demo-1.0/PKG-INFO").tobuf())
        header[124:136] = size
        header[148:156] = b" " * 8
        header[148:156] = f"{sum(header[:512]):06o}\0 ".encode()
        buffer = io.BytesIO()
        with gzip.GzipFile(fileobj=buffer, mode="wb") as packed:
            packed.write(bytes(header) + bytes(1024))
        path.write_bytes(buffer.getvalue())
        assert problems(path)
