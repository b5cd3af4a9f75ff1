"""Denylists as files that change."""

import os
import threading
from pathlib import Path

import pytest

from dipmp_lib.errors import InvalidSettings
from dipmp_lib.server.policy import denylist_files as module
from dipmp_lib.server.policy.denylist import Denylist, parse_denylist
from dipmp_lib.server.policy.denylist_files import CHECK_SECONDS, FileSource
from dipmp_lib.telemetry import Event
from tests.support.fakes.registry import REGISTRY
from tests.support.files.denylists import CHAIN_ID, HEADER, TARGET, append, denylist, write_denylist
from tests.unit.server.policy.test_policy import Told

HERE = (CHAIN_ID, REGISTRY.address)


class Watched:
    """A source over files, its clock, and what it told."""

    def __init__(self, *paths: Path) -> None:
        self.now = 1000.0
        self.told = Told()
        self.source = FileSource([str(path) for path in paths], telemetry=self.told, clock=lambda: self.now)

    def later(self) -> None:
        self.now += CHECK_SECONDS
        assert self.source.due()
        self.source.check()
        assert not self.source.due()

    def denies(self, project: str) -> bool:
        assert self.source.rules is not None
        return self.source.rules.project(HERE, project, 0) is not None


def test_rules_are_those_of_the_start_until_the_next_look(tmp_path: Path) -> None:
    path = write_denylist(tmp_path, f"{TARGET}/one")
    watched = Watched(path)
    append(path, f"{TARGET}/two")
    watched.source.check()  # not due: nothing is looked at
    assert (watched.denies("one"), watched.denies("two")) == (True, False)
    watched.later()
    assert (watched.denies("one"), watched.denies("two")) == (True, True)
    assert watched.told.events == []


def test_a_rewrite_and_a_replacement_are_seen(tmp_path: Path) -> None:
    path = write_denylist(tmp_path, f"{TARGET}/one")
    watched = Watched(path)
    path.write_text(denylist(f"{TARGET}/two"))
    watched.later()
    assert (watched.denies("one"), watched.denies("two")) == (False, True)
    other = tmp_path / "new"
    other.write_text(denylist(f"{TARGET}/six"))
    times = path.stat()
    os.utime(other, ns=(times.st_atime_ns, times.st_mtime_ns))  # equal in size and time, but another file
    other.replace(path)
    watched.later()
    assert (watched.denies("two"), watched.denies("six")) == (False, True)


@pytest.mark.parametrize("content", ["", "not a list\n", "version: 2\n---\n", HEADER.removesuffix("---\n"), None])
def test_what_is_no_list_any_more_leaves_the_last_one_in_effect(tmp_path: Path, content: str | None) -> None:
    path = write_denylist(tmp_path, f"{TARGET}/one")
    watched = Watched(path)
    if content is None:
        path.unlink()
    else:
        path.write_text(content)
    watched.later()
    assert watched.denies("one")
    ((event, facts),) = watched.told.events
    assert (event, facts["list"]) == (Event.POLICY_FAILED, "test.deny")
    assert facts["problem"]
    if content is not None:
        watched.later()  # told once, as long as the file stays as it is
        assert len(watched.told.events) == 1
    path.write_text(denylist(f"{TARGET}/two"))
    watched.later()
    assert (watched.denies("one"), watched.denies("two")) == (False, True)


def test_a_file_that_cannot_be_read_is_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_denylist(tmp_path, f"{TARGET}/one")
    watched = Watched(path)
    append(path, f"{TARGET}/two")
    monkeypatch.setattr(module, "MAX_FILE", 10)
    watched.later()
    assert (watched.denies("one"), watched.denies("two")) == (True, False)
    assert "more than 10 bytes" in str(watched.told.events[0][1]["problem"])
    monkeypatch.undo()
    watched.later()
    assert watched.denies("two")


def test_lines_that_are_no_rules_are_told(tmp_path: Path) -> None:
    path = write_denylist(tmp_path, "nonsense", f"{TARGET}/one", "#dipmp: eip155:x")
    watched = Watched(path)
    ((event, facts),) = watched.told.events
    assert (event, facts["lines"]) == (Event.POLICY_FAILED, 2)
    assert "line 7: 'nonsense'" in str(facts["problem"])
    assert "line 9: " in str(facts["problem"])
    assert watched.denies("one")


def test_all_files_that_are_wrong_at_the_start_are_named(tmp_path: Path) -> None:
    good = write_denylist(tmp_path)
    bad = tmp_path / "bad.deny"
    bad.write_text("x")
    with pytest.raises(InvalidSettings) as caught:
        FileSource([str(good), str(bad), str(tmp_path / "none.deny")])
    assert len(caught.value.problems) == 2
    assert f"DIPMP_DENYLIST: {bad}: it has no header" in caught.value.problems[0]
    assert "none.deny: it cannot be read: No such file" in caught.value.problems[1]


def test_a_later_file_overrides_an_earlier_one(tmp_path: Path) -> None:
    one, two = tmp_path / "one.deny", tmp_path / "two.deny"
    one.write_text(denylist(f"{TARGET}/demo"))
    two.write_text(denylist(f"!{TARGET}/demo"))
    assert not Watched(one, two).denies("demo")
    assert Watched(two, one).denies("demo")
    watched = Watched(one, two)
    two.write_text(denylist())
    watched.later()
    assert watched.denies("demo")


def test_of_many_threads_one_looks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_denylist(tmp_path)
    watched = Watched(path)
    append(path, f"{TARGET}/one")
    read: list[bytes] = []

    def counting(data: bytes) -> Denylist:
        read.append(data)
        return parse_denylist(data)

    monkeypatch.setattr(module, "parse_denylist", counting)
    watched.now += CHECK_SECONDS
    threads = [threading.Thread(target=watched.source.check) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(read) == 1
    assert watched.denies("one")
