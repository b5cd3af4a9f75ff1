"""Sdists' archives: one top folder, of the file's own name, with PKG-INFO in it."""

import hashlib
import io
import tarfile
from pathlib import Path

import pytest

from dipmp_lib.distributions.contents import ArchiveContents
from dipmp_lib.distributions.findings import Findings
from dipmp_lib.distributions.sdist import read_sdist_tar, read_sdist_zip
from dipmp_lib.model.filenames import parse_filename
from tests.support.files.tars import good_members, member, write_sdist
from tests.support.files.wheels import build_sdist, problems_of
from tests.support.files.zips import Entry, HandZip

NAME = parse_filename("demo-1.0.tar.gz")


def read_tar(folder: Path, *members: bytes, findings: Findings | None = None) -> tuple[str, ArchiveContents]:
    path = write_sdist(folder, *members)
    with path.open("rb") as stream:
        return read_sdist_tar(NAME, stream, path.stat().st_size, findings or Findings(path.name))


def read_zip(*entries: Entry) -> tuple[str, ArchiveContents]:
    data = HandZip(list(entries)).build()
    return read_sdist_zip(parse_filename("demo-1.0.zip"), io.BytesIO(data), len(data), Findings("demo-1.0.zip"))


def test_pkg_info_is_returned_and_all_files_are_hashed(tmp_path: Path) -> None:
    top, contents = read_tar(tmp_path, *good_members())
    assert top == "demo-1.0"
    assert list(contents.texts) == ["demo-1.0/PKG-INFO"]
    assert contents.digests["demo-1.0/demo.py"] == hashlib.sha256(b"NAME = 'demo'\n").digest()


def test_a_zip_sdist_is_read_the_same(tmp_path: Path) -> None:
    _, of_tar = read_tar(tmp_path, member("demo-1.0/PKG-INFO", b"x"), member("demo-1.0/a", b"y"))
    top, of_zip = read_zip(Entry(b"demo-1.0/PKG-INFO", b"x"), Entry(b"demo-1.0/a", b"y"))
    assert (top, of_zip) == ("demo-1.0", of_tar)


def test_pkg_info_twice(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="more than one PKG-INFO"):
        read_tar(tmp_path, *good_members(), member("demo-1.0/PKG-INFO", b"other"))


@pytest.mark.parametrize("names", [("demo-1.0/PKG-INFO", "other/x"), ("demo-1.0", "demo-1.0/PKG-INFO"), ("PKG-INFO",)])
def test_not_one_top_folder(tmp_path: Path, names: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="has not one top folder, but "):
        read_tar(tmp_path, *(member(name) for name in names))


def test_an_empty_archive_has_no_top_folder(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="but nothing"):
        read_tar(tmp_path)


def test_a_zip_sdist_without_pkg_info() -> None:
    with pytest.raises(ValueError, match="has no PKG-INFO in its top folder"):
        read_zip(Entry(b"demo-1.0/src/PKG-INFO", b"x"))


def test_an_sdist_without_pkg_info(tmp_path: Path) -> None:
    path = build_sdist(tmp_path, without=("PKG-INFO",))
    assert problems_of(path) == [(path.name, "has no PKG-INFO in its top folder")]


def test_pkg_info_that_is_a_link(tmp_path: Path) -> None:
    path = tmp_path / "demo-1.0.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        member = tarfile.TarInfo("demo-1.0/PKG-INFO")
        member.type, member.linkname = tarfile.SYMTYPE, "/etc/hostname"
        archive.addfile(member)
    assert problems_of(path) == [(path.name, "has a demo-1.0/PKG-INFO that is not a regular file")]
