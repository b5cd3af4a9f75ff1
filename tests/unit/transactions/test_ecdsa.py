"""Signatures over secp256k1: the forms they are read from and written in, and whose they are."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dipmp_lib.errors import SignerError
from dipmp_lib.transactions.ecdsa import CURVE_ORDER, HALF_ORDER, Signature, low, parse_der, parse_packed


@given(st.integers(1, CURVE_ORDER - 1), st.integers(1, CURVE_ORDER - 1))
def test_der_is_read_as_the_library_writes_it(r: int, s: int) -> None:
    from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

    data = encode_dss_signature(r, s)
    assert parse_der(data) == (r, s)
    assert low(r, s) == (r, min(s, CURVE_ORDER - s))
    for bad in (data + b"\0", data[:-1], b"\x31" + data[1:], b"", data[:1]):
        with pytest.raises(SignerError):
            parse_der(bad)


@pytest.mark.parametrize(
    "text",
    [
        "3006020101020180",  # a negative number
        "300702020001020101",  # a padded one
        "30050201010200",  # an empty one
        "3006020101030101",  # no integer
        "308106020101020101",  # a length in the long form
        "3009020101020101020101",  # three
    ],
)
def test_der_in_another_form_is_refused(text: str) -> None:
    with pytest.raises(SignerError, match="not in DER"):
        parse_der(bytes.fromhex(text))


@given(st.binary(max_size=80))
def test_der_is_total(data: bytes) -> None:
    with suppress(SignerError):
        parse_der(data)


@given(st.integers(0, 2**256 - 1), st.integers(0, 2**256 - 1), st.integers(0, 1))
def test_packed_signatures_are_read_as_they_are_written(r: int, s: int, parity: int) -> None:
    signature = Signature(r, s, parity)
    assert len(signature.packed()) == 65
    assert parse_packed(signature.packed()) == signature


@pytest.mark.parametrize(
    ("r", "s", "parity", "is_low"),
    [
        (1, 1, 0, True),
        (CURVE_ORDER - 1, HALF_ORDER, 1, True),
        (0, 1, 0, False),
        (CURVE_ORDER, 1, 0, False),
        (1, 0, 0, False),
        (1, HALF_ORDER + 1, 0, False),
        (1, 1, 2, False),
    ],
)
def test_only_numbers_in_range_with_the_lower_s_are_low(r: int, s: int, parity: int, *, is_low: bool) -> None:
    assert Signature(r, s, parity).is_low is is_low


@pytest.mark.parametrize("signature", [Signature(0, 1, 0), Signature(1, 1, 2), Signature(CURVE_ORDER, 1, 0)])
def test_numbers_out_of_range_are_the_signature_of_no_key(signature: Signature) -> None:
    assert signature.signer_of(bytes(32)) is None
