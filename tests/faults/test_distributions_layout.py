"""A1: what wheels and sdists have to hold, and sdists' tar archives in which two programs could see two packages."""

import base64
import gzip
import hashlib
import io
import tarfile
import zipfile
from pathlib import Path

import pytest

from dipmp_lib.distributions import Distribution, read_distributions
from dipmp_lib.errors import InvalidDistribution
from tests.support.files.tars import PKG_INFO, good_members, member, write_sdist
from tests.support.files.wheels import build_sdist, build_wheel
from tests.support.files.zips import HandZip, taken_apart

INFO = "demo-1.0.dist-info"
INIT = "demo/__init__.py"


def refusal(path: Path, *, lenient: bool = False) -> list[str]:
    with pytest.raises(InvalidDistribution) as caught:
        read_distributions([path], lenient=lenient)
    return [text for _, text in caught.value.problems]


def rewritten(folder: Path, archive: HandZip) -> Path:
    path = folder / "demo-1.0-py3-none-any.whl"
    path.write_bytes(archive.build())
    return path


def with_record(folder: Path, old: str, new: str) -> Path:
    """A wheel with a part of its RECORD replaced."""
    archive = taken_apart(build_wheel(folder))
    record = archive.entry("RECORD")
    assert old.encode() in record.data
    record.data = record.data.replace(old.encode(), new.encode(), 1)
    return rewritten(folder, archive)


def row(folder: Path, name: str) -> str:
    with zipfile.ZipFile(build_wheel(folder)) as archive:
        return next(line for line in archive.read(f"{INFO}/RECORD").decode().splitlines() if line.startswith(name))


def test_A1_a_member_that_record_does_not_list(tmp_path: Path) -> None:
    path = with_record(tmp_path, row(tmp_path, INIT) + "\n", "")
    assert refusal(path) == [f"has a RECORD that does not list '{INIT}'"]


def test_A1_a_record_that_lists_what_is_not_there(tmp_path: Path) -> None:
    path = with_record(tmp_path, f"{INFO}/RECORD,,", f"{INFO}/RECORD,,\ndemo/gone.py,sha256=x,1")
    assert refusal(path) == ["has a RECORD that lists 'demo/gone.py', which is not there"]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda line: line.replace("sha256=", "sha256=A"), "has a RECORD with another sha256 for"),
        (lambda line: line.rpartition(",")[0] + ",7", "has a RECORD with another size for"),
        (lambda line: line.partition(",")[0] + ",,", "has a RECORD without a sha256 for"),
        (lambda line: line.partition(",")[0] + ",md5=abc,5", "has a RECORD without a sha256 for"),
        (lambda line: line + "\n" + line, "has a RECORD that lists 'demo/__init__.py' twice"),
        (lambda line: f'"{line}', "has a RECORD that is not UTF-8 text in CSV form"),
    ],
    ids=["digest", "size", "no digest", "md5", "twice", "quotes"],
)
def test_A1_a_record_that_is_wrong(tmp_path: Path, change, expected: str) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    line = row(tmp_path, INIT)
    assert any(expected in text for text in refusal(with_record(tmp_path, line, change(line))))


def test_A1_a_record_with_backslashes_and_without_sizes_is_read(tmp_path: Path) -> None:
    line = row(tmp_path, INIT)
    changed = line.replace("/", "\\", 1).rpartition(",")[0] + ","
    assert Distribution.from_path(with_record(tmp_path, line, changed)).warnings == ()


def test_A1_stronger_digests_are_let_through_with_a_warning(tmp_path: Path) -> None:
    line = row(tmp_path, INIT)
    name, _, size = line.split(",")
    with zipfile.ZipFile(build_wheel(tmp_path)) as archive:
        digest = base64.urlsafe_b64encode(hashlib.sha512(archive.read(name)).digest()).decode().rstrip("=")
    dist = Distribution.from_path(with_record(tmp_path, line, f"{name},sha512={digest},{size}"))
    assert dist.warnings == ("has a RECORD with sha512 digests, which are not compared here",)


