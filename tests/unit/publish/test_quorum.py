# ruff: noqa: N802 - names begin with the ids of the cases
"""Several pinners at once: each gets everything, they wait for each other where they must, and notes spare uploads."""

import threading
from collections.abc import Callable, Iterator

import pytest

from dipmp_lib.errors import PinnerError
from dipmp_lib.ipfs.cid import Cid
from dipmp_lib.publish.quorum import Quorum, StoppedError, pin_all
from dipmp_lib.transactions.journal import MemoryPinNotes
from tests.support.fakes.publishing import FakePinner
from tests.support.fakes.uploads import Recorder, upload
from tests.support.waiting import HANGS

FILES = [upload(b"one", "one.whl"), upload(b"two" * 100, "two.whl")]
TOTAL = sum(file.car_size for file in FILES)
Archive = Callable[[], Iterator[bytes]]


def pinners(*names: str) -> list[FakePinner]:
    return [FakePinner(name=name, operator=f"{name}.example") for name in names]


def pin(
    chosen: list[FakePinner], required: int, notes: MemoryPinNotes | None = None, reporter: Recorder | None = None
) -> None:
    pin_all(FILES, chosen, reporter or Recorder(), required=required, notes=notes or MemoryPinNotes())


def test_P7_every_pinner_gets_everything() -> None:
    chosen, reporter = pinners("a", "b", "c"), Recorder()
    pin(chosen, 2, reporter=reporter)
    assert all(set(each.roots) == {file.root for file in FILES} for each in chosen)
    assert sorted(reporter.ended) == [f"Pinning 2 files ({name})" for name in "abc"]
    assert set(reporter.done.values()) == set(reporter.totals.values()) == {TOTAL}
    assert reporter.notes == []


def test_P7_they_work_at_the_same_time() -> None:
    barrier = threading.Barrier(3, timeout=HANGS)

    class Meeting(FakePinner):
        def pin(self, root: Cid, archive: Archive, size: int) -> None:
            barrier.wait()
            super().pin(root, archive, size)

    pin([Meeting(name=name) for name in "abc"], 3)


def test_P7_a_pinner_that_is_given_twice_counts_once() -> None:
    same = FakePinner(name="a")
    with pytest.raises(PinnerError, match="1 of the 2"):
        pin([same, same], 2)


def test_P7_one_that_fetches_waits_for_one_that_has() -> None:
    events: list[str] = []
    sender = FakePinner(events, name="sender")
    fetcher = FakePinner(events, name="fetcher", fetches=True)
    pin([fetcher, sender], 2)
    for file in FILES:
        first, second = (index for index, event in enumerate(events) if event == f"pin {file.root}")
        assert first < second


def test_P8_what_is_listed_already_is_sent_whatever_the_notes_say() -> None:
    notes, [a] = MemoryPinNotes(), pinners("a")
    listed = [upload(b"one", "one.whl", listed=True)]
    for _ in range(2):
        pin_all(listed, [a], Recorder(), required=1, notes=notes)
    assert len(a.roots) == 2


def test_P8_what_a_node_of_ones_own_network_once_had_is_sent_again() -> None:
    notes, own = MemoryPinNotes(), FakePinner(name="kubo:http://127.0.0.1:5001", operator="")
    for _ in range(2):
        pin([own], 1, notes)
    assert len(own.roots) == 4


def test_P7_progress_starts_again_with_the_archive() -> None:
    class Twice(FakePinner):
        def pin(self, root: Cid, archive: Archive, size: int) -> None:
            list(archive())
            super().pin(root, archive, size)

    reporter = Recorder()
    pin([Twice(name="a")], 1, reporter=reporter)
    assert reporter.done == {"Pinning 2 files (a)": TOTAL}


def test_a_quorum_is_unreachable_when_too_few_are_left() -> None:
    a, b, c = pinners("a", "b", "c")
    quorum = Quorum(FILES, [a, b, c], 2)
    quorum.failed(a, PinnerError("a is full"))
    assert not quorum.unreachable
    quorum.failed(b, PinnerError("b is full"))
    assert quorum.unreachable
    assert set(quorum.failures) == {"a", "b"}


def test_a_pinner_that_failed_late_still_counts_for_what_it_keeps() -> None:
    a, b = pinners("a", "b")
    quorum = Quorum(FILES[:1], [a, b], 2)
    quorum.pinned(a, FILES[0])
    quorum.failed(a, PinnerError("a is full"))
    assert not quorum.unreachable
    quorum.pinned(b, FILES[0])
    assert quorum.count(FILES[0]) == 2


def test_an_error_that_is_no_pinners_ends_it() -> None:
    a, b = pinners("a", "b")
    quorum = Quorum(FILES, [a, b], 1)
    quorum.failed(a, ZeroDivisionError())
    assert quorum.unreachable
    assert isinstance(quorum.fatal, ZeroDivisionError)
    assert quorum.failures == {}


def test_being_stopped_is_no_failure() -> None:
    [a] = pinners("a")
    quorum = Quorum(FILES, [a], 1)
    quorum.check()
    quorum.stop()
    with pytest.raises(StoppedError) as caught:
        quorum.check()
    quorum.failed(a, caught.value)
    assert (quorum.failures, quorum.fatal) == ({}, None)


def test_one_that_fetches_has_no_source_when_all_senders_ended() -> None:
    sender, fetcher = FakePinner(name="sender"), FakePinner(name="fetcher", fetches=True)
    quorum = Quorum(FILES, [sender, fetcher], 1)
    quorum.failed(sender, PinnerError("sender is full"))
    with pytest.raises(PinnerError, match=r"no other pinner has one\.whl"):
        quorum.wait_for_source(FILES[0])
    quorum.pinned(sender, FILES[0])
    quorum.wait_for_source(FILES[0])
