"""Zip archives: whole ones are read, and every damage is named."""

import hashlib
import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dipmp_lib.distributions.findings import Findings
from dipmp_lib.distributions.unpacking import BombError
from dipmp_lib.distributions.zip import check_declared, find_directory, read_members, unpack
from dipmp_lib.distributions.zip_records import AmbiguityError
from tests.support.files.wheels import build_wheel, problems_of
from tests.support.files.zips import Entry, HandZip


def read(data: bytes) -> dict[str, bytes]:
    """Return the contents of all members."""
    stream = io.BytesIO(data)
    members = read_members(stream, len(data), Findings("demo.zip"))
    return {member.name: b"".join(unpack(stream, member)) for member in members if not member.is_folder}


@given(
    st.dictionaries(st.from_regex(r"[a-z]{1,8}(/[a-zé]{1,8})?", fullmatch=True), st.binary(max_size=300), max_size=6)
)
def test_it_reads_what_zipfile_writes(content: dict[str, bytes]) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in content.items():
            archive.writestr(name, data)
    assert read(buffer.getvalue()) == content


def test_members_come_in_the_order_of_their_offsets() -> None:
    archive = HandZip([Entry(b"b"), Entry(b"a/"), Entry(b"c")], directory_order=[2, 0, 1])
    data = archive.build()
    members = read_members(io.BytesIO(data), len(data), Findings("demo.zip"))
    assert [(member.name, member.is_folder) for member in members] == [("b", False), ("a/", True), ("c", False)]


def test_an_archive_without_members_has_a_directory_of_nothing() -> None:
    data = HandZip([]).build()
    directory = find_directory(io.BytesIO(data), len(data))
    assert (directory.entries, directory.length, directory.offset) == (0, 0, 0)


def test_a_zip64_end_is_the_one_that_counts() -> None:
    data = HandZip([Entry(b"a", b"x")], wide={}, end={"entries": 0xFFFF, "here": 0xFFFF}).build()
    assert find_directory(io.BytesIO(data), len(data)).entries == 1


@pytest.mark.parametrize("data", [b"", b"PK", b"PK\5\6" + bytes(17), bytes(100)])
def test_no_end_record(data: bytes) -> None:
    with pytest.raises(ValueError, match="no end record"):
        find_directory(io.BytesIO(data), len(data))


def test_sizes_in_the_directory_are_held_against_the_budget() -> None:
    size = (64 << 20) + 1
    data = HandZip([Entry(b"a", local={"size": size}, central={"size": size})]).build()
    members = read_members(io.BytesIO(data), len(data), Findings("demo.zip"))
    with pytest.raises(BombError):
        check_declared(members, len(data))


def test_a_member_longer_than_it_says_is_not_read_to_its_end() -> None:
    data = HandZip([Entry(b"a", bytes(100), local={"size": 7}, central={"size": 7})]).build()
    with pytest.raises(ValueError, match="the content of 'a' is damaged"):
        read(data)


def test_ambiguity_has_a_sentence_of_its_own() -> None:
    data = HandZip([Entry(b"a", local={"name": b"b"})]).build()
    with pytest.raises(AmbiguityError, match=r"two programs can read differently \(a member has two names\)"):
        read(data)


@pytest.mark.parametrize("kept", [0.2, 0.5, 0.9, 0.999])
def test_a_truncated_wheel(tmp_path: Path, kept: float) -> None:
    path = build_wheel(tmp_path, payload=hashlib.shake_256(b"x").digest(9_000))
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * kept)])
    [(name, text)] = problems_of(path)
    assert name == path.name
    assert text.startswith("is not a complete zip archive")


def test_a_wheel_with_a_damaged_member(tmp_path: Path) -> None:
    payload = hashlib.shake_256(b"x").digest(9_000)
    path = build_wheel(tmp_path, payload=payload)
    data = bytearray(path.read_bytes())
    data[data.index(payload[1_000:1_016])] ^= 1
    path.write_bytes(data)
    [(_, text)] = problems_of(path)
    assert text.startswith("is not a complete zip archive (the content of 'demo/payload.bin' is damaged)")


def test_a_wheel_whose_members_reach_beyond_its_end(tmp_path: Path) -> None:
    """Bytes cut out of the middle leave the directory readable, and every member before it short."""
    path = build_wheel(tmp_path, payload=hashlib.shake_256(b"x").digest(9_000))
    data = path.read_bytes()
    path.write_bytes(data[:500] + data[8_000:])
    [(_, text)] = problems_of(path)
    assert "is not a complete zip archive" in text


def test_an_encrypted_member(tmp_path: Path) -> None:
    path = build_wheel(tmp_path)
    data = bytearray(path.read_bytes())
    at = data.rindex(b"demo-1.0.dist-info/METADATA") - 46  # its central directory header
    data[at + 8] |= 1
    path.write_bytes(data)
    [(_, text)] = problems_of(path)
    assert "encrypted" in text
