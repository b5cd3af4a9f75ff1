"""A1: archives in which two programs could see two packages. Each is made by hand, and refused for its own reason."""

import stat
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dipmp_lib.distributions import Distribution, read_distributions
from dipmp_lib.errors import InvalidDistribution
from tests.support.exploring import examples
from tests.support.files.wheels import build_wheel
from tests.support.files.zips import Entry, HandZip, deflate, extra, taken_apart

NAME = "demo-1.0-py3-none-any.whl"
INIT = "demo/__init__.py"
EVIL = b"import os\n"
Change = Callable[[HandZip], None]
CASES: dict[str, tuple[Change, str]] = {}


def case(expected: str) -> Callable[[Change], Change]:
    """Add a case: what is done to a good wheel, and what is said about it."""

    def add(change: Change) -> Change:
        CASES[change.__name__] = (change, expected)
        return change

    return add


def add(archive: HandZip, name: bytes, data: bytes = EVIL, **facts: int) -> Entry:
    archive.entries.append(Entry(name, data, **facts))  # type: ignore[arg-type]
    return archive.entries[-1]


# Names.


@case("more than one member 'demo/__init__.py'")
def duplicate_name(archive: HandZip) -> None:
    add(archive, INIT.encode())


@case("which are one file on many systems")
def case_collision(archive: HandZip) -> None:
    add(archive, b"demo/__INIT__.py")


@case("which are one file on many systems")
def unicode_collision(archive: HandZip) -> None:
    add(archive, "demo/\u00e9.py".encode(), flags=0x800)
    add(archive, "demo/e\u0301.py".encode(), flags=0x800)


@case("which are one file on many systems")
def case_collision_of_folders(archive: HandZip) -> None:
    add(archive, b"Demo/evil.py")


@case("is a file and a folder")
def file_and_folder(archive: HandZip) -> None:
    add(archive, b"demo")


@case("is a file and a folder")
def file_and_marked_folder(archive: HandZip) -> None:
    add(archive, INIT.encode() + b"/", b"")


@case("with an absolute path")
def absolute(archive: HandZip) -> None:
    add(archive, b"/etc/cron.d/evil")


@case("with an absolute path")
def drive_letter(archive: HandZip) -> None:
    add(archive, b"C:evil.py")


@case("that leaves its folder")
def parent_folder(archive: HandZip) -> None:
    add(archive, b"demo/../../evil.py")


@case("with a backslash in its name")
def backslash(archive: HandZip) -> None:
    add(archive, b"demo\\evil.py")


@case("with a backslash in its name")
def backslash_to_the_parent(archive: HandZip) -> None:
    add(archive, b"..\\evil.py")


@case("with a backslash in its name")
def unc_path(archive: HandZip) -> None:
    add(archive, b"\\\\server\\share\\evil.py")


@case("whose path is not in plain form")
def doubled_slash(archive: HandZip) -> None:
    add(archive, b"demo//evil.py")


@case("whose path is not in plain form")
def dot_segment(archive: HandZip) -> None:
    add(archive, b"./demo/evil.py")


@case("whose path is not in plain form")
def empty_name(archive: HandZip) -> None:
    add(archive, b"")


@case("with a control character in its name")
def nul_in_name(archive: HandZip) -> None:
    """Programs in C see demo/evil.py."""
    add(archive, b"demo/evil.py\0.txt")


@case("with a control character in its name")
def newline_in_name(archive: HandZip) -> None:
    add(archive, b"demo/evil.py\n")


@case("with a control character in its name")
def c1_control_in_name(archive: HandZip) -> None:
    add(archive, "demo/\u0085evil.py".encode(), flags=0x800)


@case("name is not UTF-8, or not marked as such")
def latin_1_name(archive: HandZip) -> None:
    add(archive, b"demo/\xe9.py")


@case("name is not UTF-8, or not marked as such")
def unmarked_utf8_name(archive: HandZip) -> None:
    add(archive, "demo/\u00e9.py".encode())


@case("name is not UTF-8, or not marked as such")
def marked_name_that_is_not_utf8(archive: HandZip) -> None:
    add(archive, b"demo/\xff.py", flags=0x800)


@case("a member has two names")
def unicode_name_field(archive: HandZip) -> None:
    """Info-ZIP's Unicode Path: some programs take it for the name."""
    name = b"demo/harmless.txt"
    other = extra(0x7075, struct.pack("<BL", 1, zlib.crc32(name)) + b"demo/evil.py")
    add(archive, name).local["extra"] = other
    archive.entries[-1].central["extra"] = other


