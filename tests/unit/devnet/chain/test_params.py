from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dipmp_lib.devnet.chain import params
from dipmp_lib.errors import RpcError

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=80)
    | st.from_regex(r"0x[0-9a-f]{0,70}\Z"),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["from", "to", "data", "gas", "accessList", "address", "storageKeys", "x"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=8,
)
PARSERS: list[Callable[[Any], object]] = [
    params.quantity,
    params.number,
    params.data,
    params.address,
    params.slot,
    params.mapping,
    params.message,
    params.access_list,
    lambda value: params.array(value, 3),
]


def refusal(parse: Callable[[Any], object], value: object) -> RpcError | None:
    try:
        parse(value)
    except RpcError as error:
        return error
    return None


@given(JSON)
def test_any_json_is_parsed_or_refused(value: object) -> None:
    for parse in PARSERS:
        error = refusal(parse, value)
        assert error is None or (error.code == -32602 and len(str(error)) < 300)


@given(st.integers(0, 2**256 - 1))
def test_quantities(number: int) -> None:
    assert params.quantity(hex(number)) == number
    assert params.slot(f"0x{number:064x}") == number


@given(st.binary(max_size=100))
def test_data(value: bytes) -> None:
    assert params.data("0x" + value.hex()) == value
    assert params.data("0x" + value.hex().upper(), len(value)) == value


@pytest.mark.parametrize(
    "value", ["0x", "0x00", "0x01", "1", 1, True, None, "0x" + "f" * 65, "0xg", "-0x1", "0x1\n", "٣"]
)
def test_what_is_no_quantity(value: object) -> None:
    with pytest.raises(RpcError) as caught:
        params.quantity(value)
    assert caught.value.code == -32602


@pytest.mark.parametrize("value", ["", "0x0", "00", "0xzz", "0x00\n", 0, None, ["0x00"], "0X00"])
def test_what_is_no_data(value: object) -> None:
    with pytest.raises(RpcError):
        params.data(value)


@pytest.mark.parametrize("value", [True, -1, 2**40, 1.5, "1", None])
def test_what_is_no_number(value: object) -> None:
    with pytest.raises(RpcError):
        params.number(value)


def test_a_message_prefers_input_to_data() -> None:
    message = params.message({"to": "0x" + "11" * 20, "data": "0x01", "input": "0x02", "gas": "0x10", "nonce": "x"})
    assert (message.to, message.data, message.gas, message.sender) == (b"\x11" * 20, b"\x02", 16, bytes(20))


def test_null_fields_are_absent_fields() -> None:
    message = params.message({"to": None, "from": None, "gas": None, "value": None})
    assert message == params.message({})


def test_an_access_list() -> None:
    entry = {"address": "0x" + "22" * 20, "storageKeys": ["0x" + "00" * 31 + "05"]}
    assert params.access_list([entry]) == ((b"\x22" * 20, (5,)),)
