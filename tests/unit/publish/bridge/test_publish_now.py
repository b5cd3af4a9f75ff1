"""What becomes of files: one publish at a time, the same bytes once, nothing said that is not so."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from dipmp_lib.distributions import Distribution
from dipmp_lib.errors import Conflict, GatewayError, InvalidDistribution, TransactionError
from dipmp_lib.publish import Plan
from dipmp_lib.publish.bridge.collect_first import CollectFirst
from dipmp_lib.publish.bridge.upload_sink import AcceptedUpload, UploadState
from tests.support.files.wheels import build_sdist, build_wheel
from tests.support.systems.bridge import Gate, MemoryPublisher, TestBridge, at_once, upload_form


def dist(path: Path) -> Distribution:
    return Distribution.from_path(path)


def wait_until(condition: object, seconds: float = 10.0) -> None:
    tick = threading.Event()
    for _ in range(int(seconds * 100)):
        if callable(condition) and condition():
            return
        tick.wait(0.01)
    raise AssertionError("it did not come to that")


def test_what_arrives_during_a_publish_goes_into_the_next_one_together(tmp_path: Path) -> None:
    publisher, gate = MemoryPublisher(), Gate()
    publisher.before = gate
    intake = at_once(publisher)
    first = dist(build_wheel(tmp_path, "first"))
    later = [dist(build_wheel(tmp_path, "later", tag=f"py3-none-{tag}")) for tag in ("linux", "win32", "any")]
    with ThreadPoolExecutor() as pool:
        one = pool.submit(intake.take, first)
        assert gate.reached.wait(10)
        others = [pool.submit(intake.take, each) for each in later]
        wait_until(lambda: len(intake._waiting) == 4)
        gate.opened.set()
        assert one.result(10).state is UploadState.PUBLISHED
        assert {other.result(10).state for other in others} == {UploadState.PUBLISHED}
    assert [len(made.additions) for made in publisher.carried_out] == [1, 3]
    assert publisher.transactions == 2


def test_the_same_bytes_twice_at_once_are_one_publish(tmp_path: Path) -> None:
    publisher, gate = MemoryPublisher(), Gate()
    publisher.before = gate
    bridge = TestBridge(tmp_path / "uploads", publisher)
    body = upload_form(build_wheel(tmp_path / "dist"))
    with ThreadPoolExecutor() as pool:
        answers = [pool.submit(bridge.post, body) for _ in range(3)]
        assert gate.reached.wait(10)
        wait_until(lambda: len(list(bridge.folder.iterdir())) == 3)
        gate.opened.set()
        results = [answer.result(20) for answer in answers]
    assert [result.status for result in results] == [200] * 3
    assert publisher.transactions == 1


def test_of_two_files_of_one_name_the_first_wins_and_the_other_is_told(tmp_path: Path) -> None:
    publisher, gate = MemoryPublisher(), Gate()
    publisher.before = gate
    intake = at_once(publisher)
    blocker = dist(build_wheel(tmp_path, "blocker"))
    one = dist(build_wheel(tmp_path / "one", payload=b"1"))
    two = dist(build_wheel(tmp_path / "two", payload=b"2"))
    with ThreadPoolExecutor() as pool:
        pool.submit(intake.take, blocker)
        assert gate.reached.wait(10)
        first = pool.submit(intake.take, one)
        wait_until(lambda: len(intake._waiting) == 2)
        second = pool.submit(intake.take, two)
        wait_until(lambda: len(intake._waiting) == 3)
        gate.opened.set()
        assert first.result(10).state is UploadState.PUBLISHED
        with pytest.raises(Conflict, match="other bytes"):
            second.result(10)


def test_one_refused_file_of_a_batch_takes_no_other_with_it(tmp_path: Path) -> None:
    publisher = MemoryPublisher()
    intake = at_once(publisher)
    intake.take(dist(build_wheel(tmp_path / "old", "bad", payload=b"old")))
    gate = Gate()
    publisher.before = gate
    with ThreadPoolExecutor() as pool:
        blocker = pool.submit(intake.take, dist(build_wheel(tmp_path, "blocker")))
        assert gate.reached.wait(10)
        good = pool.submit(intake.take, dist(build_wheel(tmp_path, "good")))
        bad = pool.submit(intake.take, dist(build_wheel(tmp_path, "bad")))
        wait_until(lambda: len(intake._waiting) == 3)
        gate.opened.set()
        assert {blocker.result(10).state, good.result(10).state} == {UploadState.PUBLISHED}
        with pytest.raises(Conflict):
            bad.result(10)


def test_a_failure_is_everybodys_answer_and_nobodys_for_ever(tmp_path: Path) -> None:
    publisher = MemoryPublisher()
    intake = at_once(publisher)
    one = dist(build_wheel(tmp_path))

    def fail(_plan: Plan) -> None:
        raise GatewayError("no gateway delivers it")

    publisher.before = fail
    with pytest.raises(GatewayError):
        intake.take(one)
    assert not publisher.held
    publisher.before = lambda _plan: None
    assert intake.take(one).state is UploadState.PUBLISHED
    assert not publisher.held  # other commands may send with the key between uploads


def test_a_bug_leaves_nothing_waiting(tmp_path: Path) -> None:
    publisher = MemoryPublisher()
    intake = at_once(publisher)

    def fail(_plan: Plan) -> None:
        raise ZeroDivisionError

    publisher.before = fail
    with pytest.raises(ZeroDivisionError):
        intake.take(dist(build_wheel(tmp_path)))
    assert intake._waiting == []


def test_gathering_waits_for_more_of_the_release(tmp_path: Path) -> None:
    publisher = MemoryPublisher()
    waiting = threading.Event()
    more = threading.Event()

    def sleep(seconds: float) -> None:
        assert seconds == 3
        waiting.set()
        assert more.wait(10)

    intake = at_once(publisher, gather=3, sleep=sleep)
    with ThreadPoolExecutor() as pool:
        one = pool.submit(intake.take, dist(build_wheel(tmp_path)))
        assert waiting.wait(10)
        two = pool.submit(intake.take, dist(build_sdist(tmp_path)))
        wait_until(lambda: len(intake._waiting) == 2)
        more.set()
        assert [one.result(10).state, two.result(10).state] == [UploadState.PUBLISHED] * 2
    assert publisher.transactions == 1


def test_kept_files_outlive_their_upload_and_nothing_is_sent(tmp_path: Path) -> None:
    publisher = MemoryPublisher()
    folder = tmp_path / "uploads"
    intake = CollectFirst(publisher, folder)
    bridge = TestBridge(folder, publisher, intake)
    wheel, sdist = build_wheel(tmp_path / "dist"), build_sdist(tmp_path / "dist")
    answers = [bridge.post(upload_form(path)) for path in (wheel, sdist, wheel)]
    # 202, not 200: nothing is on chain yet.
    assert [answer.status for answer in answers] == [202] * 3
    assert b"checked and kept, and will be published when the command ends" in answers[0].body
    assert publisher.carried_out == []
    assert not publisher.held
    assert [each.path.read_bytes() for each in intake.dists] == [wheel.read_bytes(), sdist.read_bytes()]
    publisher.publish(publisher.plan(intake.dists), None)  # type: ignore[arg-type]
    assert publisher.transactions == 1
    assert bridge.post(upload_form(wheel)).status == 202


def test_keeping_refuses_what_publishing_would(tmp_path: Path) -> None:
    publisher = MemoryPublisher()
    at_once(publisher).take(dist(build_wheel(tmp_path / "old", payload=b"old")))
    folder = tmp_path / "uploads"
    folder.mkdir()
    intake = CollectFirst(publisher, folder)
    with pytest.raises(Conflict, match="already published with other bytes"):
        intake.take(dist(build_wheel(tmp_path / "new")))
    again = build_wheel(tmp_path / "again", payload=b"old")
    assert intake.take(dist(again)) == AcceptedUpload(
        UploadState.LISTED, "demo-1.0-py3-none-any.whl is already published with these bytes: nothing was sent"
    )
    assert intake.dists == ()


def test_a_name_is_kept_once(tmp_path: Path) -> None:
    folder = tmp_path / "uploads"
    folder.mkdir()
    intake = CollectFirst(MemoryPublisher(), folder)
    intake.take(dist(build_wheel(tmp_path / "one")))
    with pytest.raises(Conflict, match="uploaded a moment ago with other bytes"):
        intake.take(dist(build_wheel(tmp_path / "two", payload=b"2")))
    assert len(intake.dists) == 1


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