@case("an extra field twice")
def unicode_name_field_twice(archive: HandZip) -> None:
    once = extra(0x7075, struct.pack("<BL", 1, zlib.crc32(INIT.encode())) + INIT.encode())
    archive.entry(INIT).central["extra"] = once + once


# Two headers.


@case("a member has two names")
def local_name_differs(archive: HandZip) -> None:
    archive.entry(INIT).local["name"] = b"demo/__evil__.py"


@case("two sizes or checksums")
def local_size_differs(archive: HandZip) -> None:
    archive.entry(INIT).local["size"] = 3


@case("two sizes or checksums")
def local_packed_size_differs(archive: HandZip) -> None:
    entry = archive.entry(INIT)
    entry.local["packed"] = len(entry.content) - 1


@case("two sizes or checksums")
def local_checksum_differs(archive: HandZip) -> None:
    archive.entry(INIT).local["crc"] = 1


@case("two headers disagree")
def local_method_differs(archive: HandZip) -> None:
    archive.entry(INIT).local["method"] = 0


@case("two headers disagree")
def only_the_local_header_is_encrypted(archive: HandZip) -> None:
    archive.entry(INIT).local["flags"] = 1


@case("encrypted or with an unusual compression")
def encrypted(archive: HandZip) -> None:
    archive.entry(INIT).flags = 1


@case("encrypted or with an unusual compression")
def masked_headers(archive: HandZip) -> None:
    archive.entry(INIT).flags = 1 << 13


@case("encrypted or with an unusual compression")
def patch_data(archive: HandZip) -> None:
    archive.entry(INIT).flags = 1 << 5


@pytest.mark.parametrize("method", [1, 9, 12, 14, 93, 95, 99])
def test_A1_an_unusual_compression_is_refused(tmp_path: Path, method: int) -> None:
    archive = taken_apart(build_wheel(tmp_path))
    archive.entry(INIT).method = method
    assert any("unusual compression" in text for text in refusal(tmp_path, archive.build()))


# Data descriptors.


def descriptor(entry: Entry, *, sign: bytes = b"PK\7\x08", size: int | None = None) -> None:
    entry.flags |= 8
    entry.local |= {"crc": 0, "packed": 0, "size": 0}
    length = len(entry.data) if size is None else size
    entry.after = sign + struct.pack("<3L", zlib.crc32(entry.data), len(entry.content), length)


@case("has members with data descriptors")
def data_descriptor(archive: HandZip) -> None:
    descriptor(archive.entry(INIT))


@case("has members with data descriptors")
def unsigned_data_descriptor(archive: HandZip) -> None:
    descriptor(archive.entry(INIT), sign=b"")


@case("a data descriptor does not fit its member")
def lying_data_descriptor(archive: HandZip) -> None:
    descriptor(archive.entry(INIT), size=3)


@case("a data descriptor does not fit its member")
def missing_data_descriptor(archive: HandZip) -> None:
    descriptor(archive.entry(INIT))
    archive.entry(INIT).after = b""


@case("a stored member does not say how long it is")
def stored_with_a_data_descriptor(archive: HandZip) -> None:
    """Whoever reads from the front looks for the end, and may find one inside."""
    archive.entry(INIT).method = 0
    descriptor(archive.entry(INIT))


# What lies where.


@case("members do not lie where its directory says")
def prepended_data(archive: HandZip) -> None:
    archive.prefix = b"#!/bin/sh\n"


@case("its directory does not lie where its end record says")
def prepended_data_that_offsets_ignore(archive: HandZip) -> None:
    archive.prefix, archive.shift = b"#!/bin/sh\n", -10


@case("bytes follow its end record")
def trailing_data(archive: HandZip) -> None:
    archive.suffix = b"x"


@case("bytes follow its end record")
def comment_with_an_end_record(archive: HandZip) -> None:
    archive.comment = HandZip([Entry(b"demo/evil.py", EVIL)]).build()[-22:] + b"x"


@case("its directory does not lie where its end record says")
def second_end_record(archive: HandZip) -> None:
    archive.comment = b"PK\5\6" + bytes(18)


@case("its directory does not lie where its end record says")
def two_archives_in_a_row(archive: HandZip) -> None:
    archive.suffix = HandZip([Entry(b"demo/evil.py", EVIL)]).build()


@case("its directory does not lie where its end record says")
def gap_before_the_end_record(archive: HandZip) -> None:
    archive.end = {"offset": len(archive.build()) - 22 - 60, "length": 46}


