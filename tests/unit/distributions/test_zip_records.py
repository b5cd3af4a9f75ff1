"""Headers of zip archives: read as they were written, and refused where two programs could read them differently."""

import struct
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dipmp_lib.distributions.zip_records import (
    LOCAL,
    AmbiguityError,
    ZipHeader,
    local_length,
    parse_central,
    parse_local,
)
from tests.support.files.zips import Entry, extra

WIDE = 0xFFFFFFFF
NUMBERS = st.integers(0, WIDE - 1)


@given(st.binary(max_size=40), NUMBERS, NUMBERS, NUMBERS, st.integers(0, 0xFFFF), st.integers(0, 0xFFFF))
def test_both_headers_are_read_as_they_were_written(
    name: bytes, crc: int, packed: int, size: int, flags: int, method: int
) -> None:
    facts: dict[str, int | bytes] = {"crc": crc, "packed": packed, "size": size, "flags": flags, "method": method}
    entry = Entry(name, local=dict(facts), central=facts | {"made": 3 << 8, "attributes": 0o100644 << 16})
    local, central = entry.local_header(), entry.central_header(77)
    common = {"raw_name": name, "flags": flags, "method": method, "crc": crc, "packed": packed, "size": size}
    assert local_length(local[: LOCAL.size]) == len(local)
    assert parse_local(local) == ZipHeader(**common, length=len(local))  # type: ignore[arg-type]
    assert parse_central(b"xx" + central, 2) == ZipHeader(
        **common,  # type: ignore[arg-type]
        offset=77,
        mode=0o100644,
        length=len(central),
    )


def test_attributes_of_other_systems_are_no_mode() -> None:
    assert parse_central(Entry(b"a", central={"made": 20, "attributes": WIDE}).central_header(0), 0).mode == 0


@given(st.integers(0, 2**64 - 1), st.integers(0, 2**64 - 1), st.integers(0, 2**64 - 1))
def test_zip64_fields_hold_what_32_bits_do_not(size: int, packed: int, offset: int) -> None:
    field = extra(1, struct.pack("<3Q", size, packed, offset))
    entry = Entry(b"a", central={"size": WIDE, "packed": WIDE, "offset": WIDE, "extra": field})
    found = parse_central(entry.central_header(0), 0)
    assert (found.size, found.packed, found.offset) == (size, packed, offset)


def test_a_local_zip64_field_may_repeat_what_the_header_says() -> None:
    field = extra(1, struct.pack("<2Q", 5, 7))
    found = parse_local(Entry(b"a", local={"size": 5, "packed": 7, "extra": field}).local_header())
    assert (found.size, found.packed) == (5, 7)


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"comment": b"x"}, "its directory has comments"),
        ({"disk": 1}, "several disks"),
        ({"extra": b"\1\0\x08"}, "an extra field is cut off"),
        ({"extra": extra(1, bytes(8))}, "a zip64 field does not fit its header"),
        ({"size": WIDE}, "a zip64 field does not fit its header"),
        ({"size": WIDE, "extra": extra(1, bytes(8)) * 2}, "an extra field twice"),
        ({"extra": extra(0x7075, b"\1\0\0\0\0other")}, "two names"),
    ],
)
def test_what_programs_read_differently_is_refused(facts: dict[str, int | bytes], reason: str) -> None:
    with pytest.raises(AmbiguityError, match=reason):
        parse_central(Entry(b"name", central=facts).central_header(0), 0)


def test_a_header_that_is_cut_off_or_none() -> None:
    central = Entry(b"name").central_header(0)
    with pytest.raises(AmbiguityError, match="shorter than its end record says"):
        parse_central(central[:-1], 0)
    with pytest.raises(AmbiguityError, match="shorter than its end record says"):
        parse_central(b"XX" + central[2:], 0)
    with pytest.raises(AmbiguityError, match="does not begin where its directory says"):
        local_length(bytes(LOCAL.size))


@given(st.binary(max_size=120))
def test_parsing_is_total(data: bytes) -> None:
    for parse in (parse_local, lambda raw: parse_central(raw, 0)):
        with suppress(AmbiguityError, struct.error):
            parse(data)
    with suppress(AmbiguityError, struct.error):
        parse_central(b"PK\1\2" + data, 0)
