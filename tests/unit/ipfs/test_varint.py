"""Unsigned varints: shortest form only, bounded, total."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dipmp_lib.errors import MalformedCar
from dipmp_lib.ipfs import varint


@pytest.mark.parametrize(
    ("value", "encoded"),
    [(0, "00"), (1, "01"), (127, "7f"), (128, "8001"), (300, "ac02"), (2**63 - 1, "ff" * 8 + "7f")],
)
def test_known_values(value: int, encoded: str) -> None:
    assert varint.encode(value).hex() == encoded
    assert varint.decode(bytes.fromhex(encoded)) == (value, len(encoded) // 2)


@pytest.mark.parametrize("encoded", ["", "80", "8000", "ff" * 8 + "ff01", "ff" * 20])
def test_refused(encoded: str) -> None:
    with pytest.raises(MalformedCar, match="varint at byte 0"):
        varint.decode(bytes.fromhex(encoded))


@given(st.binary(max_size=12), st.integers(0, 2**63 - 1), st.binary(max_size=12))
def test_round_trip_in_the_middle_of_other_bytes(before: bytes, value: int, after: bytes) -> None:
    encoded = varint.encode(value)
    assert varint.decode(before + encoded + after, len(before)) == (value, len(before) + len(encoded))


@given(st.binary(max_size=16))
def test_decoding_is_total_and_canonical(data: bytes) -> None:
    try:
        value, end = varint.decode(data)
    except MalformedCar:
        return
    assert varint.encode(value) == data[:end]