@pytest.mark.parametrize("name", ["RECORD.jws", "RECORD.p7s"])
def test_A1_signatures_need_no_row(tmp_path: Path, name: str) -> None:
    archive = taken_apart(build_wheel(tmp_path, members={f"{INFO}/{name}": b"signature"}))
    record = archive.entry("RECORD")
    record.data = b"".join(line for line in record.data.splitlines(keepends=True) if name.encode() not in line)
    assert Distribution.from_path(rewritten(tmp_path, archive)).warnings == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Wheel-Version: 2.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n", "a WHEEL file of version '2.0'"),
        ("Root-Is-Purelib: true\nTag: py3-none-any\n", "a WHEEL file of version ''"),
        ("Wheel-Version: 1.0\nTag: py3-none-any\n", "without Root-Is-Purelib"),
        ("Wheel-Version: 1.0\nRoot-Is-Purelib: maybe\nTag: py3-none-any\n", "without Root-Is-Purelib"),
        ("\xff", "a WHEEL file that is not UTF-8"),
    ],
)
def test_A1_a_wheel_file_that_installers_refuse(tmp_path: Path, text: str, expected: str) -> None:
    path = build_wheel(tmp_path, members={f"{INFO}/WHEEL": text.encode("latin-1")})
    assert any(expected in problem for problem in refusal(path, lenient=True))


@pytest.mark.parametrize(
    ("tags", "named", "expected"),
    [
        (("py3-none-any",), "py3-none-any", ()),
        (("py2-none-any", "py3-none-any"), "py2.py3-none-any", ()),
        (("py2.py3-none-any",), "py2.py3-none-any", ()),
        (("py3-none-win32",), "py3-none-any", ("'py3-none-any' stands in its name alone",)),
        (("py3-none-any", "cp39-none-any"), "py3-none-any", ("'cp39-none-any' stands in its WHEEL file alone",)),
    ],
)
def test_A1_tags_in_the_name_and_in_the_wheel_file(
    tmp_path: Path, tags: tuple[str, ...], named: str, expected: tuple[str, ...]
) -> None:
    lines = "".join(f"Tag: {tag}\n" for tag in tags)
    text = f"Wheel-Version: 1.0\nRoot-Is-Purelib: true\n{lines}"
    dist = Distribution.from_path(build_wheel(tmp_path, tag=named, members={f"{INFO}/WHEEL": text.encode()}))
    assert len(dist.warnings) == len(expected)
    assert all(part in text for part, text in zip(expected, dist.warnings, strict=True))


def test_A1_a_wheel_for_one_linux_system(tmp_path: Path) -> None:
    path = build_wheel(tmp_path, tag="cp312-cp312-linux_x86_64")
    assert refusal(path) == [
        "is built for one Linux system (linux_\u2026): manylinux or musllinux wheels run on others, too"
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"[console_scripts]\n../../bin/sh = demo:main\n", "has a script of the name '../../bin/sh'"),
        (b"[gui_scripts]\na b = demo:main\n", "has a script of the name 'a b'"),
        (b"[console_scripts]\ndemo = demo\n", "has a script 'demo' for 'demo', which is not module:function"),
        (b"[console_scripts]\ndemo = demo:main; evil()\n", "which is not module:function"),
        (b"demo = demo:main\n", "that cannot be read (MissingSectionHeaderError)"),
        (b"[a]\n[a]\n", "that cannot be read (DuplicateSectionError)"),
        (b"\xff", "has an entry_points.txt that is not UTF-8"),
    ],
)
def test_A1_entry_points_that_are_wrong(tmp_path: Path, text: bytes, expected: str) -> None:
    path = build_wheel(tmp_path, members={f"{INFO}/entry_points.txt": text})
    assert any(expected in problem for problem in refusal(path))


