"""Bounded decompression: the budget, slices of a file, and raw DEFLATE."""

import io
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dipmp_lib.distributions.unpacking import FLOOR, RATIO, BombError, InflateBudget, inflate, slices
from tests.support.files.zips import deflate


@pytest.mark.parametrize(("size", "most"), [(0, FLOOR), (FLOOR // RATIO, FLOOR), (FLOOR, RATIO * FLOOR)])
def test_the_budget_is_a_floor_or_a_ratio(size: int, most: int) -> None:
    budget = InflateBudget(size)
    budget.spend(most - 1)
    budget.spend(1)
    with pytest.raises(BombError, match="unpacks to more than 50 times its size and 64 MiB"):
        budget.spend(1)


@given(st.binary(max_size=200), st.integers(0, 200), st.integers(0, 200))
def test_slices_are_whole_or_an_error(data: bytes, at: int, length: int) -> None:
    pieces = slices(io.BytesIO(data), at, length)
    if length and at + length > len(data):
        with pytest.raises(EOFError):
            list(pieces)
    else:
        assert b"".join(pieces) == data[at : at + length]


@given(st.binary(max_size=2_000), st.integers(1, 50))
def test_a_stream_is_inflated_however_it_is_cut(data: bytes, size: int) -> None:
    packed = deflate(data)
    pieces = (packed[at : at + size] for at in range(0, len(packed), size))
    assert b"".join(inflate(pieces)) == data


def test_much_output_comes_in_bounded_pieces() -> None:
    sizes = [len(piece) for piece in inflate(iter([deflate(bytes(5 << 20))]))]
    assert sum(sizes) == 5 << 20
    assert max(sizes) <= 1 << 20


@pytest.mark.parametrize(
    "pieces",
    [[], [deflate(b"abc")[:-1]], [deflate(b"abc") + b"x"], [deflate(b"abc"), b"x"], [b"\xff\xff\xff"]],
    ids=["nothing", "cut", "bytes after it", "another piece after it", "garbage"],
)
def test_a_stream_that_does_not_end_exactly_is_refused(pieces: list[bytes]) -> None:
    with pytest.raises(zlib.error):
        list(inflate(iter(pieces)))
