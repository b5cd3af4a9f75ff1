"""Status bits: seven of the owner's, one of the guardian's, and what they close."""

import pytest

from tests.contract.backends import Backend
from tests.contract.harness import Refusal, Registry

NAME = "some-project"
OWNER, PUBLISHER, GUARDIAN, STRANGER = range(1, 5)
LIMIT = 512


@pytest.fixture
def project(backend: Backend) -> Registry:
    """A project with a publisher, in a registry with a guardian."""
    who = backend.accounts
    registry = Registry(backend, guardian=who[GUARDIAN])
    registry.claim(who[OWNER], NAME, who[OWNER])
    registry.set_publisher(who[OWNER], NAME, who[PUBLISHER], 2**40 - 1)
    return registry


def status_of(project: Registry) -> int:
    slot_a = project.call("read", NAME, 0, 0, 0)[0]
    return int(slot_a >> 240) & 0xFF


def test_owner_and_guardian_keep_to_their_bits(project: Registry) -> None:
    who = project.backend.accounts
    project.set_status(who[OWNER], NAME, 0x02, "use another")
    project.quarantine(who[GUARDIAN], NAME, True, "malware in 1.2")
    assert status_of(project) == 0x82
    project.set_status(who[OWNER], NAME, 0x7F)
    project.quarantine(who[GUARDIAN], NAME, True)
    assert status_of(project) == 0xFF
    project.quarantine(who[GUARDIAN], NAME, False, "cleaned up")
    project.set_status(who[OWNER], NAME, 0)
    assert status_of(project) == 0
    project.assert_agrees()
    reasons = [blob[33:] for blob in project.model.entries(NAME)[2:4]]
    assert reasons == [b"\x02use another", b"\x82malware in 1.2"]


def test_nobody_else_sets_them(project: Registry) -> None:
    who = project.backend.accounts
    for account in (who[PUBLISHER], who[GUARDIAN], who[STRANGER], project.owner):
        assert project.refusal(account, "setStatus", NAME, 1, "") == Refusal("NotOwner", (account, who[OWNER]))
    for account in (who[OWNER], who[PUBLISHER], who[STRANGER], project.owner):
        refused = Refusal("NotGuardian", (account, who[GUARDIAN]))
        assert project.refusal(account, "quarantine", NAME, True, "") == refused
        assert project.refusal(account, "resignGuardian") == refused
    for status in (0x80, 0xFF):
        assert project.refusal(who[OWNER], "setStatus", NAME, status, "") == Refusal("InvalidStatus", (status,))


@pytest.mark.parametrize("status", [0x01, 0x80, 0x81])
def test_no_releases_while_archived_or_quarantined(project: Registry, status: int) -> None:
    who = project.backend.accounts
    project.set_status(who[OWNER], NAME, status & 0x7F)
    project.quarantine(who[GUARDIAN], NAME, status >= 0x80)
    for account in (who[OWNER], who[PUBLISHER]):
        for kind in (0x01, 0x1F):
            assert project.refusal(account, "append", NAME, kind, b"") == Refusal("ReleasesClosed", (status,))
        project.append(account, NAME, 0x20, b"yanks go on")
    project.append(who[OWNER], NAME, 0x40, b"and what the owner alone appends")
    stranger = who[STRANGER]
    assert project.refusal(stranger, "append", NAME, 1, b"") == Refusal("NotPublisher", (stranger, 0))
    project.set_status(who[OWNER], NAME, 0x02)
    project.quarantine(who[GUARDIAN], NAME, False)
    project.append(who[PUBLISHER], NAME, 0x01, b"deprecated projects take releases")
    project.assert_agrees()


def test_a_reason_has_512_bytes(project: Registry) -> None:
    who = project.backend.accounts
    project.set_status(who[OWNER], NAME, 1, "é" * (LIMIT // 2))
    for account, function, value in ((who[OWNER], "setStatus", 1), (who[GUARDIAN], "quarantine", True)):
        refusal = project.refusal(account, function, NAME, value, "x" * (LIMIT + 1))
        assert refusal == Refusal("ReasonTooLong", (LIMIT + 1, LIMIT))
    project.assert_agrees()


def test_the_guardian_resigns_for_ever_and_the_registry_log_says_so(project: Registry) -> None:
    who = project.backend.accounts
    guardian = who[GUARDIAN]
    project.quarantine(guardian, NAME, True)
    project.resign_guardian(guardian)
    assert project.call("guardian") == (bytes(20),)
    gone = Refusal("NotGuardian", (guardian, bytes(20)))
    assert project.refusal(guardian, "quarantine", NAME, False, "") == gone
    assert project.refusal(guardian, "resignGuardian") == gone
    assert project.model.entries("")[-1][33:] == (1).to_bytes(6, "big") + b"\x02" + guardian
    project.assert_agrees()


def test_a_registry_without_a_guardian_has_none(registry: Registry) -> None:
    registry.claim(registry.owner, NAME, registry.owner)
    for account in (registry.owner, bytes(20)):
        refused = Refusal("NotGuardian", (account, bytes(20)))
        assert registry.refusal(account, "quarantine", NAME, True, "") == refused
        assert registry.refusal(account, "resignGuardian") == refused
