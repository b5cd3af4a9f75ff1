"""Collecting: files are checked and kept until the tool has ended, and nothing is sent before."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from dipmp_lib.distributions import Distribution
from dipmp_lib.errors import Conflict, RpcError
from dipmp_lib.publish import Plan
from dipmp_lib.publish.bridge.collect_first import CollectFirst
from dipmp_lib.publish.bridge.upload_sink import AcceptedUpload, UploadState
from tests.support.files.wheels import build_sdist, build_wheel
from tests.support.systems.bridge import MemoryPublisher, TestBridge, at_once, upload_form


def dist(path: Path) -> Distribution:
    return Distribution.from_path(path)


def test_kept_files_outlive_their_upload_and_nothing_is_sent(tmp_path: Path) -> None:
    publisher = MemoryPublisher()
    folder = tmp_path / "uploads"
    sink = CollectFirst(publisher, folder)
    bridge = TestBridge(folder, publisher, sink)
    wheel, sdist = build_wheel(tmp_path / "dist"), build_sdist(tmp_path / "dist")
    answers = [bridge.post(upload_form(path)) for path in (wheel, sdist, wheel)]
    # 202, not 200: nothing is on chain yet.
    assert [answer.status for answer in answers] == [202] * 3
    assert b"checked and kept, and will be published when the command ends" in answers[0].body
    assert publisher.carried_out == []
    assert not publisher.held
    assert [each.path.read_bytes() for each in sink.dists] == [wheel.read_bytes(), sdist.read_bytes()]
    publisher.publish(publisher.plan(sink.dists), None)  # type: ignore[arg-type]
    assert publisher.transactions == 1
    assert bridge.post(upload_form(wheel)).status == 202


def test_keeping_refuses_what_publishing_would(tmp_path: Path) -> None:
    publisher = MemoryPublisher()
    at_once(publisher).take(dist(build_wheel(tmp_path / "old", payload=b"old")))
    folder = tmp_path / "uploads"
    folder.mkdir()
    sink = CollectFirst(publisher, folder)
    with pytest.raises(Conflict, match="already published with other bytes"):
        sink.take(dist(build_wheel(tmp_path / "new")))
    again = build_wheel(tmp_path / "again", payload=b"old")
    assert sink.take(dist(again)) == AcceptedUpload(
        UploadState.LISTED, "demo-1.0-py3-none-any.whl is already published with these bytes: nothing was sent"
    )
    assert sink.dists == ()


def test_a_name_is_kept_once(tmp_path: Path) -> None:
    folder = tmp_path / "uploads"
    folder.mkdir()
    sink = CollectFirst(MemoryPublisher(), folder)
    sink.take(dist(build_wheel(tmp_path / "one")))
    with pytest.raises(Conflict, match="uploaded a moment ago with other bytes"):
        sink.take(dist(build_wheel(tmp_path / "two", payload=b"2")))
    assert len(sink.dists) == 1


def test_a_file_that_could_not_be_checked_is_not_kept(tmp_path: Path) -> None:
    class Unreachable(MemoryPublisher):
        def preview(self, dists: Sequence[Distribution]) -> Plan:
            raise RpcError("no endpoint answers")

    folder = tmp_path / "uploads"
    folder.mkdir()
    sink = CollectFirst(Unreachable(), folder)
    wheel = build_wheel(tmp_path)
    with pytest.raises(RpcError):
        sink.take(dist(wheel))
    assert sink.dists == ()
    assert wheel.exists()
    assert list(folder.iterdir()) == []
