"""Roles: owners, publishers with an expiry, ownership in two steps."""

import pytest

from dipmp_lib.log.blob import parse_blob
from dipmp_lib.log.fold import fold_project
from dipmp_lib.model.names import ProjectName
from tests.contract.harness import Refusal, Registry
from tests.support.files.logs import release_payload

DAY = 24 * 3600
FOR_EVER = 2**40 - 1
NAME = "some-project"
OWNER, PUBLISHER, LAPSED, STRANGER, HEIR = range(1, 6)


@pytest.fixture
def project(registry: Registry) -> Registry:
    """A project with a publisher for ever and one whose time is over."""
    who = registry.backend.accounts
    registry.claim(who[STRANGER], NAME, who[OWNER])
    registry.set_publisher(who[OWNER], NAME, who[PUBLISHER], FOR_EVER)
    until = registry.backend.now() + 100
    registry.set_publisher(who[OWNER], NAME, who[LAPSED], until)
    registry.backend.set_time(until)
    return registry


def lapsed_until(project: Registry) -> int:
    (until,) = project.call("publisherUntil", NAME, project.backend.accounts[LAPSED])
    return int(until)


@pytest.mark.parametrize("kind", [0x01, 0x02, 0x1F, 0x20, 0x3F])
def test_owner_and_publishers_append_releases_and_yanks(project: Registry, kind: int) -> None:
    who = project.backend.accounts
    project.append(who[OWNER], NAME, kind, b"by the owner")
    project.append(who[PUBLISHER], NAME, kind, b"by a publisher")
    never = project.refusal(who[STRANGER], "append", NAME, kind, b"")
    assert never == Refusal("NotPublisher", (who[STRANGER], 0))
    over = project.refusal(who[LAPSED], "append", NAME, kind, b"")
    assert over == Refusal("NotPublisher", (who[LAPSED], lapsed_until(project)))
    project.assert_agrees()


@pytest.mark.parametrize("kind", [0x40, 0x7F])
def test_only_the_owner_appends_the_kinds_above(project: Registry, kind: int) -> None:
    who = project.backend.accounts
    project.append(who[OWNER], NAME, kind, b"x")
    for account in (who[PUBLISHER], who[LAPSED], who[STRANGER], project.owner):
        assert project.refusal(account, "append", NAME, kind, b"") == Refusal("NotOwner", (account, who[OWNER]))


def test_nobody_appends_what_only_the_contract_writes(project: Registry) -> None:
    who = project.backend.accounts
    for kind in (0x00, 0x80, 0x81, 0x82, 0x83, 0xFF):
        for account in (who[OWNER], who[PUBLISHER], project.owner):
            assert project.refusal(account, "append", NAME, kind, b"") == Refusal("InvalidKind", (kind,))


def test_the_owner_of_the_registry_has_no_power_over_projects(project: Registry) -> None:
    owner, registry_owner = project.backend.accounts[OWNER], project.owner
    refused = Refusal("NotOwner", (registry_owner, owner))
    assert project.refusal(registry_owner, "setPublisher", NAME, registry_owner, FOR_EVER, 0) == refused
    assert project.refusal(registry_owner, "transferProject", NAME, registry_owner) == refused
    assert project.refusal(registry_owner, "append", NAME, 1, b"") == Refusal("NotPublisher", (registry_owner, 0))


def test_no_step_works_on_an_unclaimed_name(registry: Registry) -> None:
    sender = registry.owner
    calls: dict[str, tuple[object, ...]] = {
        "append": (1, b""),
        "setPublisher": (sender, FOR_EVER, 0),
        "transferProject": (sender,),
        "acceptProject": (),
    }
    for function, values in calls.items():
        assert registry.refusal(sender, function, "free", *values) == Refusal("UnknownProject", ("free",))
    assert registry.refusal(sender, "append", "", 1, b"") == Refusal("UnknownProject", ("",))


def test_a_publisher_publishes_until_the_very_second(project: Registry) -> None:
    who, backend = project.backend.accounts, project.backend
    until = backend.now() + 50
    project.set_publisher(who[OWNER], NAME, who[HEIR], until)
    assert project.call("publisherUntil", NAME, who[HEIR]) == (until,)
    backend.next_time(until - 1)
    assert project.append(who[HEIR], NAME, 1, b"x").time == until - 1
    backend.next_time(until)
    assert project.attempt(who[HEIR], "append", NAME, 1, b"") == Refusal("NotPublisher", (who[HEIR], until))


def test_an_expiry_lies_in_the_future(project: Registry) -> None:
    who, backend = project.backend.accounts, project.backend
    now = backend.now() + 10
    for until in (now - 1, now):
        backend.next_time(now)
        outcome = project.attempt(who[OWNER], "setPublisher", NAME, who[HEIR], until, 0)
        assert outcome == Refusal("AlreadyExpired", (until, now))
    backend.next_time(now)
    assert project.set_publisher(who[OWNER], NAME, who[HEIR], now + 1).time == now


