"""Notes of the fold: bounded per entry, printable, and which codes make a page incomplete."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dipmp_lib.log.limits import MAX_ENTRY_NOTES
from dipmp_lib.log.notes import INCOMPLETE, FoldNotes
from dipmp_lib.model.filenames import MAX_FILENAME


def test_notes_come_in_the_order_in_which_they_were_added() -> None:
    notes = FoldNotes()
    notes.add(0, "no-claim")
    notes.add(2, "bad-size", "b", "too large")
    notes.add(2, "bad-size", "a", "too small")
    found = [(note.entry, note.code, note.filename, note.detail) for note in notes.result()]
    assert found == [(0, "no-claim", "", ""), (2, "bad-size", "b", "too large"), (2, "bad-size", "a", "too small")]


@pytest.mark.parametrize(
    ("count", "left_out"), [(1, 0), (MAX_ENTRY_NOTES, 0), (MAX_ENTRY_NOTES + 1, 1), (4_096, 4_032)]
)
def test_one_entry_has_so_many_notes_and_one_that_counts_the_rest(count: int, left_out: int) -> None:
    notes = FoldNotes()
    for entry in (3, 4):
        for _ in range(count):
            notes.add(entry, "bad-filename")
    for entry in (3, 4):
        found = [note for note in notes.result() if note.entry == entry]
        assert [note.code for note in found].count("bad-filename") == min(count, MAX_ENTRY_NOTES)
        assert [note.detail for note in found if note.code == "more"] == (
            [f"{left_out} more notes about this entry"] if left_out else []
        )


@pytest.mark.parametrize("code", sorted(INCOMPLETE))
def test_what_a_reader_cannot_read_makes_the_page_incomplete(code: str) -> None:
    notes = FoldNotes()
    notes.add(0, "bad-filename")
    assert not notes.incomplete
    notes.add(0, code)
    notes.add(1, "bad-filename")
    assert notes.incomplete


def test_a_note_that_is_left_out_makes_the_page_incomplete_all_the_same() -> None:
    notes = FoldNotes()
    for _ in range(MAX_ENTRY_NOTES):
        notes.add(0, "bad-filename")
    notes.add(0, "unknown-kind")
    assert notes.incomplete


@given(st.text(alphabet=st.characters(codec=None, categories=None), max_size=400), st.text(max_size=400))
def test_file_names_are_printable_ascii_and_everything_is_bounded(filename: str, detail: str) -> None:
    notes = FoldNotes()
    notes.add(0, "bad-filename", filename, detail)
    [note] = notes.result()
    assert len(note.filename) == min(len(filename), MAX_FILENAME)
    assert all(" " <= character <= "~" for character in note.filename)
    assert detail.startswith(note.detail)
    assert len(note.detail) <= 300
