"""The CBOR subset: total on any bytes, one encoding per value, and cbor2 as the second opinion."""

import tracemalloc

import cbor2
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dipmp_lib.errors import MalformedPayload
from dipmp_lib.log import cbor
from dipmp_lib.log.limits import MAX_ITEMS
from tests.support.files.log_vectors import data, load

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(0, 2**64 - 1),
    st.sampled_from([23, 24, 255, 256, 2**16 - 1, 2**16, 2**32 - 1, 2**32]),
    st.binary(max_size=40),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=40),
)


def nested(depth: int) -> st.SearchStrategy[cbor.Value]:
    if depth == 0:
        return scalars
    return scalars | st.lists(nested(depth - 1), max_size=5).map(tuple)


valid_bytes = st.sampled_from([data(row) for row in load("cbor.json")["valid"] if "hex" in row]) | nested(4).map(
    cbor2.dumps
)
mutations = st.builds(
    lambda base, at, cut, extra: base[:at] + extra + base[at + cut :],
    valid_bytes,
    st.integers(0, 30),
    st.integers(0, 3),
    st.binary(max_size=3),
)


@given(nested(4))
def test_round_trip_in_the_form_that_cbor2_writes(value: cbor.Value) -> None:
    encoded = cbor.encode(value)
    assert encoded == cbor2.dumps(value)
    assert repr(cbor.decode(encoded)) == repr(value)


@given(st.binary(max_size=60) | mutations)
@example(b"\x9b\xff\xff\xff\xff\xff\xff\xff\xff")
def test_total_canonical_and_cbor2_agrees(data: bytes) -> None:
    try:
        value = cbor.decode(data)
    except MalformedPayload:
        return
    assert cbor.encode(value) == data, "one encoding per value"
    assert repr(_tuples(cbor2.loads(data))) == repr(value)


@pytest.mark.parametrize(
    "value",
    [-1, 2**64, 1.5, {}, set(), object(), "\ud800", [[[[[]]]]], [[[[[1]]]]], [0] * MAX_ITEMS,
     bytearray(b"x"), [None, -1]],
    ids=lambda value: repr(value)[:20],
)  # fmt: skip
def test_the_encoder_refuses_what_the_decoder_would(value: object) -> None:
    with pytest.raises(MalformedPayload):
        cbor.encode(value)  # type: ignore[arg-type]


@pytest.mark.parametrize("claim", ["9a7fffffff", "9b7fffffffffffffff", "5b7fffffffffffffff", "7b7fffffffffffffff"])
def test_a_claimed_length_allocates_nothing(claim: str) -> None:
    hostile = bytes.fromhex(claim) + b"\xf6" * 1000
    tracemalloc.start()
    try:
        with pytest.raises(MalformedPayload):
            cbor.decode(hostile)
        assert tracemalloc.get_traced_memory()[1] < 64 * 1024
    finally:
        tracemalloc.stop()


def test_deep_nesting_does_not_reach_the_interpreters_limit() -> None:
    with pytest.raises(MalformedPayload, match="nested"):
        cbor.decode(b"\x81" * 200_000 + b"\0")


def _tuples(value: object) -> object:
    return tuple(map(_tuples, value)) if isinstance(value, list | tuple) else value
