"""Vectors of appendWithSig's typed data: by hand, by eth-account, and in the contract."""

import json
from typing import Any

import pytest

from tests.contract.backends import AnvilBackend
from tests.contract.harness import CALL_GAS, Refusal, Registry, encode_call, refusal_of
from tests.contract.signed import Signed
from tests.support.model.contract import hash256
from tests.support.model.signing import address_of, sign
from tests.support.repository import VECTORS

CASES: list[dict[str, Any]] = json.loads((VECTORS / "append_with_sig.json").read_text("utf-8"))
cases = pytest.mark.parametrize("case", CASES, ids=lambda case: case["about"])


def signed(case: dict[str, Any]) -> Signed:
    fields = {name: bytes.fromhex(case[name]) for name in ("registry", "signer", "payload", "head", "key")}
    return Signed(chain_id=case["chainId"], name=case["name"], kind=case["kind"], deadline=case["deadline"], **fields)


def by_hand(what: Signed) -> bytes:
    """The digest of EIP-712, step by step."""
    domain_type = b"EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
    append_type = b"Append(address signer,string name,uint8 kind,bytes payload,bytes32 head,uint256 deadline)"
    domain = hash256(domain_type) + hash256(b"dipmp") + hash256(b"1") + what.chain_id.to_bytes(32, "big")
    message = hash256(append_type) + what.signer.rjust(32, b"\0") + hash256(what.name.encode())
    message += what.kind.to_bytes(32, "big") + hash256(what.payload) + what.head
    message += what.deadline.to_bytes(32, "big")
    return hash256(b"\x19\x01" + hash256(domain + what.registry.rjust(32, b"\0")) + hash256(message))


@cases
def test_the_vectors_by_hand_and_by_eth_account(case: dict[str, Any]) -> None:
    what = signed(case)
    assert address_of(what.key) == what.signer
    assert by_hand(what).hex() == what.digest.hex() == case["digest"]
    assert what.signature.hex() == sign(what.key, what.digest).hex() == case["signature"]


@pytest.mark.node
@cases
def test_the_contract_accepts_the_vectors(anvil: AnvilBackend, case: dict[str, Any]) -> None:
    """The node puts registry, owner and head in place, and is the chain of the vector for a while."""
    registry, what = Registry(anvil), signed(case)
    slot = int.from_bytes(hash256(hash256(what.name.encode()) + bytes(32)), "big")
    anvil.set_code(what.registry, registry.arguments.code)
    anvil.set_nonce(what.registry, 2)
    anvil.set_storage(what.registry, 1, 1)
    anvil.set_storage(what.registry, slot, 1 << 192 | 1 << 160 | int.from_bytes(what.signer, "big"))
    anvil.set_storage(what.registry, slot + 1, int.from_bytes(what.head, "big"))
    call = (what.name, what.kind, what.payload, what.signer, what.deadline)
    good = encode_call("appendWithSig", *call, bytes.fromhex(case["signature"]))
    with anvil.chain(what.chain_id):
        assert anvil.call(registry.owner, what.registry, good, CALL_GAS) == b""
    refused = refusal_of(anvil, registry.owner, what.registry, good)
    assert refused == Refusal("InvalidSignature", (what.signer, what.head))
