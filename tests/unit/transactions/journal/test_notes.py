"""Notes of pins: shared by processes, forgotten after a day, and never in the way."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

from dipmp_lib.transactions.journal import FilePinNotes, MemoryPinNotes


def test_notes_are_shared(tmp_path: Path) -> None:
    mine, others = FilePinNotes(tmp_path / "state"), FilePinNotes(tmp_path / "state")
    assert not mine.known("pin a")
    assert not (tmp_path / "state").exists()
    mine.keep("pin a", {"pinner": "kubo"})
    others.keep("pin b", {})
    assert mine.known("pin a")
    assert FilePinNotes(tmp_path / "state").known("pin b")
    assert not others.known("pin c")


def test_notes_of_several_programs_stand_in_one_file(tmp_path: Path) -> None:
    one, other = FilePinNotes(tmp_path), FilePinNotes(tmp_path)
    for number in range(5):
        one.keep(f"one {number}", {})
        other.keep(f"other {number}", {})
    assert all(FilePinNotes(tmp_path).known(f"{who} {number}") for who in ("one", "other") for number in range(5))
    (tmp_path / "notes.jsonl").write_bytes(b"")
    one.keep("after somebody emptied it", {})
    assert FilePinNotes(tmp_path).known("after somebody emptied it")


def test_threads_that_look_at_once_see_the_same_notes(tmp_path: Path) -> None:
    FilePinNotes(tmp_path).keep("pin a", {})
    start = Barrier(4)

    def look(notes: FilePinNotes) -> bool:
        start.wait()
        return notes.known("pin a")

    with ThreadPoolExecutor(4) as threads:
        rounds = [list(threads.map(look, [FilePinNotes(tmp_path)] * 4)) for _ in range(50)]
    assert rounds == [[True] * 4] * 50


def test_damaged_notes_are_begun_anew(tmp_path: Path) -> None:
    (tmp_path / "notes.jsonl").write_bytes(b"garbage\n")
    notes = FilePinNotes(tmp_path)
    assert not notes.known("a")
    notes.keep("a", {})
    assert FilePinNotes(tmp_path).known("a")


def test_a_note_holds_for_a_day(tmp_path: Path) -> None:
    now = 1_700_000_000.0
    FilePinNotes(tmp_path, lambda: now).keep("a", {})
    assert FilePinNotes(tmp_path, lambda: now + 86_399).known("a")
    assert not FilePinNotes(tmp_path, lambda: now + 86_400).known("a")


def test_a_note_that_cannot_be_written_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    notes = FilePinNotes(tmp_path / "file" / "state")
    notes.keep("a", {})
    assert notes.known("a")
    assert not FilePinNotes(tmp_path / "file" / "state").known("a")


def test_notes_in_memory_can_be_looked_at() -> None:
    notes = MemoryPinNotes()
    facts = {"what": "demo.whl"}
    assert not notes.known("pin a")
    notes.keep("pin a", facts)
    facts["what"] = "changed afterwards"
    assert notes.known("pin a")
    assert not notes.known("pin")
    assert notes.facts == {"pin a": {"what": "demo.whl"}}
