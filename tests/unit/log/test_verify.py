"""Checks of whole logs: the head and the owner follow from the entries, or the log is refused."""

from dataclasses import replace

import pytest

from dipmp_lib.errors import MalformedLog
from dipmp_lib.log.blob import head0, project_id
from dipmp_lib.log.log import Log, Slot
from dipmp_lib.log.verify import check_owner, head_after, recompute_head
from tests.support.files.logs import OWNER_KEY, PUBLISHER, STRANGER, ProjectLog, registry_log
from tests.support.files.stored_logs import AT, CHAIN_ID, make_log

REGISTRY = bytes.fromhex("ee" * 20)
EMPTY = head0(CHAIN_ID, AT.address, project_id("foo"))


def as_log(log: ProjectLog, *, owner: bytes = OWNER_KEY, chain_id: int = 1) -> Log:
    slot = Slot(owner, len(log.blobs), log.nonce, 0, 0)
    return Log(log.name, slot, log.head(chain_id, REGISTRY), tuple(log.blobs))


def test_the_head_is_computed_from_the_entries() -> None:
    log = ProjectLog("foo")
    log.release("foo-1.0.tar.gz")
    held = as_log(log, chain_id=5)
    assert recompute_head(held, 5, REGISTRY) == held.head
    assert recompute_head(held, 6, REGISTRY) != held.head
    assert recompute_head(held, 5, bytes(20)) != held.head


def test_the_head_after_some_entries_is_that_of_the_log_which_had_no_more() -> None:
    log = make_log(5)
    assert [head_after(EMPTY, log, count) for count in range(1, 6)] == [make_log(n).head for n in range(1, 6)]
    assert head_after(EMPTY, log, 0) == bytes(32)


def test_the_claim_names_the_first_owner() -> None:
    made = ProjectLog("foo", owner=STRANGER)
    log = as_log(made, owner=STRANGER)
    assert check_owner(log, log.blobs) is log
    with pytest.raises(MalformedLog, match="another owner"):
        check_owner(as_log(made, owner=OWNER_KEY), log.blobs)


def test_an_accepted_transfer_names_the_next_owner_and_an_offer_does_not() -> None:
    made = ProjectLog("foo")
    made.owner(0, PUBLISHER)
    offered = as_log(made)
    assert check_owner(offered, offered.blobs) is offered
    made.owner(1, PUBLISHER)
    accepted = as_log(made, owner=PUBLISHER)
    assert check_owner(accepted, accepted.blobs) is accepted
    with pytest.raises(MalformedLog, match="another owner"):
        check_owner(as_log(made), accepted.blobs)


def test_newer_entries_without_a_transfer_leave_the_owner_of_before() -> None:
    made = ProjectLog("foo")
    made.release("foo-1.0.tar.gz")
    log = as_log(made)
    assert check_owner(log, log.blobs[1:], OWNER_KEY) is log
    for before in (b"", STRANGER):
        with pytest.raises(MalformedLog, match="another owner"):
            check_owner(log, log.blobs[1:], before)


def test_a_registry_log_has_no_entry_for_its_first_owner() -> None:
    log = Log("", Slot(STRANGER, 1, 1, 0, 0), bytes(32), tuple(registry_log(["foo"])))
    assert check_owner(log, log.blobs) is log
    other = replace(log, slot=replace(log.slot, owner=bytes(20)))
    assert check_owner(other, log.blobs) is other