@case("members do not lie where its directory says")
def gap_before_the_directory(archive: HandZip) -> None:
    archive.gap = b"hidden"


@case("members do not lie where its directory says")
def gap_between_members(archive: HandZip) -> None:
    archive.entries[1].before = b"hidden"


@case("members do not lie where its directory says")
def unlisted_member(archive: HandZip) -> None:
    archive.entries.insert(1, Entry(b"demo/evil.py", EVIL, listed=False))


@case("members do not lie where its directory says")
def listed_twice(archive: HandZip) -> None:
    archive.directory_order = [*range(len(archive.entries)), 0]


@case("members do not lie where its directory says")
def overlapping_members(archive: HandZip) -> None:
    """One member's content holds another with its header, as bombs without nesting do."""
    inner = Entry(b"demo/inner.py", EVIL, method=0)
    packed = inner.local_header() + inner.content
    archive.entries.insert(0, Entry(b"demo/outer.bin", packed, method=0))
    outer = Entry(b"demo/outer.bin", packed, method=0)
    archive.entries.insert(1, inner)
    inner.central["offset"] = len(outer.local_header())
    inner.local_header = bytes  # type: ignore[method-assign]
    inner.stored, inner.central["packed"] = b"", len(EVIL)


@case("a member does not begin where its directory says")
def directory_points_elsewhere(archive: HandZip) -> None:
    archive.entries[0].before = b"12345678"
    archive.entries[0].central["offset"] = 0


@case("its directory has not as many entries")
def entry_count_too_low(archive: HandZip) -> None:
    archive.end = {"entries": 1, "here": 1}


@case("its directory has not as many entries")
def entry_count_too_high(archive: HandZip) -> None:
    archive.end = {"entries": 99, "here": 99}


@case("it spans several disks")
def several_disks(archive: HandZip) -> None:
    archive.end = {"disk": 1}


@case("it spans several disks")
def member_on_another_disk(archive: HandZip) -> None:
    archive.entry(INIT).central["disk"] = 1


@case("its directory has comments")
def comment_of_a_member(archive: HandZip) -> None:
    archive.entry(INIT).central["comment"] = b"PK\1\2"


# Contents.


@case("bytes follow the end of a compressed member")
def bytes_behind_the_compressed_stream(archive: HandZip) -> None:
    entry = archive.entry("payload.bin")
    entry.stored = deflate(entry.data) + b"h" * (1 << 21)


@case("does not end where it should")
def a_few_bytes_behind_the_compressed_stream(archive: HandZip) -> None:
    entry = archive.entry(INIT)
    entry.stored = deflate(entry.data) + b"hidden"


@case("does not end where it should")
def compressed_stream_without_end(archive: HandZip) -> None:
    entry = archive.entry(INIT)
    entry.stored = deflate(entry.data)[:-1]


@case("is damaged")
def more_content_than_declared(archive: HandZip) -> None:
    entry = archive.entry(INIT)
    entry.local["size"] = entry.central["size"] = 3


@case("is damaged")
def wrong_checksum_in_both_headers(archive: HandZip) -> None:
    entry = archive.entry(INIT)
    entry.local["crc"] = entry.central["crc"] = 1


@case("has content")
def folder_with_content(archive: HandZip) -> None:
    add(archive, b"demo/folder/")


@case("is a link or a device")
def symbolic_link(archive: HandZip) -> None:
    add(archive, b"demo/link", b"/etc/passwd").central |= {"made": 3 << 8, "attributes": (stat.S_IFLNK | 0o777) << 16}


@case("is a link or a device")
def device(archive: HandZip) -> None:
    add(archive, b"demo/null", b"").central |= {"made": 3 << 8, "attributes": (stat.S_IFCHR | 0o666) << 16}


# Extra fields and zip64.


@case("an extra field is cut off")
def extra_field_of_three_bytes(archive: HandZip) -> None:
    archive.entry(INIT).local["extra"] = b"abc"


@case("an extra field is cut off")
def extra_field_that_is_too_short(archive: HandZip) -> None:
    archive.entry(INIT).central["extra"] = struct.pack("<2H", 1, 100) + b"x"


@case("a zip64 field does not fit its header")
def zip64_field_without_need(archive: HandZip) -> None:
    archive.entry(INIT).central["extra"] = extra(1, struct.pack("<Q", 3))


@case("a zip64 field does not fit its header")
def zip64_field_that_is_missing(archive: HandZip) -> None:
    archive.entry(INIT).central["size"] = 0xFFFFFFFF


