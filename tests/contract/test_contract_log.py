"""Blobs, heads and storage, compared with the independent model."""

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tests.contract.backends import Backend, EmbeddedBackend, RevertError
from tests.contract.harness import Refusal, Registry, decode_refusal
from tests.support.chainmodel import ModelRevertError, create_address, hash256, project_id

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
def test_nonces_of_two_bytes(anvil: Backend) -> None:
    registry = Registry(anvil)
    owner = anvil.accounts[1]
    registry.claim(owner, "long", owner)
    for index in range(260):
        registry.append(owner, "long", 1, index.to_bytes(2, "big"))
    registry.assert_agrees()


def test_a_registry_needs_an_owner(backend: Backend) -> None:
    from dipmp_lib.abi import package_index

    with pytest.raises(RevertError) as caught:
        backend.send(backend.accounts[0], b"", package_index().bytecode + bytes(32))
    assert decode_refusal(caught.value.data) == Refusal("ZeroAddress", ())


def test_every_step_emits_one_event_and_a_claim_with_release_two(registry: Registry) -> None:
    owner, heir = registry.backend.accounts[1:3]
    steps = [
        registry.claim(owner, "seen", owner),
        registry.append(owner, "seen", 1, b"x"),
        registry.set_publisher(owner, "seen", heir, 2**40 - 1),
        registry.transfer(owner, "seen", heir),
        registry.accept(heir, "seen"),
    ]
    assert [step.logs for step in steps] == [1] * 5
    assert registry.claim(owner, "seen-too", owner, b"x").logs == 2


NAMES = st.sampled_from(["alpha", "beta-2", "gamma", "Not-Normal", ""])
PEOPLE = st.integers(min_value=1, max_value=4)
OFFSETS = st.sampled_from([-40 * 86400, -86400, -1, 0, 1, 2, 5, 86400])


class Differential(RuleBasedStateMachine):
    """Any sequence of steps: the contract accepts and refuses what the model does, for the same reason."""

    @initialize()
    def deploy(self) -> None:
        self.registry = Registry(EmbeddedBackend())
        self.who = (bytes(20), *self.registry.backend.accounts[1:4], self.registry.owner)

    def step(self, sender: int, function: str, model: str, *values: object) -> None:
        account, registry = self.who[sender], self.registry
        expected: Refusal | None = None
        time = registry.backend.now() + 1
        try:
            getattr(registry.model, model)(account, time, *values)
        except ModelRevertError as refusal:
            expected = Refusal(refusal.error, refusal.values)
        outcome = registry.attempt(account, function, *values)
        if isinstance(outcome, Refusal):
            assert outcome == expected
        else:
            assert (outcome.time, expected) == (time, None)

    @rule(sender=PEOPLE, name=NAMES, owner=st.integers(0, 4), release=st.binary(max_size=3))
    def claim(self, sender: int, name: str, owner: int, release: bytes) -> None:
        self.step(sender, "claim", "claim", name, self.who[owner], release)

    @rule(sender=PEOPLE, name=NAMES, kind=st.sampled_from([0, 1, 0x20, 0x3F, 0x40, 0x7F, 0x80]), data=st.binary())
    def append(self, sender: int, name: str, kind: int, data: bytes) -> None:
        self.step(sender, "append", "append", name, kind, data)

    @rule(sender=PEOPLE, name=NAMES, account=st.integers(0, 4), until=OFFSETS | st.none(), since=OFFSETS | st.none())
    def role(self, sender: int, name: str, account: int, until: int | None, since: int | None) -> None:
        now = self.registry.backend.now()
        times = [0 if offset is None else now + offset for offset in (until, since)]
        self.step(sender, "setPublisher", "set_publisher", name, self.who[account], *times)

    @rule(sender=PEOPLE, name=NAMES, to=st.integers(0, 4))
    def transfer(self, sender: int, name: str, to: int) -> None:
        self.step(sender, "transferProject", "transfer", name, self.who[to])

    @rule(sender=PEOPLE, name=NAMES)
    def accept(self, sender: int, name: str) -> None:
        self.step(sender, "acceptProject", "accept", name)

    @rule(seconds=st.integers(2, 100))
    def wait(self, seconds: int) -> None:
        self.registry.backend.set_time(self.registry.backend.now() + seconds)

    @invariant()
    def storage_agrees(self) -> None:
        registry = self.registry
        for slot, value in registry.model.storage().items():
            assert registry.backend.storage(registry.address, slot) == value

    def teardown(self) -> None:
        if hasattr(self, "registry"):
            self.registry.assert_agrees()
            for name in ("", "alpha", "beta-2", "gamma", "nobodys"):
                assert self.registry.call("read", name, 0, 0, 1 << 24) == self.registry.model.read(name, 0, 0, 1 << 24)
            for (key, epoch, account), until in self.registry.model.publishers.items():
                self._check_publisher(key, epoch, account, until)

    def _check_publisher(self, key: bytes, epoch: int, account: bytes, until: int) -> None:
        for name in ("alpha", "beta-2", "gamma"):
            if project_id(name) == key and self.registry.model.logs[key].epoch == epoch:
                assert self.registry.call("publisherUntil", name, account) == (until,)


TestDifferential = pytest.mark.evm(
    settings(max_examples=20, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck))(
        Differential
    ).TestCase
)


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
