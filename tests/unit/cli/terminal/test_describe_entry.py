"""Log entries in words, whatever the texts in them are."""

from hypothesis import given
from hypothesis import strategies as st

from dipmp_cli.terminal.describe_entry import describe, kind_name
from dipmp_lib.log.entries import OwnerStep, Release, StatusChange, Yank
from dipmp_lib.log.history import history
from dipmp_lib.log.log import Log, Slot
from dipmp_lib.model.names import checksum_address
from tests.support.files.logs import OWNER_KEY, PUBLISHER, START, STRANGER, ProjectLog


def described(log: ProjectLog) -> list[str]:
    slot = Slot(OWNER_KEY, len(log.blobs), log.nonce, 0, 0)
    events = history(Log(log.name, slot, bytes(32), tuple(log.blobs)))
    return [f"{kind_name(event.kind)} {describe(event.entry)}" for event in events]


def test_entries_in_words() -> None:
    owner, stranger, publisher = (checksum_address(each) for each in (OWNER_KEY, STRANGER, PUBLISHER))
    log = ProjectLog("foo")
    log.release("foo-1.0.tar.gz", "foo-1.0-py3-none-any.whl", requires_python=">=3.8")
    log.yank(1, "foo-1.0.tar.gz", reason="broken\x1b[31m")
    log.yank("foo-1.0.tar.gz", reason="broken")
    log.yank(1, yanked=False)
    log.role(PUBLISHER, until=START)
    log.role(PUBLISHER)
    log.role(PUBLISHER, compromised_since=START)
    log.owner(0, STRANGER)
    log.owner(0, bytes(20))
    log.owner(1, STRANGER)
    log.owner(9, STRANGER)
    log.status(0x81, "malware")
    log.append(0x7F, b"")
    when = "2023-11-14 22:13:20 UTC"
    assert described(log) == [
        f"CLAIM claims foo for {owner}",
        "RELEASE releases 2 files, for Python >=3.8: foo-1.0.tar.gz, foo-1.0-py3-none-any.whl",
        "YANK yanks entry 1, foo-1.0.tar.gz",
        "YANK yanks foo-1.0.tar.gz: broken",
        "YANK unyanks entry 1",
        f"ROLE {publisher} may publish until {when}",
        f"ROLE revokes {publisher}",
        f"ROLE revokes {publisher}, whose key was compromised since {when}",
        f"OWNER is offered to {stranger}",
        "OWNER the offer is withdrawn",
        f"OWNER belongs to {stranger}, who accepted it",
        f"OWNER step 9 of {stranger}",
        "STATUS the status is quarantined (0x81): malware",
        "0x7f cannot be read by this version of dipmp",
    ]


def test_many_hostile_file_names_stay_short_and_printable() -> None:
    log = ProjectLog("foo")
    log.release(*[f"\x1b[31m{number}" + "x" * 300 for number in range(50)])
    text = described(log)[1]
    assert text.isprintable()
    assert text.endswith(" and 42 more")
    assert len(text) < 2_000


def test_the_guardian_resigns() -> None:
    assert describe(OwnerStep(2, OWNER_KEY)) == f"the guardian {checksum_address(OWNER_KEY)} resigned"


@given(st.text(), st.text())
def test_any_text_stays_on_one_line(reason: str, target: str) -> None:
    for entry in (StatusChange(1, reason), Yank((target, 3), yanked=True, reason=reason), Release(reason, ())):
        assert describe(entry).isprintable()