def test_a_revoked_publisher_stops_at_once(project: Registry) -> None:
    who = project.backend.accounts
    project.set_publisher(who[OWNER], NAME, who[PUBLISHER], 0)
    refusal = project.refusal(who[PUBLISHER], "append", NAME, 1, b"")
    assert refusal == Refusal("NotPublisher", (who[PUBLISHER], 0))
    project.assert_agrees()


def test_compromised_since_lies_in_the_last_30_days(project: Registry) -> None:
    who, backend = project.backend.accounts, project.backend
    owner, publisher = who[OWNER], who[PUBLISHER]
    now = backend.now() + 10
    for since in (1, now - 30 * DAY - 1, now + 1, FOR_EVER):
        backend.next_time(now)
        outcome = project.attempt(owner, "setPublisher", NAME, publisher, 0, since)
        assert outcome == Refusal("InvalidCompromisedSince", (since, now - 30 * DAY, now))
    for at, since in ((now, now - 30 * DAY), (now + 1, now + 1)):
        backend.next_time(at)
        assert project.set_publisher(owner, NAME, publisher, 0, since).time == at
    refusal = project.refusal(owner, "setPublisher", NAME, publisher, FOR_EVER, now)
    assert refusal == Refusal("NotARevocation", (FOR_EVER,))
    project.assert_agrees()


def test_senseless_roles_are_refused(project: Registry) -> None:
    owner = project.backend.accounts[OWNER]
    assert project.refusal(owner, "setPublisher", NAME, bytes(20), FOR_EVER, 0) == Refusal("ZeroAddress", ())
    assert project.refusal(owner, "setPublisher", NAME, owner, FOR_EVER, 0) == Refusal("OwnerIsNoPublisher", (owner,))


def test_ownership_moves_in_two_steps_and_publishers_lapse(project: Registry) -> None:
    who = project.backend.accounts
    project.transfer(who[OWNER], NAME, who[HEIR])
    assert project.call("offeredTo", NAME) == (who[HEIR],)
    project.append(who[OWNER], NAME, 0x40, b"an offer changes nothing")
    assert project.refusal(who[STRANGER], "acceptProject", NAME) == Refusal("NotOffered", (who[STRANGER], who[HEIR]))
    project.accept(who[HEIR], NAME)
    project.append(who[HEIR], NAME, 0x40, b"the new owner")
    assert project.refusal(who[OWNER], "append", NAME, 1, b"") == Refusal("NotPublisher", (who[OWNER], 0))
    assert project.refusal(who[PUBLISHER], "append", NAME, 1, b"") == Refusal("NotPublisher", (who[PUBLISHER], 0))
    assert project.refusal(who[HEIR], "acceptProject", NAME) == Refusal("NotOffered", (who[HEIR], bytes(20)))
    project.set_publisher(who[HEIR], NAME, who[OWNER], FOR_EVER)
    project.append(who[OWNER], NAME, 1, b"as a publisher now")
    project.assert_agrees()


def test_a_new_owner_may_withdraw_what_the_former_one_released_in_the_last_30_days(project: Registry) -> None:
    who, backend = project.backend.accounts, project.backend
    former, heir = who[OWNER], who[HEIR]
    first = project.append(former, NAME, 1, release_payload(["some_project-1.tar.gz"])).time
    second = first + 1
    backend.next_time(second)
    project.append(former, NAME, 1, release_payload(["some_project-2.tar.gz"]))
    project.transfer(former, NAME, heir)
    project.accept(heir, NAME)
    backend.next_time(second + 30 * DAY)
    revocation = project.set_publisher(heir, NAME, former, 0, second)
    backend.next_time(revocation.time + 1)
    outcome = project.attempt(heir, "setPublisher", NAME, former, 0, second)
    assert outcome == Refusal("InvalidCompromisedSince", (second, second + 1, revocation.time + 1))
    folded = fold_project(ProjectName(NAME), [parse_blob(blob) for blob in project.model.entries(NAME)])
    assert [file.version for file in folded.files] == ["1"]
    assert [(note.code, note.filename) for note in folded.notes] == [("withdrawn", "some_project-2.tar.gz")]
    project.assert_agrees()


def test_an_offer_can_be_replaced_and_withdrawn(project: Registry) -> None:
    who = project.backend.accounts
    project.transfer(who[OWNER], NAME, who[STRANGER])
    project.transfer(who[OWNER], NAME, who[HEIR])
    refusal = project.refusal(who[STRANGER], "acceptProject", NAME)
    assert refusal == Refusal("NotOffered", (who[STRANGER], who[HEIR]))
    project.transfer(who[OWNER], NAME, bytes(20))
    for account in (who[HEIR], bytes(20)):
        assert project.refusal(account, "acceptProject", NAME) == Refusal("NotOffered", (account, bytes(20)))
    project.assert_agrees()


def test_a_transfer_to_oneself_revokes_every_publisher(project: Registry) -> None:
    who = project.backend.accounts
    project.transfer(who[OWNER], NAME, who[OWNER])
    project.accept(who[OWNER], NAME)
    assert project.call("publisherUntil", NAME, who[PUBLISHER]) == (0,)
    project.append(who[OWNER], NAME, 1, b"x")
    project.assert_agrees()
