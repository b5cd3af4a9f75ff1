"""CAR archives: exact size, one order, and a reader that no bytes can surprise."""

import hashlib
import io
from collections.abc import Callable

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dipmp_lib.errors import MalformedCar
from dipmp_lib.ipfs import car, unixfs, varint
from dipmp_lib.ipfs.car import CarLimits
from dipmp_lib.ipfs.cid import Block, Cid, raw_cid
from dipmp_lib.ipfs.unixfs import Profile
from tests.support.files.content import Sample, pattern, sample

SMALL = Profile(chunk=7, width=3)
OLD = Profile(chunk=7, width=3, cid_version=0, raw_leaves=False)
files = st.builds(sample, st.binary(max_size=300), st.sampled_from([SMALL, OLD, unixfs.UNIXFS_V1_2025]))


def archive(file: Sample) -> bytes:
    return b"".join(file.car())


def section(cid: bytes, data: bytes) -> bytes:
    return varint.encode(len(cid) + len(data)) + cid + data


def read_all(data: bytes, limits: CarLimits | None = None) -> list[Block]:
    return list(car.read(io.BytesIO(data), limits or CarLimits()).blocks)


@given(files)
def test_round_trip_and_exact_size(file: Sample) -> None:
    data = archive(file)
    assert len(data) == file.car_size
    read = car.read(io.BytesIO(data))
    assert read.roots == (file.root,)
    blocks = list(read.blocks)
    assert blocks == list(unixfs.blocks(file.dag, io.BytesIO(file.data)))
    assert blocks[0].cid == file.root


@pytest.mark.parametrize("size", [0, 1, 2**20 - 1, 2**20, 2**20 + 1, 3 * 2**20])
def test_size_at_the_chunk_boundaries(size: int) -> None:
    dag = unixfs.scan(pattern(size))
    assert sum(map(len, car.of_file(dag, lambda: pattern(size)))) == car.size(dag)


def test_header_is_what_another_cbor_library_reads() -> None:
    file = sample(b"hello world")
    data = archive(file)
    length, start = varint.decode(data)
    header = cbor2.loads(data[start : start + length])
    assert header == {"roots": [cbor2.CBORTag(42, b"\0" + bytes(file.root))], "version": 1}
    assert data[start + length :] == section(bytes(file.root), b"hello world")


def test_duplicate_blocks_are_written_as_often_as_they_occur() -> None:
    file = sample(bytes(7 * 5), SMALL)
    leaves = [block for block in read_all(archive(file)) if block.data == bytes(7)]
    assert len(leaves) == 5


def test_of_file_closes_the_stream() -> None:
    opened: list[io.BytesIO] = []

    def opener() -> io.BytesIO:
        opened.append(io.BytesIO(b"hello"))
        return opened[-1]

    dag = sample(b"hello").dag
    assert len(b"".join(car.of_file(dag, opener))) == car.size(dag)
    assert [stream.closed for stream in opened] == [True]


HELLO = sample(b"hello")
HEADER = archive(HELLO)[: -len(section(bytes(HELLO.root), HELLO.data))]
CBOR = HEADER[1:]


def framed(header: bytes) -> bytes:
    return varint.encode(len(header)) + header


