"""Publishing at once: one publish at a time, the same bytes once, and results that are true."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from dipmp_lib.distributions import Distribution
from dipmp_lib.errors import Conflict, GatewayError, InvalidDistribution, TransactionError
from dipmp_lib.publish import Plan
from dipmp_lib.publish.bridge.upload_sink import UploadState
from tests.support.files.wheels import build_sdist, build_wheel
from tests.support.systems.bridge import Gate, MemoryPublisher, TestBridge, at_once, upload_form
from tests.support.waiting import HANGS


def dist(path: Path) -> Distribution:
    return Distribution.from_path(path)


def wait_until(condition: object, seconds: float = 60.0) -> None:
    tick = threading.Event()
    for _ in range(int(seconds * 100)):
        if callable(condition) and condition():
            return
        tick.wait(0.01)
    raise AssertionError("it did not come to that")


def test_what_arrives_during_a_publish_goes_into_the_next_one_together(tmp_path: Path) -> None:
    publisher, gate = MemoryPublisher(), Gate()
    publisher.before = gate
    sink = at_once(publisher)
    first = dist(build_wheel(tmp_path, "first"))
    later = [dist(build_wheel(tmp_path, "later", tag=f"py3-none-{tag}")) for tag in ("linux", "win32", "any")]
    with ThreadPoolExecutor() as pool:
        one = pool.submit(sink.take, first)
        assert gate.reached.wait(HANGS)
        others = [pool.submit(sink.take, each) for each in later]
        wait_until(lambda: len(sink._waiting) == 4)
        gate.opened.set()
        assert one.result(HANGS).state is UploadState.PUBLISHED
        assert {other.result(HANGS).state for other in others} == {UploadState.PUBLISHED}
    assert [len(made.additions) for made in publisher.carried_out] == [1, 3]
    assert publisher.transactions == 2


def test_the_same_bytes_twice_at_once_are_one_publish(tmp_path: Path) -> None:
    publisher, gate = MemoryPublisher(), Gate()
    publisher.before = gate
    bridge = TestBridge(tmp_path / "uploads", publisher)
    body = upload_form(build_wheel(tmp_path / "dist"))
    with ThreadPoolExecutor() as pool:
        answers = [pool.submit(bridge.post, body) for _ in range(3)]
        assert gate.reached.wait(HANGS)
        wait_until(lambda: len(list(bridge.folder.iterdir())) == 3)
        gate.opened.set()
        results = [answer.result(HANGS) for answer in answers]
    assert [result.status for result in results] == [200] * 3
    assert publisher.transactions == 1


def test_of_two_files_of_one_name_the_first_wins_and_the_other_is_told(tmp_path: Path) -> None:
    publisher, gate = MemoryPublisher(), Gate()
    publisher.before = gate
    sink = at_once(publisher)
    blocker = dist(build_wheel(tmp_path, "blocker"))
    one = dist(build_wheel(tmp_path / "one", payload=b"1"))
    two = dist(build_wheel(tmp_path / "two", payload=b"2"))
    with ThreadPoolExecutor() as pool:
        pool.submit(sink.take, blocker)
        assert gate.reached.wait(HANGS)
        first = pool.submit(sink.take, one)
        wait_until(lambda: len(sink._waiting) == 2)
        second = pool.submit(sink.take, two)
        wait_until(lambda: len(sink._waiting) == 3)
        gate.opened.set()
        assert first.result(HANGS).state is UploadState.PUBLISHED
        with pytest.raises(Conflict, match="other bytes"):
            second.result(HANGS)


def test_one_refused_file_of_a_batch_takes_no_other_with_it(tmp_path: Path) -> None:
    publisher = MemoryPublisher()
    sink = at_once(publisher)
    sink.take(dist(build_wheel(tmp_path / "old", "bad", payload=b"old")))
    gate = Gate()
    publisher.before = gate
    with ThreadPoolExecutor() as pool:
        blocker = pool.submit(sink.take, dist(build_wheel(tmp_path, "blocker")))
        assert gate.reached.wait(HANGS)
        good = pool.submit(sink.take, dist(build_wheel(tmp_path, "good")))
        bad = pool.submit(sink.take, dist(build_wheel(tmp_path, "bad")))
        wait_until(lambda: len(sink._waiting) == 3)
        gate.opened.set()
        assert {blocker.result(HANGS).state, good.result(HANGS).state} == {UploadState.PUBLISHED}
        with pytest.raises(Conflict):
            bad.result(HANGS)


def test_a_failure_is_everybodys_answer_and_nobodys_for_ever(tmp_path: Path) -> None:
    publisher = MemoryPublisher()
    sink = at_once(publisher)
    one = dist(build_wheel(tmp_path))

    def fail(_plan: Plan) -> None:
        raise GatewayError("no gateway delivers it")

    publisher.before = fail
    with pytest.raises(GatewayError):
        sink.take(one)
    assert not publisher.held
    publisher.before = lambda _plan: None
    assert sink.take(one).state is UploadState.PUBLISHED
    assert not publisher.held  # other commands may send with the key between uploads


def test_a_bug_leaves_nothing_waiting(tmp_path: Path) -> None:
    publisher = MemoryPublisher()
    sink = at_once(publisher)

    def fail(_plan: Plan) -> None:
        raise ZeroDivisionError

    publisher.before = fail
    with pytest.raises(ZeroDivisionError):
        sink.take(dist(build_wheel(tmp_path)))
    assert sink._waiting == []


def test_gathering_waits_for_more_of_the_release(tmp_path: Path) -> None:
    publisher = MemoryPublisher()
    waiting = threading.Event()
    more = threading.Event()

    def sleep(seconds: float) -> None:
        assert seconds == 3
        waiting.set()
        assert more.wait(HANGS)

    sink = at_once(publisher, gather=3, sleep=sleep)
    with ThreadPoolExecutor() as pool:
        one = pool.submit(sink.take, dist(build_wheel(tmp_path)))
        assert waiting.wait(HANGS)
        two = pool.submit(sink.take, dist(build_sdist(tmp_path)))
        wait_until(lambda: len(sink._waiting) == 2)
        more.set()
        assert [one.result(HANGS).state, two.result(HANGS).state] == [UploadState.PUBLISHED] * 2
    assert publisher.transactions == 1


def test_doubt_about_a_transaction_is_said(tmp_path: Path) -> None:
    publisher = MemoryPublisher()

    def fail(_plan: Plan) -> None:
        raise InvalidDistribution([("demo", "changed")])

    publisher.before = fail
    with pytest.raises(InvalidDistribution):
        at_once(publisher).take(dist(build_wheel(tmp_path)))

    def lost(_plan: Plan) -> None:
        from dipmp_lib.errors import RpcError

        raise RpcError("the node went away")

    publisher.before = lost
    with pytest.raises(TransactionError, match="may be on its way"):
        at_once(publisher).take(dist(build_wheel(tmp_path)))
