"""CIDs: one spelling each, equal by codec and digest, total parsing."""

import hashlib
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dipmp_lib.errors import InvalidCid, MalformedCar
from dipmp_lib.ipfs.cid import DAG_PB, RAW, Cid, file_cid, parse_cid, raw_cid, verify

EMPTY = "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku"
digests = st.binary(min_size=32, max_size=32)


def test_the_raw_cid_of_a_small_file_follows_from_its_sha256() -> None:
    assert str(raw_cid(hashlib.sha256(b"").digest())) == EMPTY
    assert str(file_cid(hashlib.sha256(b"hello world").digest(), None)).startswith("bafkreifzjut3te2nhyekklss27nh3k72y")


def test_the_cid_of_a_large_file_is_its_dag_root() -> None:
    cid = file_cid(bytes(32), b"\x01" * 32)
    assert (cid.codec, cid.digest) == (DAG_PB, b"\x01" * 32)
    assert str(cid).startswith("bafybei")


def test_version_says_only_how_a_cid_is_written() -> None:
    old, new = Cid(DAG_PB, bytes(32), 0), Cid(DAG_PB, bytes(32))
    assert old == new
    assert hash(old) == hash(new)
    assert str(old).startswith("Qm")
    assert len(bytes(old)) == 34
    assert Cid(RAW, bytes(32)) != new


@given(st.sampled_from([RAW, DAG_PB]), digests)
def test_round_trips(codec: int, digest: bytes) -> None:
    cid = Cid(codec, digest)
    assert Cid.from_bytes(bytes(cid)) == parse_cid(str(cid)) == cid
    assert len(str(cid)) == 59


@given(digests)
def test_version_0_round_trips(digest: bytes) -> None:
    cid = Cid(DAG_PB, digest, 0)
    again = parse_cid(str(cid))
    assert (again, again.version) == (cid, 0)


def test_base58_spelling_of_version_1_is_read() -> None:
    # `ipfs cid format -b base58btc` of the empty raw block.
    assert str(parse_cid("zb2rhmy65F3REf8SZp7De11gxtECBGgUKaLdiDj7MCGCHxbDW")) == EMPTY


@pytest.mark.parametrize(
    "text",
    [
        "",
        "b",
        "z",
        "Qm",
        "Q",
        EMPTY.upper(),
        EMPTY + "a",
        EMPTY[:-1],
        EMPTY[:-1] + "v",  # trailing bits that no encoder leaves
        EMPTY + "=",
        " " + EMPTY,
        EMPTY + "\n",
        "bafkqaaa",  # identity hash
        "bafyreigbtj4x7ip5legnfznufuopl4sg4knzc2cof6duas4b3q2fy6swua",  # dag-cbor
        "z1" + "zb2rhmy65F3REf8SZp7De11gxtECBGgUKaLdiDj7MCGCHxbDW"[1:],
        "Qm0OIl" + "1" * 40,
        "b\u0130" + EMPTY[2:],
        "f01551220" + "00" * 32,
        "b" + "a" * 10_000,
    ],
)
def test_refused_with_the_value_and_a_hint(text: str) -> None:
    with pytest.raises(InvalidCid, match="is not a CID") as caught:
        parse_cid(text)
    assert caught.value.hint
    assert len(str(caught.value)) < 150


@given(
    st.one_of(st.text(max_size=80), st.text(alphabet="abcdefghijklmnopqrstuvwxyz234567", max_size=60).map("b".__add__))
)
def test_parsing_is_total(text: str) -> None:
    try:
        cid = parse_cid(text)
    except InvalidCid:
        return
    assert text[0] == "z" or str(cid) == text


@given(st.binary(max_size=40))
def test_binary_parsing_is_total(data: bytes) -> None:
    with suppress(InvalidCid):
        assert bytes(Cid.from_bytes(data)) == data


@pytest.mark.parametrize(
    ("codec", "digest", "version"), [(0x71, bytes(32), 1), (RAW, bytes(31), 1), (RAW, bytes(32), 0)]
)
def test_impossible_cids_cannot_be_made(codec: int, digest: bytes, version: int) -> None:
    with pytest.raises(InvalidCid):
        Cid(codec, digest, version)


def test_verify_names_the_block() -> None:
    verify(parse_cid(EMPTY), b"")
    with pytest.raises(MalformedCar, match=EMPTY):
        verify(parse_cid(EMPTY), b"x")