def test_A1_entry_points_that_are_fine(tmp_path: Path) -> None:
    text = b"[console_scripts]\nDemo.x-y = demo.cli:App.run [extra]\n\n[other.group]\nan y = demo\n"
    path = build_wheel(tmp_path, members={f"{INFO}/entry_points.txt": text})
    assert Distribution.from_path(path).warnings == ()


# Sdists.

SDISTS: dict[str, tuple[list[bytes], str]] = {
    "two top folders": ([member("evil/setup.py")], "has not one top folder, but 'demo-1.0', 'evil'"),
    "a file beside the folder": ([member("setup.py")], "has not one top folder, but 'demo-1.0', 'setup.py'"),
    "absolute": ([member("/etc/passwd")], "'/etc/passwd' with an absolute path"),
    "parent": ([member("demo-1.0/../../evil")], "that leaves its folder"),
    "backslash": ([member("demo-1.0/a\\b")], "with a backslash in its name"),
    "control character": ([member("demo-1.0/a\nb")], "with a control character in its name"),
    "link out": ([member("demo-1.0/x", type=tarfile.SYMTYPE, linkname="../../x")], "outside its top folder"),
    "absolute link": ([member("demo-1.0/x", type=tarfile.SYMTYPE, linkname="/etc")], "outside its top folder"),
    "hard link out": ([member("demo-1.0/x", type=tarfile.LNKTYPE, linkname="etc/passwd")], "outside its top folder"),
    "device": ([member("demo-1.0/x", type=tarfile.CHRTYPE)], "that is no file, folder or link"),
    "pipe": ([member("demo-1.0/x", type=tarfile.FIFOTYPE)], "that is no file, folder or link"),
    "sparse": ([member("demo-1.0/x", type=tarfile.GNUTYPE_SPARSE)], "has a sparse member"),
    "file and folder": ([member("demo-1.0/demo.py/x")], "that is a file and a folder"),
    "second PKG-INFO": ([member("demo-1.0/PKG-INFO", PKG_INFO)], "has more than one PKG-INFO"),
    "twice": ([member("demo-1.0/demo.py", b"evil")], "has more than one member 'demo-1.0/demo.py'"),
    "letter case": ([member("demo-1.0/DEMO.py")], "which are one file on many systems"),
}


@pytest.mark.parametrize("name", SDISTS)
def test_A1_an_sdist_with_a_member_that_does_not_belong(tmp_path: Path, name: str) -> None:
    members, expected = SDISTS[name]
    texts = refusal(write_sdist(tmp_path, *good_members(), *members))
    assert any(expected in text for text in texts), texts


def test_A1_an_sdist_as_it_should_be(tmp_path: Path) -> None:
    inside = [
        member("demo-1.0/", type=tarfile.DIRTYPE),
        member("demo-1.0/link.py", type=tarfile.SYMTYPE, linkname="demo.py"),
        member("demo-1.0/sub/link.py", type=tarfile.SYMTYPE, linkname="../demo.py"),
        member("demo-1.0/hard.py", type=tarfile.LNKTYPE, linkname="demo-1.0/demo.py"),
        member(f"demo-1.0/{'long/' * 60}x.py", b"pass\n"),
        member("demo-1.0/\u00e9.py", b"pass\n"),
    ]
    assert Distribution.from_path(write_sdist(tmp_path, *good_members(), *inside)).warnings == ()


def test_A1_a_top_folder_of_another_release(tmp_path: Path) -> None:
    path = write_sdist(tmp_path, member("evil-6.6/PKG-INFO", PKG_INFO))
    assert refusal(path) == ["has the top folder 'evil-6.6', which belongs to another name or version"]


def test_A1_a_top_folder_of_another_spelling_is_a_warning(tmp_path: Path) -> None:
    dist = Distribution.from_path(write_sdist(tmp_path, member("Demo-1.0.0/PKG-INFO", PKG_INFO)))
    assert dist.warnings == ("has the top folder 'Demo-1.0.0', which is not the file's name without its suffix",)


