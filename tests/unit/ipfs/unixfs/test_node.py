"""dag-pb nodes: one canonical form, and a decoder that takes nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dipmp_lib.errors import MalformedCar
from dipmp_lib.ipfs import varint
from dipmp_lib.ipfs.cid import DAG_PB, RAW, Cid
from dipmp_lib.ipfs.unixfs import MAX_BLOCK, FileNode, Link, decode_node, encode_dag_pb, encode_node

cids = st.builds(Cid, st.sampled_from([RAW, DAG_PB]), st.binary(min_size=32, max_size=32))
sizes = st.integers(1, 2**40)
inner_nodes = st.lists(st.tuples(st.builds(Link, cids, st.integers(0, 2**40)), sizes), min_size=1, max_size=8).map(
    lambda pairs: FileNode(links=tuple(link for link, _ in pairs), sizes=tuple(size for _, size in pairs))
)
leaves = st.binary(max_size=300).map(FileNode)
A, B = Cid(RAW, b"\x0a" * 32), Cid(RAW, b"\x0b" * 32)
PAIR = FileNode(links=(Link(A, 5), Link(B, 3)), sizes=(5, 3))


@given(st.one_of(inner_nodes, leaves))
def test_round_trip(node: FileNode) -> None:
    assert decode_node(encode_node(node)) == node


def test_links_come_before_data() -> None:
    block = encode_node(PAIR)
    assert block[0] == 0x12
    assert block.endswith(bytes.fromhex("0a080802180820052003"))
    assert PAIR.size == 8


def test_a_version_0_link_keeps_its_spelling() -> None:
    block = encode_node(FileNode(links=(Link(Cid(DAG_PB, bytes(32), 0), 5),), sizes=(5,)))
    assert block[:4] == bytes.fromhex("12280a22")
    assert decode_node(block).links[0].cid.version == 0


def _field(number: int, value: bytes) -> bytes:
    return varint.encode(number << 3 | 2) + varint.encode(len(value)) + value


LINK = _field(1, bytes(A)) + _field(2, b"") + b"\x18\x05"
DATA = bytes.fromhex("0802180520 05".replace(" ", ""))


@pytest.mark.parametrize(
    ("what", "block"),
    [
        ("nothing", b""),
        ("data before links", _field(1, DATA) + _field(2, LINK)),
        ("no data field", _field(2, LINK)),
        ("two data fields", _field(2, LINK) + _field(1, DATA) + _field(1, DATA)),
        ("a directory", encode_dag_pb([Link(A, 5, "x")], b"\x08\x01")),
        ("a symlink", encode_dag_pb([], bytes.fromhex("080412012f"))),
        ("a raw-typed leaf", encode_dag_pb([], bytes.fromhex("080012016118 01".replace(" ", "")))),
        ("a named link", encode_dag_pb([Link(A, 5, "x")], DATA)),
        ("a link without hash", encode_dag_pb([], DATA)[:0] + _field(2, b"\x12\x00\x18\x05") + _field(1, DATA)),
        ("a link without size", _field(2, _field(1, bytes(A)) + _field(2, b"")) + _field(1, DATA)),
        ("a link without name", _field(2, _field(1, bytes(A)) + b"\x18\x05") + _field(1, DATA)),
        ("a link to another codec", _field(2, LINK.replace(b"\x01\x55", b"\x01\x71")) + _field(1, DATA)),
        ("a link with two hashes", _field(2, _field(1, bytes(B)) + LINK) + _field(1, DATA)),
        ("more sizes than links", _field(2, LINK) + _field(1, bytes.fromhex("08021806200520 01".replace(" ", "")))),
        ("fewer sizes than links", _field(2, LINK) + _field(1, bytes.fromhex("08021800"))),
        ("an empty child", _field(2, LINK) + _field(1, bytes.fromhex("080218002000"))),
        ("a wrong file size", _field(2, LINK) + _field(1, bytes.fromhex("080218062005"))),
        ("inline data beside links", _field(2, LINK) + _field(1, bytes.fromhex("080212016118062005"))),
        ("packed sizes", _field(2, LINK) + _field(1, bytes.fromhex("08021805220105"))),
        ("a mode", _field(2, LINK) + _field(1, DATA + b"\x38\x01")),
        ("an empty data field inside", encode_dag_pb([], bytes.fromhex("080212001800"))),
        ("a long varint", _field(2, LINK) + _field(1, bytes.fromhex("08021885002005"))),
        ("a field past the end", b"\x12\x7f"),
        ("another wire type", b"\x0d\x00\x00\x00\x00"),
        ("a trailing byte", encode_node(PAIR) + b"\x00"),
        ("too many fields", b"\x08\x00" * (1 << 17)),
        ("too large", bytes(MAX_BLOCK + 1)),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_refused(what: str, block: bytes) -> None:
    with pytest.raises(MalformedCar):
        decode_node(block)


@given(st.binary(max_size=200))
def test_decoding_is_total(data: bytes) -> None:
    try:
        node = decode_node(data)
    except MalformedCar:
        return
    assert encode_node(node) == data


@given(inner_nodes, st.data())
def test_a_damaged_node_is_refused_or_is_another_canonical_node(node: FileNode, data: st.DataObject) -> None:
    block = bytearray(encode_node(node))
    position = data.draw(st.integers(0, len(block) - 1))
    block[position] ^= data.draw(st.integers(1, 255))
    try:
        other = decode_node(bytes(block))
    except MalformedCar:
        return
    assert encode_node(other) == bytes(block)
    assert other != node
