"""base58btc: vectors of the specification, round trips, and what is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dipmp_lib.ipfs import base58

VECTORS = [  # draft-msporny-base58, "Test Vectors"
    (b"Hello World!", "2NEpo7TZRRrLZSi2U"),
    (b"The quick brown fox jumps over the lazy dog.", "USm3fpXnKG5EUBx2ndxBDMPVciP5hGey2Jh4NDv6gmeo1LkMeiKrLJUUBk6Z"),
    (bytes.fromhex("0000287fb4cd"), "11233QC4"),
    (b"", ""),
    (b"\0", "1"),
]


@pytest.mark.parametrize(("data", "text"), VECTORS)
def test_vectors(data: bytes, text: str) -> None:
    assert base58.encode(data) == text
    assert base58.decode(text) == data


@given(st.binary(max_size=64))
def test_what_is_encoded_is_decoded(data: bytes) -> None:
    assert base58.decode(base58.encode(data)) == data


@given(st.text(alphabet="123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz", max_size=64))
def test_every_text_of_the_alphabet_is_one_value(text: str) -> None:
    assert base58.encode(base58.decode(text)) == text


@pytest.mark.parametrize("text", ["0", "O", "I", "l", "a b", "\u0661", "z+"])
def test_characters_outside_the_alphabet(text: str) -> None:
    with pytest.raises(ValueError, match="not found"):
        base58.decode(text)
