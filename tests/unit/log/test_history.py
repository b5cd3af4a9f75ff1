"""A log as people read it: who may publish, who it is offered to, and what became of each entry."""

from dipmp_lib.log.blob import Blob
from dipmp_lib.log.history import history, offered_to, publishers
from dipmp_lib.log.log import Log, Slot
from tests.support.files.logs import DAY, OWNER_KEY, PUBLISHER, START, STRANGER, ProjectLog, registry_log

REGISTRY = bytes.fromhex("ee" * 20)


def as_log(log: ProjectLog, chain_id: int = 1) -> Log:
    slot = Slot(OWNER_KEY, len(log.blobs), log.nonce, 0, 0)
    return Log(log.name, slot, log.head(chain_id, REGISTRY), tuple(log.blobs))


# ---- roles


def test_the_last_word_on_a_publisher_counts() -> None:
    log = ProjectLog("foo")
    log.role(PUBLISHER, until=START + DAY)
    log.role(STRANGER, until=START + DAY)
    log.role(PUBLISHER, until=START + 9 * DAY)
    log.role(STRANGER, compromised_since=START)
    stranger, publisher = sorted(publishers(log.blobs), key=lambda each: -each.entry)
    assert (publisher.address, publisher.until, publisher.entry) == (PUBLISHER, START + 9 * DAY, 3)
    assert (publisher.state(START), publisher.state(START + 9 * DAY)) == ("active", "expired")
    assert (stranger.address, stranger.state(START), stranger.compromised_since) == (STRANGER, "revoked", START)


def test_all_publishers_lapse_when_a_project_changes_hands() -> None:
    log = ProjectLog("foo")
    log.role(PUBLISHER, until=START + DAY)
    log.owner(0, STRANGER)
    assert [each.address for each in publishers(log.blobs)] == [PUBLISHER]
    log.owner(1, STRANGER)
    assert publishers(log.blobs) == ()
    log.role(PUBLISHER, until=START + DAY)
    assert len(publishers(log.blobs)) == 1


def test_offers() -> None:
    log = ProjectLog("foo")
    assert offered_to(log.blobs) is None
    log.owner(0, STRANGER)
    assert offered_to(log.blobs) == STRANGER
    log.owner(0, PUBLISHER)
    assert offered_to(log.blobs) == PUBLISHER
    log.owner(0, bytes(20))
    assert offered_to(log.blobs) is None
    log.owner(0, PUBLISHER)
    log.owner(1, PUBLISHER)
    assert offered_to(log.blobs) is None


def test_offers_of_a_registry_survive_its_guardian() -> None:
    blobs = registry_log(["foo"])
    blobs.append(Blob(0x81, 0, OWNER_KEY, START, bytes(6) + b"\x00" + STRANGER))
    blobs.append(Blob(0x81, 0, PUBLISHER, START, bytes(6) + b"\x02" + PUBLISHER))
    assert offered_to(blobs, registry_log=True) == STRANGER


def test_what_cannot_be_read_is_passed_over() -> None:
    log = ProjectLog("foo")
    log.append(0x7F, b"")
    log.append(0x82, b"short")
    log.role(PUBLISHER, until=START + DAY)
    assert len(publishers(log.blobs)) == 1


# ---- history


def test_every_entry_with_its_place_and_notes() -> None:
    log = ProjectLog("foo")
    log.release("foo-1.0.tar.gz", "bar-1.0.tar.gz")
    log.yank(1, reason="broken")
    log.append(0x3F, b"\x00")
    events = history(as_log(log))
    assert [(event.number, event.nonce, event.kind) for event in events] == [
        (0, 1, 0x80),
        (1, 2, 0x01),
        (2, 3, 0x20),
        (3, 4, 0x3F),
    ]
    assert [[note.code for note in event.notes] for event in events] == [[], ["other-project"], [], ["unknown-kind"]]
    assert (events[1].actor, events[3].entry) == (OWNER_KEY, None)


def test_a_registry_log_has_its_own_chain_of_nonces() -> None:
    blobs = registry_log(["a", "b", "c"])
    held = Log("", Slot(OWNER_KEY, 3, 3, 0, 0), bytes(32), tuple(blobs))
    assert [event.nonce for event in history(held)] == [1, 2, 3]
