"""Verified logs: their storage slot, which of two extends the other, and what they fold to."""

from hypothesis import given
from hypothesis import strategies as st

from dipmp_lib.log.log import Slot, pack_slot, parse_slot, project_list_of, project_of
from dipmp_lib.model.names import ProjectName
from dipmp_lib.model.pages import Status
from tests.support.files.logs import OWNER_KEY, ProjectLog, registry_log
from tests.support.files.stored_logs import AT, held, make_log


@given(
    st.binary(min_size=20, max_size=20),
    st.integers(0, 2**32 - 1),
    st.integers(0, 2**48 - 1),
    st.integers(0, 255),
    st.integers(0, 255),
)
def test_slots_round_trip(owner: bytes, count: int, last: int, status: int, epoch: int) -> None:
    slot = Slot(owner, count, last, status, epoch)
    assert parse_slot(pack_slot(slot)) == slot


def test_extending() -> None:
    assert make_log(5).extends(make_log(3))
    assert not make_log(5).extends(make_log(5))
    assert not make_log(3).extends(make_log(5))
    assert not make_log(5).extends(make_log(3, tag=b"x"))


def test_slots_are_unpacked_from_the_lowest_bit() -> None:
    word = int.from_bytes(b"\x07" + b"\x05" + (9).to_bytes(6, "big") + (300).to_bytes(4, "big") + OWNER_KEY, "big")
    assert parse_slot(word) == Slot(OWNER_KEY, 300, 9, 5, 7)
    assert parse_slot(2**256 - 1) == Slot(b"\xff" * 20, 2**32 - 1, 2**48 - 1, 255, 255)
    assert parse_slot(0) == Slot(bytes(20), 0, 0, 0, 0)


def test_a_project_has_the_slot_of_its_log_and_the_files_of_its_entries() -> None:
    made = ProjectLog("foo")
    made.release("foo-1.0.tar.gz", "bar-1.0.tar.gz")
    made.status(0x02, "old")
    log = held("foo", made.blobs, made.nonce)
    project = project_of(AT, log)
    assert (project.registry, project.name, project.head, project.count) == (AT, "foo", log.head, 3)
    assert (project.owner, project.status, project.status_reason) == (OWNER_KEY, Status.DEPRECATED, "old")
    assert [file.filename for file in project.files] == ["foo-1.0.tar.gz"]
    assert [note.code for note in project.notes] == ["other-project"]
    assert not project.incomplete


def test_a_project_list_has_the_claimed_names() -> None:
    log = held("", [*registry_log(["foo", "bar"]), make_log(1).blobs[0]], 3)
    listed = project_list_of(AT, log)
    assert (listed.registry, listed.head, listed.count) == (AT, log.head, 3)
    assert listed.names == (ProjectName("bar"), ProjectName("foo"))
    assert [(note.entry, note.code) for note in listed.notes] == [(2, "duplicate-claim")]