def test_A1_paths_that_begin_with_a_dot(tmp_path: Path) -> None:
    path = write_sdist(tmp_path, member("./demo-1.0/PKG-INFO", PKG_INFO))
    assert refusal(path) == ["has members whose paths begin with ./"]


@pytest.mark.parametrize("mark", [bytes(512), bytes(1024)], ids=["one empty block", "two"])
def test_A1_members_behind_the_end_of_a_tar_archive(tmp_path: Path, mark: bytes) -> None:
    path = write_sdist(tmp_path, *good_members(), end=mark + member("demo-1.0/evil.py", b"evil") + bytes(1024))
    assert refusal(path) == ["is a tar archive that two programs can read differently (data follows its end)"]


def test_A1_a_damaged_header_does_not_end_an_archive_quietly(tmp_path: Path) -> None:
    broken = bytearray(member("demo-1.0/evil.py", b"evil"))
    broken[150] ^= 1
    path = write_sdist(tmp_path, *good_members(), bytes(broken))
    assert refusal(path) == ["is a tar archive that two programs can read differently (data follows its end)"]


def test_A1_a_second_gzip_stream_belongs_to_the_archive(tmp_path: Path) -> None:
    path = write_sdist(tmp_path, *good_members())
    path.write_bytes(path.read_bytes() + gzip.compress(member("demo-1.0/evil.py", b"evil")))
    assert refusal(path) == ["is a tar archive that two programs can read differently (data follows its end)"]


def test_A1_bytes_behind_the_gzip_stream(tmp_path: Path) -> None:
    path = write_sdist(tmp_path, *good_members())
    path.write_bytes(path.read_bytes() + b"hidden")
    [text] = refusal(path)
    assert text.startswith("is not a complete gzipped tar archive")


def test_A1_a_zip_and_a_tar_archive_at_once(tmp_path: Path) -> None:
    """The zip archive's comment holds the end of the gzip stream, or its prefix is the tar archive."""
    path = write_sdist(tmp_path, *good_members())
    buffer = io.BytesIO(path.read_bytes())
    with zipfile.ZipFile(buffer, "a") as archive:
        archive.writestr("demo-1.0/PKG-INFO", PKG_INFO)
    path.write_bytes(buffer.getvalue())
    assert refusal(path) == ["is a zip and a tar archive at once"]
    wheel = build_wheel(tmp_path)
    tar = b"".join(good_members()) + bytes(1024)
    wheel.write_bytes(tar + wheel.read_bytes())
    assert "is a zip and a tar archive at once" in refusal(wheel)


def test_A1_a_zip_sdist_is_checked_like_a_wheel(tmp_path: Path) -> None:
    path = build_sdist(tmp_path, filename="demo-1.0.zip")
    archive = taken_apart(path)
    archive.entry("PKG-INFO").local["name"] = b"demo-1.0/other"
    path.write_bytes(archive.build())
    assert any("a member has two names" in text for text in refusal(path, lenient=True))


def test_A1_all_problems_of_one_file_at_once(tmp_path: Path) -> None:
    wheel = build_wheel(
        tmp_path,
        members={
            f"{INFO}/WHEEL": b"Wheel-Version: 3.0\n",
            f"{INFO}/entry_points.txt": b"[console_scripts]\na b = demo:main\n",
            "demo/../evil.py": b"evil",
        },
        metadata=b"Metadata-Version: 2.1\nName: demo\nVersion: 1.0\nRequires-Python: >=3.x\n\n",
    )
    texts = "\n".join(refusal(wheel))
    for part in ("that leaves its folder", "version '3.0'", "Root-Is-Purelib", "the name 'a b'", "Requires-Python"):
        assert part in texts


def test_A1_a_thousand_problems_are_counted(tmp_path: Path) -> None:
    wheel = build_wheel(tmp_path, members={f"../{number}": b"" for number in range(1000)})
    texts = refusal(wheel)
    assert len(texts) == 21
    assert texts[-1] == "has 980 more problems like these"
