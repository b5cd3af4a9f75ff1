"""Blobs, heads and storage, compared with the independent model."""

import pytest

from tests.contract.backends import AnvilBackend, Backend
from tests.contract.harness import Refusal, Registry
from tests.support.model.contract import create_address, hash256

LIMIT = 24_543


def test_the_model_derives_addresses_as_ethereum_does() -> None:
    """The well-known example addresses of one account's first contracts."""
    creator = bytes.fromhex("6ac7ea33f8831ea9dcc53393aaa88b25a785dbf0")
    assert create_address(creator, 0).hex() == "cd234a471b72ba2f1ccf0a70fcaba648a5eecd8d"
    assert create_address(creator, 1).hex() == "343c43a37d37dff08ae8c4a11544c718abb4fcf8"
    assert create_address(creator, 2).hex() == "f778b86fa74e846c4f0a1fbd1335fe81c00a0c91"


def test_a_claim_is_one_blob_in_two_logs(registry: Registry) -> None:
    owner, caller = registry.backend.accounts[1:3]
    first = registry.claim(caller, "first", owner)
    registry.claim(caller, "second", owner)
    registry.assert_agrees()
    one, two = registry.model.blobs
    assert one == b"\x00\x80" + bytes(6) + caller + first.time.to_bytes(5, "big") + bytes(6) + owner + b"first"
    assert two[2:8] == bytes(6)
    assert two[33:39] == (1).to_bytes(6, "big")
    assert registry.call("read", "", 0, 0, 10_000) == registry.model.read("", 0, 0, 10_000)
    assert registry.call("read", "second", 0, 0, 10_000)[3][4:] == two


def test_the_first_claim_wins(registry: Registry) -> None:
    owner, other = registry.backend.accounts[1:3]
    registry.claim(owner, "taken", owner)
    for account in (owner, other, registry.owner):
        refusal = registry.refusal(account, "claim", "taken", account, b"")
        assert refusal == Refusal("NameTaken", ("taken", owner))


def test_a_claim_may_carry_a_first_release_of_its_owner_only(registry: Registry) -> None:
    owner, other = registry.backend.accounts[1:3]
    registry.claim(owner, "mine", owner, b"release")
    registry.assert_agrees()
    assert [blob[1] for blob in registry.model.entries("mine")] == [0x80, 0x01]
    refusal = registry.refusal(other, "claim", "theirs", owner, b"release")
    assert refusal == Refusal("NotPublisher", (other, 0))
    assert registry.refusal(other, "claim", "nobodys", bytes(20), b"") == Refusal("ZeroAddress", ())


def test_payloads_up_to_the_limit_are_kept_to_the_byte(registry: Registry) -> None:
    owner = registry.backend.accounts[1]
    registry.claim(owner, "big", owner)
    for size in (0, 1, 31, 32, 33, LIMIT):
        registry.append(owner, "big", 1, bytes(index * 7 & 0xFF for index in range(size)))
    registry.assert_agrees()
    assert len(registry.model.blobs[-1]) == 24_576
    refusal = registry.refusal(owner, "append", "big", 1, bytes(LIMIT + 1))
    assert refusal == Refusal("PayloadTooLong", (LIMIT + 1, LIMIT))
    refusal = registry.refusal(owner, "claim", "bigger", owner, bytes(LIMIT + 1))
    assert refusal == Refusal("PayloadTooLong", (LIMIT + 1, LIMIT))


@pytest.mark.node
def test_a_chain_that_numbers_created_contracts_otherwise_is_refused(anvil: AnvilBackend) -> None:
    """Whatever stores a blob reverts and changes nothing, so a log never points at an address that holds another."""
    owner, heir, guardian = anvil.accounts[1:4]
    registry = Registry(anvil, guardian=guardian)
    registry.claim(owner, "abc", owner)
    registry.transfer(owner, "abc", heir)
    registry.transfer_registry(registry.owner, heir)
    steps: list[tuple[bytes, str, tuple[object, ...]]] = [
        (owner, "claim", ("new", owner, b"")),
        (owner, "append", ("abc", 1, b"x")),
        (owner, "setPublisher", ("abc", heir, 2**40 - 1, 0)),
        (owner, "transferProject", ("abc", owner)),
        (heir, "acceptProject", ("abc",)),
        (owner, "setStatus", ("abc", 1, "")),
        (guardian, "quarantine", ("abc", True, "")),
        (guardian, "resignGuardian", ()),
        (registry.owner, "transferRegistry", (owner,)),
        (heir, "acceptRegistry", ()),
    ]
    true_nonce = len(registry.model.blobs) + 1
    expected = create_address(registry.address, true_nonce)
    for nonce in (true_nonce + 1, true_nonce + 300):
        anvil.set_nonce(registry.address, nonce)
        for sender, function, values in steps:
            outcome = registry.attempt(sender, function, *values)
            assert outcome == Refusal("UnexpectedBlobAddress", (create_address(registry.address, nonce), expected))
    registry.assert_agrees()
    anvil.set_nonce(registry.address, true_nonce)
    registry.append(owner, "abc", 1, b"x")
    registry.assert_agrees()


@pytest.mark.node
def test_nonces_of_two_bytes(anvil: Backend) -> None:
    registry = Registry(anvil)
    owner = anvil.accounts[1]
    registry.claim(owner, "long", owner)
    for index in range(260):
        registry.append(owner, "long", 1, index.to_bytes(2, "big"))
    registry.assert_agrees()


def test_every_step_emits_one_event_and_a_claim_with_release_two(backend: Backend) -> None:
    owner, heir, guardian = backend.accounts[1:4]
    registry = Registry(backend, guardian=guardian)
    steps = [
        registry.claim(owner, "seen", owner),
        registry.append(owner, "seen", 1, b"x"),
        registry.set_publisher(owner, "seen", heir, 2**40 - 1),
        registry.transfer(owner, "seen", heir),
        registry.accept(heir, "seen"),
        registry.set_status(heir, "seen", 1),
        registry.quarantine(guardian, "seen", True),
        registry.transfer_registry(registry.owner, heir),
        registry.accept_registry(heir),
        registry.resign_guardian(guardian),
    ]
    assert [step.logs for step in steps] == [1] * 10
    assert registry.claim(owner, "seen-too", owner, b"x").logs == 2


@pytest.mark.evm
def test_the_head_by_hand(embedded: Backend) -> None:
    """One head computed step by step from the specification's formulas, for readers of this file."""
    registry = Registry(embedded)
    owner = embedded.accounts[1]
    registry.claim(owner, "abc", owner)
    registry.append(owner, "abc", 1, b"payload")
    claim, release = registry.model.blobs
    key = hash256(b"abc")
    head = hash256(embedded.chain_id.to_bytes(32, "big") + bytes(12) + registry.address + key)
    head = hash256(head + hash256(claim))
    head = hash256(head + hash256(release))
    assert registry.call("read", "abc", 0, 0, 0)[1] == head
