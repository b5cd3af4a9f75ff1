"""Registry addresses and project names."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.utils import canonicalize_name

from dipmp_lib.errors import InvalidAddress, InvalidName
from dipmp_lib.model.names import (
    MAX_NAME,
    ProjectName,
    RegistryAddress,
    checksum_address,
    is_project_name,
    normalize_name,
    parse_project,
    parse_registry,
    skeleton,
)
from tests.support.model.contract import skeleton_of

# The examples of EIP-55.
CHECKSUMMED = [
    "0x52908400098527886E0F7030069857D2E4169EE7",
    "0x8617E340B3D01FA5F11F306F4090FD50E238070D",
    "0xde709f2102306220921060314715629080e2fb77",
    "0x27b1fdb04752bbc536007a920d24acb045561c26",
    "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
    "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
    "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB",
    "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
]


@pytest.mark.parametrize("text", CHECKSUMMED)
def test_eip55(text: str) -> None:
    assert checksum_address(bytes.fromhex(text[2:])) == text
    assert str(parse_registry(text)) == text
    assert parse_registry(text.lower()) == parse_registry("0x" + text[2:].upper()) == parse_registry(text)


@pytest.mark.parametrize("text", [address for address in CHECKSUMMED if not address[2:].isupper()])
def test_letters_in_the_wrong_case_are_a_typing_mistake(text: str) -> None:
    wrong = text.swapcase().replace("0X", "0x")
    if wrong in (text.lower(), "0x" + text[2:].upper()):
        return
    with pytest.raises(InvalidAddress, match="EIP-55"):
        parse_registry(wrong)


def test_a_chain_may_come_first() -> None:
    registry = parse_registry("base:" + CHECKSUMMED[4])
    assert registry == RegistryAddress(bytes.fromhex(CHECKSUMMED[4][2:]), "base")
    assert str(registry) == "base:" + CHECKSUMMED[4]
    assert registry.checksummed == CHECKSUMMED[4]
    assert registry != parse_registry(CHECKSUMMED[4])


@pytest.mark.parametrize(
    "text",
    ["", "0x", "foo", "0x" + "1" * 39, "0x" + "1" * 41, "1" * 40, ":0x" + "1" * 40, "Base:0x" + "1" * 40,
     "a:b:0x" + "1" * 40, "x" * 33 + ":0x" + "1" * 40, "0x" + "1" * 40 + "\n", " 0x" + "1" * 40, "0x" + "g" * 40,
     "0x" + "\u0661" * 40, "base:", "vitalik.eth"],
)  # fmt: skip
def test_no_address(text: str) -> None:
    with pytest.raises(InvalidAddress) as refused:
        parse_registry(text)
    assert refused.value.hint


@given(st.binary(min_size=20, max_size=20), st.from_regex(r"([a-z0-9-]{1,32})?", fullmatch=True))
def test_addresses_round_trip(address: bytes, chain: str) -> None:
    registry = RegistryAddress(address, chain)
    assert parse_registry(str(registry)) == registry


@given(st.text())
def test_parsers_are_total(text: str) -> None:
    for parse in (parse_registry, parse_project):
        with suppress(InvalidAddress, InvalidName):
            parse(text)


@pytest.mark.parametrize(
    ("text", "name"),
    [("foo", "foo"), ("Foo.Bar", "foo-bar"), ("zope.interface", "zope-interface"), ("a--_.b", "a-b"), ("A", "a"),
     ("0", "0"), ("PyYAML", "pyyaml"), ("x" * 128, "x" * 128)],
)  # fmt: skip
def test_project_names(text: str, name: str) -> None:
    assert parse_project(text) == name
    assert is_project_name(name)
    assert is_project_name(text) == (text == name)


@pytest.mark.parametrize(
    "text",
    ["", "-", "_foo", "foo.", "foo bar", "foo\n", "föö", "x" * 129, "\u212aey", "foo/bar", "<b>", "foo\0", "a+b"],
)
def test_no_project_name(text: str) -> None:
    assert not is_project_name(text)
    with pytest.raises(InvalidName) as refused:
        parse_project(text)
    assert refused.value.hint


@given(st.from_regex(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,20}[A-Za-z0-9])?", fullmatch=True))
def test_packaging_normalises_alike(text: str) -> None:
    name = parse_project(text)
    assert str(name) == str(canonicalize_name(text)) == normalize_name(text)
    assert is_project_name(name)
    assert parse_project(name) == name
    assert len(name) <= MAX_NAME


@pytest.mark.parametrize("name", ["foo", "f-0o", "lili", "1-1", "a-b-c", "zope-interface"])
def test_the_skeleton_is_the_one_that_the_contract_compares(name: str) -> None:
    assert skeleton(ProjectName(name)) == skeleton_of(name)
