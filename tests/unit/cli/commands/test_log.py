"""`dipmp log`: entries, and the head recomputed from them."""

import pytest
import rlp
from hypothesis import given
from hypothesis import strategies as st

from dipmp_cli.commands.log import _blob_address
from dipmp_lib.keccak import keccak256
from tests.support.systems.commands import ME, MINE, CommandBench


def test_a_log_that_the_chain_lies_about_is_not_shown(bench: CommandBench) -> None:
    bench.claim()
    bench.node.model.logs[next(key for key in bench.node.model.logs if any(key))].head = bytes([1]) * 32
    ran = bench("log", "demo")
    assert (ran.code, ran.out) == (1, "")
    assert "the head does not recompute from the entries" in ran.error


def test_a_log_is_checked_against_the_chain(bench: CommandBench) -> None:
    bench.claim()
    document = bench.json("log", "demo")
    assert (document["project"], document["verified"], document["head"]) == ("demo", True, document["recomputed"])
    [entry] = document["entries"]
    assert (entry["kind_name"], entry["actor"], entry["number"], entry["nonce"]) == ("CLAIM", ME, 0, 1)
    assert "computed from 1 entry: the same as on chain\n" in bench("log", "demo").out


def test_an_empty_registry_has_an_empty_log(bench: CommandBench) -> None:
    document = bench.json("log")
    assert (document["project"], document["entries"], document["verified"]) == (None, [], True)


def test_notes_of_readers_are_shown_and_printable(bench: CommandBench) -> None:
    bench.claim()
    bench.node.model.append(MINE, bench.node.time, "demo", 0x3F, b"\x00")
    lines = bench("log", "demo").out.splitlines()
    assert any("0x3f     by " in line for line in lines)
    assert any(line.startswith("      readers: unknown-kind") for line in lines)
    [_, unknown] = bench.json("log", "demo")["entries"]
    assert (unknown["kind"], unknown["kind_name"], unknown["notes"][0]["code"]) == (0x3F, "0x3f", "unknown-kind")


@pytest.mark.parametrize(
    ("nonce", "address"),
    [
        (1, "343c43a37d37dff08ae8c4a11544c718abb4fcf8"),
        (2, "f778b86fa74e846c4f0a1fbd1335fe81c00a0c91"),
    ],
)
def test_blob_addresses_are_those_of_create(nonce: int, address: str) -> None:
    """From the account 0x6ac7ea33f8831ea9dcc53393aaa88b25a785dbf0, whose contracts are well known."""
    assert _blob_address(bytes.fromhex("6ac7ea33f8831ea9dcc53393aaa88b25a785dbf0"), nonce).hex() == address


@pytest.mark.slow
@given(st.integers(1, 2**40 - 1))
def test_blob_addresses_agree_with_rlp(nonce: int) -> None:
    registry = bytes.fromhex("b9" * 20)
    assert _blob_address(registry, nonce) == keccak256(rlp.encode([registry, nonce]))[12:]
