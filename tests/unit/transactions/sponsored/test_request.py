"""Signed requests as values and files: what is signed is what the contract checks, and nothing else is read."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dipmp_lib.errors import InvalidInput
from dipmp_lib.model.names import ProjectName
from dipmp_lib.secret import Secret
from dipmp_lib.transactions.signers import KeySigner, typed_data_digest
from dipmp_lib.transactions.sponsored import SignedAppend, UnsignedAppend, parse_request
from tests.support.repository import VECTORS

CASES: list[dict[str, Any]] = json.loads((VECTORS / "append_with_sig.json").read_text("utf-8"))


def unsigned(case: dict[str, Any]) -> UnsignedAppend:
    raw = {name: bytes.fromhex(case[name]) for name in ("registry", "payload", "signer", "head")}
    name = ProjectName(case["name"])
    return UnsignedAppend(chain_id=case["chainId"], project=name, kind=case["kind"], deadline=case["deadline"], **raw)


def example() -> SignedAppend:
    case = CASES[0]
    return unsigned(case).signed(bytes.fromhex(case["signature"]))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["about"])
def test_what_is_signed_is_what_the_contract_checks(case: dict[str, Any]) -> None:
    request = unsigned(case)
    assert typed_data_digest(request.typed_data).hex() == case["digest"]
    signer = KeySigner(Secret(bytes.fromhex(case["key"])))
    assert signer.sign_typed_data(request.typed_data).hex() == case["signature"]
    json.dumps(request.typed_data)  # which is how it reaches a signer elsewhere


def test_a_file_is_read_as_it_was_written() -> None:
    assert parse_request(example().document().encode()) == example()


@given(st.binary(max_size=24_543), st.integers(1, 0x7F), st.integers(1, 2**63 - 1))
def test_every_request_fits_its_file(payload: bytes, kind: int, deadline: int) -> None:
    own = example()
    request = SignedAppend(
        chain_id=own.chain_id,
        registry=own.registry,
        project=own.project,
        kind=kind,
        payload=payload,
        signer=own.signer,
        head=own.head,
        deadline=deadline,
        signature=own.signature,
    )
    assert parse_request(request.document().encode()) == request


CHANGES: list[dict[str, object]] = [
    {"format": "dipmp append request 2"},
    {"format": None},
    {"chain_id": 0},
    {"chain_id": True},
    {"chain_id": "1"},
    {"chain_id": 1.5},
    {"chain_id": 2**63},
    {"registry": "0x12"},
    {"registry": "base:0x" + "11" * 20},
    {"registry": 7},
    {"project": "Demo"},
    {"project": "a b"},
    {"project": 7},
    {"kind": 0},
    {"kind": 0x80},
    {"payload": "0X00"},
    {"payload": "00"},
    {"payload": "0x0"},
    {"payload": "0x" + "00" * 24_544},
    {"payload": ["0x"]},
    {"signer": None},
    {"head": "0x" + "00" * 31},
    {"deadline": -1},
    {"signature": "0x" + "00" * 64},
    {"more": 1},
]


@pytest.mark.parametrize("change", CHANGES, ids=str)
def test_other_documents_are_refused(change: dict[str, object]) -> None:
    facts = json.loads(example().document()) | change
    with pytest.raises(InvalidInput, match="not a signed request"):
        parse_request(json.dumps(facts).encode())


@pytest.mark.parametrize("name", json.loads(example().document()))
def test_every_member_is_needed(name: str) -> None:
    facts = json.loads(example().document())
    del facts[name]
    with pytest.raises(InvalidInput, match="not a signed request"):
        parse_request(json.dumps(facts).encode())


@pytest.mark.parametrize(
    "data", [b"", b"{}", b"[]", b"7", b"\xff", b"[" * 5000, b" " * 131_073, b'{"format":1,"format":1}']
)
def test_other_files_are_refused(data: bytes) -> None:
    with pytest.raises(InvalidInput, match="not a signed request"):
        parse_request(data)


@given(st.binary(max_size=400))
def test_it_is_total(data: bytes) -> None:
    with pytest.raises(InvalidInput):
        parse_request(data)
