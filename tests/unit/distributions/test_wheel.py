"""Wheels' archives: .dist-info, RECORD, WHEEL, entry points and .data."""

import base64
import hashlib
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dipmp_lib.distributions.contents import ArchiveContents
from dipmp_lib.distributions.findings import Findings
from dipmp_lib.distributions.wheel import check_entry_points, check_record, check_wheel_file, read_wheel
from dipmp_lib.model.filenames import parse_filename
from tests.support.files.wheels import build_sdist, build_wheel, metadata_text, problems_of

WHEEL = parse_filename("demo-1.0-py3-none-any.whl")
INFO = "demo-1.0.dist-info"
DIGEST = hashlib.sha256(b"x").digest()


def findings() -> Findings:
    return Findings(WHEEL.text)


def clauses(found: Findings) -> list[str]:
    return [finding.clause for finding in found.all()]


def test_a_wheel_is_read_with_the_texts_that_are_checked(tmp_path: Path) -> None:
    path, found = build_wheel(tmp_path), findings()
    with path.open("rb") as stream:
        info, contents = read_wheel(WHEEL, stream, path.stat().st_size, found)
    assert info == INFO
    assert set(contents.texts) == {f"{INFO}/{name}" for name in ("METADATA", "WHEEL", "RECORD")}
    assert clauses(found) == []


def record(*rows: str) -> list[str]:
    """Check a RECORD of a wheel whose one file has the byte x."""
    path, found = f"{INFO}/RECORD", findings()
    data = "\n".join([*rows, f"{path},,"]).encode()
    sizes, digests = {"demo.py": 1, path: len(data)}, {"demo.py": DIGEST, path: bytes(32)}
    check_record(INFO, ArchiveContents(sizes, digests, {path: data}), found)
    return clauses(found)


def row(data: bytes = b"x", size: str = "1", name: str = "demo.py") -> str:
    encoded = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
    return f"{name},sha256={encoded},{size}"


def test_a_record_of_everything_has_no_findings() -> None:
    assert record(row()) == record(row(size="")) == record(f"{row().replace(',1', '=,1')}") == []


@pytest.mark.parametrize(
    ("rows", "clause"),
    [
        ((), "has a RECORD that does not list 'demo.py'"),
        ((row(b"y"),), "has a RECORD with another sha256 for 'demo.py'"),
        ((row(size="2"),), "has a RECORD with another size for 'demo.py'"),
        (("demo.py,md5=abc,1",), "has a RECORD without a sha256 for 'demo.py'"),
        (("demo.py",), "has a RECORD without a sha256 for 'demo.py'"),
        ((row(), row()), "has a RECORD that lists 'demo.py' twice"),
        ((row(), row(name="ghost.py")), "has a RECORD that lists 'ghost.py', which is not there"),
        (("demo.py,sha512=abc,1",), "has a RECORD with sha512 digests, which are not compared here"),
        (('"demo.py',), "has a RECORD that is not UTF-8 text in CSV form"),
    ],
)
def test_each_fault_of_a_record_is_named(rows: tuple[str, ...], clause: str) -> None:
    assert record(*rows) == [clause]


@given(st.binary(max_size=200))
def test_checks_of_texts_are_total(data: bytes) -> None:
    found = findings()
    check_entry_points(data, found)
    check_wheel_file(WHEEL, data, found)
    path = f"{INFO}/RECORD"
    check_record(INFO, ArchiveContents({path: len(data)}, {path: DIGEST}, {path: data}), found)
    assert all(clause.startswith("has ") for clause in clauses(found))


def test_tags_that_multiply_without_end_are_not_expanded() -> None:
    """Ten parts of ten tags are ten thousand millions."""
    tag = "-".join(".".join("abcdefghij") for _ in range(10))
    found = findings()
    check_wheel_file(WHEEL, f"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: {tag}\n".encode(), found)
    assert any("other tags" in clause for clause in clauses(found))


@pytest.mark.parametrize("member", ["METADATA", "WHEEL", "RECORD"])
def test_a_wheel_without_its_parts(tmp_path: Path, member: str) -> None:
    [(_, text)] = problems_of(build_wheel(tmp_path, without=(member,)))
    assert text.startswith("has no ")
    assert text.endswith(f".dist-info/{member}")


def test_two_metadata_files(tmp_path: Path) -> None:
    wheel = build_wheel(tmp_path, members={"evil-1.0.dist-info/METADATA": metadata_text("evil", "1.0")})
    sdist = build_sdist(tmp_path, members={"evil-1.0/PKG-INFO": metadata_text("evil", "1.0")})
    [(_, text)] = problems_of(wheel)
    assert text == "has more than one .dist-info folder: 'demo-1.0.dist-info', 'evil-1.0.dist-info'"
    [(_, text)] = problems_of(sdist)
    assert text == "has not one top folder, but 'demo-1.0', 'evil-1.0'"


def test_the_same_member_twice(tmp_path: Path) -> None:
    path = build_wheel(tmp_path)
    with zipfile.ZipFile(path, "a") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr("demo-1.0.dist-info/METADATA", metadata_text("demo", "1.0"))
    assert (path.name, "has more than one member 'demo-1.0.dist-info/METADATA'") in problems_of(path)


def test_a_dist_info_of_another_release(tmp_path: Path) -> None:
    path = build_wheel(tmp_path, "demo", "1.0").rename(tmp_path / "demo-2.0-py3-none-any.whl")
    [(_, text)] = problems_of(path)
    assert text == "has a folder 'demo-1.0.dist-info' that belongs to another name or version"
