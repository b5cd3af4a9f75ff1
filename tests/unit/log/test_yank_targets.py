"""What people call files and versions, and which targets of a YANK that is."""

from collections.abc import Sequence

import pytest

from dipmp_lib.errors import DipmpError, FileNotListed, InvalidInput
from dipmp_lib.log.entries import Yank
from dipmp_lib.log.fold import fold_project
from dipmp_lib.log.payload import parse_payload
from dipmp_lib.log.yank_targets import is_changed, select, yank_payload
from dipmp_lib.model.names import RegistryAddress
from dipmp_lib.model.pages import Project, Status
from tests.support.files.logs import ProjectLog


def page(log: ProjectLog) -> Project:
    files = fold_project(log.name, log.blobs).files
    registry = RegistryAddress(bytes(20))
    return Project(registry=registry, name=log.name, head=b"", count=0, owner=b"", status=Status.ACTIVE, files=files)


@pytest.fixture
def log() -> ProjectLog:
    made = ProjectLog("foo-bar")
    made.release("foo_bar-1.0-py3-none-any.whl", "foo_bar-1.0.tar.gz")
    made.release("foo_bar-1.0-cp312-cp312-win_amd64.whl")
    made.release("foo_bar-1.1-py3-none-any.whl")
    return made


@pytest.mark.parametrize(
    ("wanted", "targets", "files"),
    [
        (["1.0"], (1, 2), 3),
        (["v1.0.0"], (1, 2), 3),
        (["1.1"], (3,), 1),
        (["1.1", "1.0"], (3, 1, 2), 4),
        (["foo_bar-1.0.tar.gz"], ("foo_bar-1.0.tar.gz",), 1),
        (["Foo.Bar-1.0.0.zip"], ("foo_bar-1.0.tar.gz",), 1),
        (["foo_bar-1.0.tar.gz", "1.0", "1.0"], ("foo_bar-1.0.tar.gz", 1, 2), 3),
    ],
)
def test_targets(log: ProjectLog, wanted: Sequence[str], targets: tuple[object, ...], files: int) -> None:
    selection = select(page(log), wanted)
    assert (selection.targets, len(selection.files)) == (targets, files)


@pytest.mark.parametrize(
    ("wanted", "kind", "problem"),
    [
        ("2.0", FileNotListed, "foo-bar lists no file of version 2.0"),
        ("foo_bar-1.1.tar.gz", FileNotListed, "foo-bar does not list foo_bar-1.1.tar.gz"),
        ("latest", InvalidInput, "'latest' is neither a file name nor a version"),
        ("", InvalidInput, "'' is neither a file name nor a version"),
        ("x\x1b[31m" * 99, InvalidInput, r"'x\\x1b\[31m"),
    ],
)
def test_what_is_not_there(log: ProjectLog, wanted: str, kind: type[DipmpError], problem: str) -> None:
    with pytest.raises(kind, match=problem) as caught:
        select(page(log), [wanted])
    assert caught.value.hint == "it lists the versions 1.0, 1.1"


def test_a_yank_and_its_undoing_do_what_they_say(log: ProjectLog) -> None:
    selection = select(page(log), ["1.0"])
    assert is_changed(selection, yanked=True, reason="broken")
    assert not is_changed(selection, yanked=False, reason="")
    log.append(0x20, yank_payload(selection, yanked=True, reason="broken"))
    assert [file.yanked for file in page(log).files] == ["broken"] * 3 + [None]
    selection = select(page(log), ["1.0"])
    assert not is_changed(selection, yanked=True, reason="broken")
    assert is_changed(selection, yanked=True, reason="worse")
    log.append(0x20, yank_payload(selection, yanked=False, reason=""))
    assert [file.yanked for file in page(log).files] == [None] * 4


def test_unyanking_a_version_undoes_what_was_yanked_by_name(log: ProjectLog) -> None:
    log.append(0x20, yank_payload(select(page(log), ["foo_bar-1.0.tar.gz"]), yanked=True, reason=""))
    log.append(0x20, yank_payload(select(page(log), ["1.0"]), yanked=False, reason=""))
    assert [file.yanked for file in page(log).files] == [None] * 4


def test_the_payload_is_the_formats() -> None:
    log = ProjectLog("foo")
    log.release("foo-1.tar.gz")
    payload = yank_payload(select(page(log), ["1"]), yanked=True, reason="why")
    assert parse_payload(0x20, payload) == Yank((1,), yanked=True, reason="why")


@pytest.mark.parametrize("reason", ["x" * 513, "a\nb", "\x1b", "\u202e"])
def test_a_reason_that_readers_would_drop_is_refused(log: ProjectLog, reason: str) -> None:
    with pytest.raises(InvalidInput, match="longer than 512 characters, or holds controls"):
        yank_payload(select(page(log), ["1.0"]), yanked=True, reason=reason)