@pytest.mark.parametrize(
    ("what", "data"),
    [
        ("nothing", b""),
        ("half a length", b"\x80"),
        ("an endless length", b"\xff" * 30),
        ("a header cut short", HEADER[:-1]),
        ("a header that is too long", varint.encode(2**40) + b"x"),
        ("an empty header", b"\x00"),
        ("not cbor", framed(b"hello")),
        ("version 2", framed(CBOR[:-1] + b"\x02")),
        ("keys in another order", framed(b"\xa2\x67version\x01\x65roots\x80")),
        ("only the roots", framed(b"\xa1\x65roots\x80")),
        ("no list", framed(b"\xa2\x65roots\xa0\x67version\x01")),
        ("no list at all", framed(b"\xa2\x65roots\x67version\x01")),
        ("a list longer than its items", framed(CBOR.replace(b"roots\x81", b"roots\x82"))),
        ("a list shorter than its items", framed(CBOR.replace(b"roots\x81", b"roots\x80"))),
        ("an untagged root", framed(CBOR.replace(b"\xd8\x2a", b""))),
        ("a root that is not binary", framed(CBOR.replace(b"\x25\x00\x01", b"\x25\x01\x01"))),
        ("a root of another codec", framed(CBOR.replace(b"\x01\x55\x12", b"\x01\x71\x12"))),
        ("a root length past the end", framed(CBOR.replace(b"\x58\x25\x00", b"\x58\xff\x00"))),
        ("a root of no length", framed(CBOR.replace(b"\x58\x25\x00", b"\x58\x00\x00"))),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_bad_header_is_refused(what: str, data: bytes) -> None:
    with pytest.raises(MalformedCar):
        car.read(io.BytesIO(data))


CID = bytes(HELLO.root)


@pytest.mark.parametrize(
    ("what", "data"),
    [
        ("an empty section", b"\x00"),
        ("a section of a CID's half", section(CID[:20], b"")),
        ("a section cut short", section(CID, b"hello")[:-1]),
        ("a length alone", b"\x29"),
        ("half a length", b"\x80"),
        ("other bytes", section(CID, b"hellO")),
        ("no bytes", section(CID, b"")),
        ("an identity hash", section(b"\x01\x55\x00\x05hello", b"")),
        ("another codec", section(b"\x01\x71" + CID[2:], b"hello")),
        ("a block that is too large", varint.encode(2**21 + 37) + CID),
        ("a block that is absurd", varint.encode(2**62) + CID),
        ("zero padding", section(CID, b"hello") + bytes(16)),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_bad_section_is_refused(what: str, data: bytes) -> None:
    with pytest.raises(MalformedCar):
        read_all(HEADER + data)


def test_blocks_before_a_bad_one_are_delivered() -> None:
    blocks = car.read(io.BytesIO(archive(HELLO) + b"\x05")).blocks
    assert next(blocks) == Block(HELLO.root, b"hello")
    with pytest.raises(MalformedCar):
        next(blocks)


def test_a_block_of_exactly_the_limit_is_taken_and_one_more_is_not() -> None:
    for size, taken in ((unixfs.MAX_BLOCK, True), (unixfs.MAX_BLOCK + 1, False)):
        data = bytes(size)
        whole = HEADER + section(bytes(raw_cid(hashlib.sha256(data).digest())), data)
        if taken:
            assert len(read_all(whole)) == 1
        else:
            with pytest.raises(MalformedCar, match="longer than a block"):
                read_all(whole)


def test_the_total_limit_counts_sections() -> None:
    data = archive(HELLO)
    assert read_all(data, CarLimits(total=41))
    with pytest.raises(MalformedCar, match="more than 40"):
        read_all(data, CarLimits(total=40))


def test_no_root_and_several_roots_are_read() -> None:
    none = framed(b"\xa2\x65roots\x80\x67version\x01")
    root = b"\xd8\x2a\x58\x25\x00" + CID
    old = b"\xd8\x2a\x58\x23\x00" + bytes(Cid(0x70, bytes(32), 0))
    two = framed(b"\xa2\x65roots\x82" + root + old + b"\x67version\x01")
    assert car.read(io.BytesIO(none)).roots == ()
    assert [str(cid)[:4] for cid in car.read(io.BytesIO(two)).roots] == ["bafk", "QmNL"]


@given(st.binary(max_size=300).map(HEADER.__add__) | st.binary(max_size=300))
def test_reading_is_total(data: bytes) -> None:
    try:
        blocks = read_all(data)
    except MalformedCar:
        return
    assert all(hashlib.sha256(block.data).digest() == block.cid.digest for block in blocks)


@given(files, st.data(), st.sampled_from(["flip", "cut", "double", "drop"]))
def test_a_damaged_archive_never_yields_a_wrong_block(file: Sample, data: st.DataObject, how: str) -> None:
    whole = archive(file)
    at = data.draw(st.integers(0, len(whole) - 1))
    damage: dict[str, Callable[[], bytes]] = {
        "flip": lambda: whole[:at] + bytes([whole[at] ^ data.draw(st.integers(1, 255))]) + whole[at + 1 :],
        "cut": lambda: whole[:at],
        "double": lambda: whole[:at] + whole[at : at + 1] + whole[at:],
        "drop": lambda: whole[:at] + whole[at + 1 :],
    }
    right = {block.cid: block.data for block in unixfs.blocks(file.dag, io.BytesIO(file.data))}
    try:
        for block in car.read(io.BytesIO(damage[how]())).blocks:
            assert right.get(block.cid, block.data) == block.data
    except MalformedCar:
        pass
