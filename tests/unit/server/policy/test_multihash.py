"""Multihashes in CIDs of every base and version, and double hashes."""

import base64
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dipmp_lib.errors import InvalidCid, MalformedCar
from dipmp_lib.ipfs import base58
from dipmp_lib.ipfs.cid import DAG_PB, RAW, Cid
from dipmp_lib.server.policy.multihash import HASHES, SHA2_256, multihash, of_cid, of_double, split


@given(st.text(max_size=80))
def test_any_text_is_a_cid_or_none(text: str) -> None:
    try:
        found = of_cid(text)
    except InvalidCid:
        return
    split(found)


@given(st.sampled_from(sorted(HASHES)), st.binary(max_size=100))
def test_double_hashes_of_every_function_are_read(code: int, data: bytes) -> None:
    double = multihash(code, HASHES[code](data))
    assert of_double(base58.encode(double)) == double


@given(st.binary(max_size=60))
def test_base58_keeps_leading_zeros(data: bytes) -> None:
    assert base58.decode(base58.encode(data)) == data


DIGEST = hashlib.sha256(b"content").digest()
PLAIN = b"\x12\x20" + DIGEST
CID = Cid(RAW, DIGEST)


@pytest.mark.parametrize(
    "text",
    [
        str(CID),
        str(Cid(DAG_PB, DIGEST)),
        str(CID).upper(),
        base58.encode(PLAIN),
        "f" + bytes(CID).hex(),
        "F" + bytes(CID).hex().upper(),
        "z" + base58.encode(bytes(CID)),
        "m" + base64.b64encode(bytes(CID)).decode().rstrip("="),
        "u" + base64.urlsafe_b64encode(bytes(CID)).decode().rstrip("="),
    ],
)
def test_every_base_and_version_gives_the_same_multihash(text: str) -> None:
    assert of_cid(text) == PLAIN


@pytest.mark.parametrize("text", ["", "b", "Qm", "x123", "k-1", "k1_0", "b\u0661", "f0", "f02" + PLAIN.hex(), "z0"])
def test_what_is_no_cid(text: str) -> None:
    with pytest.raises(InvalidCid):
        of_cid(text)


@pytest.mark.parametrize("code", [0x1E, 0x00])
def test_a_double_hash_of_an_unknown_function_matches_nothing(code: int) -> None:
    with pytest.raises(InvalidCid, match="not supported"):
        of_double(base58.encode(multihash(code, DIGEST)))


def test_a_double_hash_has_the_length_of_its_function() -> None:
    with pytest.raises(InvalidCid):
        of_double(base58.encode(multihash(SHA2_256, DIGEST[:-1])))


@pytest.mark.parametrize("data", [b"", PLAIN[:-1], PLAIN + b"\0"])
def test_a_multihash_has_the_length_that_it_names(data: bytes) -> None:
    with pytest.raises(MalformedCar):
        split(data)
