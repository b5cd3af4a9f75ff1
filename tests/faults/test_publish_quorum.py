"""Pinners that fail, hang or are interrupted: a quorum of the others is enough, and no error is hidden."""

import threading
from collections.abc import Callable, Iterator

import pytest

from dipmp_lib.errors import PinnerError, PinnerRefused, PublishError
from dipmp_lib.ipfs.cid import Cid
from dipmp_lib.publish.quorum import pin_all
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


def test_P7_one_may_fail_where_enough_are_left() -> None:
    chosen, reporter = pinners("a", "b", "c"), Recorder()
    chosen[1].failure = PinnerRefused("b answered 401")
    pin(chosen, 2, reporter=reporter)
    assert reporter.notes == ["b does not have everything, but 2 others do: b answered 401"]
    assert len(reporter.ended) == 2


def test_P7_too_few_stop_it_and_name_each_reason() -> None:
    chosen, reporter = pinners("a", "b"), Recorder()
    chosen[0].failure = PinnerRefused("a answered 401: no", hint="check the credentials of a")
    chosen[1].failure = PinnerError("b keeps X instead of Y", hint="publish without b")
    with pytest.raises(
        PinnerError, match=r"kept by .* of the 2 pinners that are needed, so nothing was written"
    ) as caught:
        pin(chosen, 2, reporter=reporter)
    assert not isinstance(caught.value, PinnerRefused)
    assert reporter.ended == []


def test_P7_refused_by_all_is_refused() -> None:
    [only] = pinners("a")
    only.failure = PinnerRefused("a answered 401: no", hint="check the credentials of a")
    with pytest.raises(
        PinnerRefused, match=r"is kept by no pinner, so nothing was written on chain: a answered 401"
    ) as it:
        pin([only], 1)
    assert it.value.hint == "check the credentials of a"


def test_P7_a_failure_that_decides_waits_for_nobody() -> None:
    never = threading.Event()

    class Slow(FakePinner):
        def pin(self, root: Cid, archive: Archive, size: int) -> None:
            never.wait(HANGS)

    [failing] = pinners("a")
    failing.failure = PinnerError("a is full")
    with pytest.raises(PinnerError, match="a is full"):
        pin([Slow(name="slow"), failing], 2)
    never.set()


def test_P7_one_that_fetches_does_not_wait_for_nobody() -> None:
    pin([FakePinner(name="fetcher", fetches=True)], 1)
    failing = FakePinner(name="sender", failure=PinnerError("sender is full"))
    with pytest.raises(PinnerError, match=r"sender is full|no other pinner has"):
        pin([FakePinner(name="fetcher", fetches=True), failing], 1)


def test_P7_a_changed_file_stops_all() -> None:
    chosen = pinners("a", "b", "c")
    chosen[2].failure = PublishError("a file changed after it was hashed")
    with pytest.raises(PublishError, match="changed"):
        pin(chosen, 1)


def test_P7_a_bug_is_not_hidden() -> None:
    class Broken(FakePinner):
        def pin(self, root: Cid, archive: Archive, size: int) -> None:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        pin([Broken(name="broken"), FakePinner(name="a")], 1)


def test_P7_what_is_noted_is_not_sent_again() -> None:
    notes, chosen = MemoryPinNotes(), pinners("a", "b")
    chosen[1].failure = PinnerError("b is full")
    with pytest.raises(PinnerError):
        pin(chosen, 2, notes)
    chosen[1].failure = None
    sent = len(chosen[0].roots)
    reporter = Recorder()
    pin(chosen, 2, notes, reporter)
    assert len(chosen[0].roots) <= max(sent, 2)
    assert set(reporter.done.values()) == {TOTAL}
    before = [len(each.roots) for each in chosen]
    pin(chosen, 2, notes)
    assert [len(each.roots) for each in chosen] == before


def test_an_interrupt_stops_the_uploads(monkeypatch: pytest.MonkeyPatch) -> None:
    started, ended = threading.Event(), threading.Event()

    class Endless(FakePinner):
        def pin(self, root: Cid, archive: Archive, size: int) -> None:
            started.set()
            try:
                while True:
                    list(archive())
            finally:
                ended.set()

    def interrupted(_self: threading.Thread, _timeout: float | None = None) -> None:
        started.wait(HANGS)
        raise KeyboardInterrupt

    join = threading.Thread.join
    monkeypatch.setattr(threading.Thread, "join", interrupted)
    with pytest.raises(KeyboardInterrupt):
        pin([Endless(name="a")], 1)
    monkeypatch.setattr(threading.Thread, "join", join)
    assert ended.wait(HANGS)
