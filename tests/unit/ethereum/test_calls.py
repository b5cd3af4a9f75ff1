"""The small ABI codec against eth_abi, and against everything that is not canonical."""

from contextlib import suppress

import pytest
from eth_abi.abi import encode
from hypothesis import given
from hypothesis import strategies as st

from dipmp_lib.errors import MalformedLog
from dipmp_lib.ethereum import calls as evm_abi
from dipmp_lib.keccak import keccak256

WORDS = st.integers(0, 2**256 - 1)
READ_TYPES = ["uint256", "bytes32", "uint256", "bytes"]


def test_selectors_are_those_of_the_signatures() -> None:
    assert keccak256(b"read(string,uint256,uint256,uint256)")[:4] == evm_abi.READ
    assert keccak256(b"scan(uint256,uint256)")[:4] == evm_abi.SCAN


@given(st.text(max_size=200).filter(lambda t: t.isprintable()), WORDS, WORDS, WORDS)
def test_calls_are_encoded_as_eth_abi_does(name: str, known: int, start: int, most: int) -> None:
    expected = encode(["string", "uint256", "uint256", "uint256"], [name, known, start, most])
    assert evm_abi.encode_read(name, known, start, most) == evm_abi.READ + expected
    assert evm_abi.encode_scan(known, most) == evm_abi.SCAN + encode(["uint256", "uint256"], [known, most])


@given(WORDS, st.binary(min_size=32, max_size=32), WORDS, st.binary(max_size=300))
def test_answers_are_decoded_as_eth_abi_encodes_them(slot: int, head: bytes, following: int, page: bytes) -> None:
    answer = evm_abi.decode_read(encode(READ_TYPES, [slot, head, following, page]))
    assert (answer.slot_a, answer.head, answer.next, answer.page) == (slot, head, following, page)
    scanned = evm_abi.decode_scan(encode(["uint256", "uint256", "bytes"], [slot, following, page]))
    assert (scanned.total, scanned.next, scanned.page) == (slot, following, page)


@given(st.binary(max_size=600))
def test_decoding_is_total(data: bytes) -> None:
    for decode in (evm_abi.decode_read, evm_abi.decode_scan):
        with suppress(MalformedLog):
            decode(data)


@given(st.binary(max_size=100), st.data())
def test_only_the_canonical_encoding_is_taken(page: bytes, data: st.DataObject) -> None:
    """Whatever is changed, either the new bytes encode other values, or they are refused."""
    good = encode(READ_TYPES, [1, bytes(32), 2, page])
    at = data.draw(st.integers(0, len(good) - 1))
    changed = good[:at] + bytes([good[at] ^ data.draw(st.integers(1, 255))]) + good[at + 1 :]
    try:
        answer = evm_abi.decode_read(changed)
    except MalformedLog:
        return
    assert encode(READ_TYPES, [answer.slot_a, answer.head, answer.next, answer.page]) == changed


def words(*values: int) -> bytes:
    return b"".join(value.to_bytes(32, "big") for value in values)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        bytes(159),
        bytes(160),  # offset 0
        words(1, 0, 0, 0x80),  # no length
        words(1, 0, 0, 0x80, 1),  # no contents
        words(1, 0, 0, 0x80, 2**256 - 1),
        words(1, 0, 0, 0x80, 2**255, 0),
        words(1, 0, 0, 0xA0, 0, 0),  # offset beyond the head
        words(1, 0, 0, 0x60, 0),  # offset into the head
        words(1, 0, 0, 2**256 - 32, 0),
        words(1, 0, 0, 0x80, 0, 0),  # trailing word
        words(1, 0, 0, 0x80, 1, 1),  # padding that is not zero
        words(1, 0, 0, 0x80, 33, 0),  # one word short
        words(1, 0, 0, 0x80, 0) + b"\0",
        words(1, 0, 0, 0x80, 0)[:-1],
    ],
)
def test_other_layouts_are_refused(data: bytes) -> None:
    with pytest.raises(MalformedLog):
        evm_abi.decode_read(data)


def test_known_bombs_cost_nothing() -> None:
    """Recursive pointers and zero-sized items: layouts that made general decoders loop or allocate."""
    recursive = words(1, 0, 0, 0x60) + words(0x60) * 1000
    zero_sized = words(1, 0, 0, 0x80, 2**32)
    for bomb in (recursive, zero_sized):
        with pytest.raises(MalformedLog):
            evm_abi.decode_read(bomb)