@case("an extra field twice")
def zip64_field_twice(archive: HandZip) -> None:
    archive.entry(INIT).local["extra"] = extra(1, b"") + extra(1, b"")


@case("a member has two sizes")
def zip64_field_with_other_sizes(archive: HandZip) -> None:
    archive.entry(INIT).local["extra"] = extra(1, struct.pack("<2Q", 3, 3))


@case("its zip64 end record is not a plain one")
def zip64_end_with_extensible_data(archive: HandZip) -> None:
    archive.wide = {"rest": 60}


@case("its zip64 end record does not lie where it should")
def zip64_locator_points_elsewhere(archive: HandZip) -> None:
    archive.wide = {"at": 0}


@case("its zip64 end record is not a plain one")
def zip64_locator_without_record(archive: HandZip) -> None:
    archive.wide = {"sign": 0}


@case("its two end records disagree")
def zip64_end_with_another_directory(archive: HandZip) -> None:
    archive.wide = {"entries": 1, "here": 1}


@case("its zip64 end record does not lie where it should")
def zip64_on_several_disks(archive: HandZip) -> None:
    archive.wide = {"disks": 2}


# Wheels.


@case("has more than one .dist-info folder")
def second_dist_info(archive: HandZip) -> None:
    add(archive, b"evil-1.0.dist-info/METADATA", b"Metadata-Version: 2.1\nName: evil\nVersion: 1.0\n\n")


@case("has more than one .dist-info folder")
def second_dist_info_of_another_spelling(archive: HandZip) -> None:
    add(archive, b"Demo-1.0.dist-info/METADATA", b"Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n\n")


@case("that some installers take for demo-1.0.data")
def data_folder_of_another_name(archive: HandZip) -> None:
    add(archive, b"evil-1.0.data/purelib/evil.py")


@case("which belongs to no installation scheme")
def data_folder_of_no_scheme(archive: HandZip) -> None:
    add(archive, b"demo-1.0.data/stdlib/os.py")


def refusal(folder: Path, data: bytes) -> list[str]:
    """Return what is said about a wheel of these bytes, which has to be refused."""
    path = folder / NAME
    path.write_bytes(data)
    with pytest.raises(InvalidDistribution) as caught:
        read_distributions([path])
    return [text for _, text in caught.value.problems]


@pytest.mark.parametrize("name", CASES)
def test_A1_an_archive_that_two_programs_read_differently_is_refused(tmp_path: Path, name: str) -> None:
    change, expected = CASES[name]
    archive = taken_apart(build_wheel(tmp_path))
    change(archive)
    texts = refusal(tmp_path, archive.build())
    assert any(expected in text for text in texts), texts


def test_A1_there_are_enough_cases() -> None:
    assert len(CASES) >= 40


@pytest.mark.parametrize(
    "variant", ["as it was", "comment", "zip64 end", "zip64 fields", "shuffled directory", "stored"]
)
def test_A1_unusual_but_clear_archives_are_read(tmp_path: Path, variant: str) -> None:
    archive = taken_apart(build_wheel(tmp_path))
    entry = archive.entry(INIT)
    if variant == "comment":
        archive.comment = b"made by hand"
    elif variant == "zip64 end":
        archive.wide = {}
        archive.end = {"entries": 0xFFFF, "here": 0xFFFF, "length": 0xFFFFFFFF, "offset": 0xFFFFFFFF}
    elif variant == "zip64 fields":
        sizes = extra(1, struct.pack("<2Q", len(entry.data), len(entry.content)))
        for header in (entry.local, entry.central):
            header.update(size=0xFFFFFFFF, packed=0xFFFFFFFF, extra=sizes)
    elif variant == "shuffled directory":
        archive.directory_order = list(reversed(range(len(archive.entries))))
    elif variant == "stored":
        entry.method = 0
    path = tmp_path / NAME
    path.write_bytes(archive.build())
    assert Distribution.from_path(path).warnings == ()


@settings(max_examples=examples(200))
@given(edits=st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), min_size=1, max_size=4))
def test_A1_what_is_accepted_is_what_zipfile_sees(tmp_path: Path, edits: list[tuple[int, int]]) -> None:
    data = bytearray(build_wheel(tmp_path).read_bytes())
    for at, value in edits:
        data[at % len(data)] = value
    path = tmp_path / NAME
    path.write_bytes(data)
    try:
        dist = Distribution.from_path(path)
    except InvalidDistribution:
        return
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        assert archive.read("demo-1.0.dist-info/METADATA") == dist.metadata
