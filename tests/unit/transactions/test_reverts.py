"""Every custom error of the contracts comes back as a sentence with a next step, and never as hex."""

import re
from typing import Any

import pytest
from eth_abi.abi import encode
from hypothesis import given
from hypothesis import strategies as st

from dipmp_lib.errors import Reverted
from dipmp_lib.ethereum.abi import package_index, package_index_factory
from dipmp_lib.ethereum.create2 import StockArgs
from dipmp_lib.keccak import keccak256
from dipmp_lib.model.names import ProjectName, checksum_address
from dipmp_lib.transactions import Call
from dipmp_lib.transactions.reverts import SENTENCES, explain

ME, OTHER, NOBODY = bytes.fromhex("a1" * 20), bytes.fromhex("b2" * 20), bytes(20)
DEMO = ProjectName("demo")
ERRORS: dict[str, dict[str, Any]] = {
    item["name"]: item for item in (*package_index().abi, *package_index_factory().abi) if item["type"] == "error"
}
SAMPLES: dict[str, Any] = {
    "address": ME,
    "string": "demo",
    "bytes32": bytes(range(32)),
    "uint8": 1,
    "uint40": 1_700_000_000,
    "uint256": 1_700_000_000,
}


def types(name: str) -> list[str]:
    return [field["type"] for field in ERRORS[name]["inputs"]]


def revert(name: str, *values: object) -> Reverted:
    signature = f"{name}({','.join(types(name))})"
    data = keccak256(signature.encode())[:4] + encode(types(name), values)
    return Reverted("execution reverted", code=3, data=f"0x{data.hex()}")


def test_no_error_is_without_a_sentence_and_no_sentence_without_an_error() -> None:
    assert set(SENTENCES) - {"Error"} == set(ERRORS)


@pytest.mark.parametrize("name", sorted(ERRORS))
def test_each_is_a_sentence_with_a_hint(name: str) -> None:
    error = revert(name, *[SAMPLES[kind] for kind in types(name)])
    explained = explain(error)
    text = str(explained)
    assert text.startswith("the registry refuses the transaction: ")
    assert error.data[:10] not in text
    assert name not in text
    assert explained.hint
    assert len(text) < 300


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(ERRORS))
@given(data=st.data())
def test_no_arguments_break_it(name: str, data: st.DataObject) -> None:
    values: dict[str, st.SearchStrategy[Any]] = {
        "address": st.binary(min_size=20, max_size=20),
        "string": st.text(st.characters(exclude_categories=["Cs"]), max_size=300),
        "bytes32": st.binary(min_size=32, max_size=32),
        "uint8": st.integers(0, 255),
        "uint40": st.integers(0, 2**40 - 1),
        "uint256": st.integers(0, 2**256 - 1),
    }
    explained = explain(revert(name, *[data.draw(values[kind]) for kind in types(name)]))
    assert str(explained).isprintable()
    assert len(str(explained)) < 2_500


def text(error: Reverted, call: Call | None = None) -> str:
    return str(explain(error, call)).partition(": ")[2]


def test_who_is_meant_depends_on_what_was_called() -> None:
    refused = revert("NotOwner", ME, OTHER)
    me, other = checksum_address(ME), checksum_address(OTHER)
    assert text(refused, Call.claim(DEMO, ME, b"")) == (
        f"names in this registry are claimed by its owner {other} alone, because it is curated"
    )
    assert text(refused, Call.offer_registry(OTHER)) == f"{me} does not own the registry, {other} does"
    assert text(refused, Call.offer_project(DEMO, OTHER)) == f"{me} does not own the project, {other} does"
    assert text(revert("ZeroAddress"), Call.set_publisher(DEMO, NOBODY, 1)) == "the zero address cannot publish"
    assert text(revert("ZeroAddress"), Call.claim(DEMO, NOBODY, b"")) == "the zero address cannot be an owner"


def test_nobody_is_nobody() -> None:
    me, other = checksum_address(ME), checksum_address(OTHER)
    assert text(revert("NotOffered", ME, NOBODY)) == f"it is offered to nobody, not to {me}"
    assert text(revert("NotOffered", ME, OTHER)) == f"it is offered to {other}, not to {me}"
    assert text(revert("NotGuardian", ME, NOBODY)) == "the registry has no guardian, or none any more"
    assert text(revert("NotGuardian", ME, OTHER)) == f"{me} is not the registry's guardian, {other} is"


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (0x01, "the project is archived, and takes no releases"),
        (0x80, "the project is quarantined, and takes no releases"),
        (0x81, "the project is quarantined, and takes no releases"),
    ],
)
def test_why_releases_are_closed(status: int, expected: str) -> None:
    assert text(revert("ReleasesClosed", status)) == expected


def test_the_holder_of_a_name_that_looks_alike_is_named() -> None:
    assert text(revert("ConfusableName", "f0o", "foo")) == (
        "the name 'f0o' is easily mistaken for 'foo', which is taken"
    )


def test_the_factory_is_named_where_it_refuses() -> None:
    error = explain(revert("RegistryExists", OTHER), Call.create_registry(StockArgs(owner=ME)))
    assert str(error) == (
        f"the factory refuses the transaction: the registry {checksum_address(OTHER)} has these very arguments"
    )


def test_hostile_names_are_shown_as_ascii() -> None:
    assert re.search(r"'\\u202ex\\x1b\[31m'", text(revert("UnknownProject", "\u202ex\x1b[31m")))


@pytest.mark.parametrize(
    ("data", "shown"),
    [
        ("", "execution reverted"),
        ("0x", "0x"),
        ("0xdeadbeef", "0xdeadbeef"),
        ("0x08c379a0" + "ff" * 40, "0x08c379a0ff"),
        ("0x08c379a0" + "20".zfill(64) + "3".zfill(64) + b"a\x1bb".hex().ljust(64, "0"), r"'a\x1bb'"),
        ("zz", "zz"),
        ("0x" + "08c379a0" + "00" * 20_000, "0x08c379a0"),
    ],
)
def test_explaining_is_total(data: str, shown: str) -> None:
    text = str(explain(Reverted("execution reverted", data=data)))
    assert shown in text
    assert len(text) < 250
    assert text.isprintable()
