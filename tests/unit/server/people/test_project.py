"""The view of a project: releases, which of them is the latest, and the files on a page."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from dipmp_lib.ipfs.cid import Cid
from dipmp_lib.ipfs.gateways import ContentSighting
from dipmp_lib.model.pages import File, Note, Status
from dipmp_lib.server.people.project import (
    FILES_PER_PAGE,
    NOTES_SHOWN,
    catalogue,
    is_yanked,
    project_view,
)
from dipmp_lib.server.services import never_seen
from tests.support.fakes.registry import UPLOADED, make_file, make_project, yanked


def sdist(version: str) -> File:
    return make_file(f"demo_pkg-{version}.tar.gz", version)


def wheel(version: str) -> File:
    return make_file(f"demo_pkg-{version}-py3-none-any.whl", version)


def versions(*files: File) -> list[str]:
    """The releases of a project in the order of its page."""
    return [release[0].version for page in catalogue(make_project("demo-pkg", *files)).pages for release in page]


def latest(*files: File) -> str:
    found = catalogue(make_project("demo-pkg", *files)).latest
    return "" if found is None else found[0].version


def test_releases_come_newest_first_and_equal_versions_are_one() -> None:
    assert versions(sdist("1.9"), wheel("1.10"), sdist("2.0a1"), sdist("1.10.0")) == ["2.0a1", "1.10", "1.9"]


def test_a_version_that_is_none_is_a_release_of_its_own() -> None:
    found = versions(sdist("1.0"), make_file("x", "one"), make_file("y", "two"))
    assert found[0] == "1.0"
    assert sorted(found[1:]) == ["one", "two"]


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ([], ""),
        ([sdist("1.0"), sdist("2.0a1")], "1.0"),
        ([sdist("2.0a1"), sdist("2.0a2")], "2.0a2"),
        ([sdist("1.0"), yanked(sdist("2.0"), "")], "1.0"),
        ([yanked(sdist("2.0"), ""), wheel("2.0"), sdist("1.0")], "2.0"),
        ([yanked(sdist("1.0"), ""), sdist("1.0a1")], "1.0a1"),
        ([yanked(sdist("1.0"), "")], ""),
    ],
)
def test_the_latest_release_is_what_installers_choose(files: list[File], expected: str) -> None:
    assert latest(*files) == expected


def test_a_release_is_yanked_when_all_of_its_files_are() -> None:
    release: Sequence[File] = [yanked(sdist("1.0"), "broken"), wheel("1.0")]
    assert not is_yanked(release)
    assert is_yanked([yanked(file, "") for file in release])


def test_files_of_a_quarantined_project_are_not_shown() -> None:
    found = catalogue(make_project("demo-pkg", sdist("1.0"), status=Status.QUARANTINED))
    assert (found.pages, found.releases, found.files, found.latest) == ((), 0, 0, None)


def test_a_page_has_its_files_alone_and_the_counts_of_all() -> None:
    files = [sdist(f"{number}.0") for number in range(FILES_PER_PAGE + 1)]
    project = make_project("demo-pkg", *files)
    first, last = (project_view(project, catalogue(project), number, never_seen) for number in (1, 99))
    assert (first.number, first.count, last.number) == (1, 2, 2)
    assert [len(first.document["files"]), len(last.document["files"])] == [FILES_PER_PAGE, 1]
    assert [release.version for release in last.releases] == ["0.0"]
    for view in (first, last):
        assert (view.release_count, view.file_count) == (len(files), len(files))
        assert view.latest is not None
        assert (view.latest.version, view.latest.files) == (f"{FILES_PER_PAGE}.0", ())


def test_a_file_is_shown_with_its_kind_and_when_it_was_seen() -> None:
    seen = ContentSighting(UPLOADED, available=True)
    known = wheel("1.0")
    project = make_project("demo-pkg", known, sdist("1.0"))

    def last_seen(cid: Cid) -> ContentSighting | None:
        return seen if cid.digest == known.sha256 else None

    [release] = project_view(project, catalogue(project), 1, last_seen).releases
    shown = {view.row["filename"]: (view.kind, view.seen) for view in release.files}
    assert shown == {known.filename: ("wheel", seen), "demo_pkg-1.0.tar.gz": ("source", None)}


def test_a_release_is_dated_by_its_first_file() -> None:
    files = [replace(wheel("1.0"), uploaded=UPLOADED + 5), sdist("1.0")]
    project = make_project("demo-pkg", *files)
    assert project_view(project, catalogue(project), 1, never_seen).releases[0].uploaded == UPLOADED


def test_notes_are_bounded_and_counted() -> None:
    notes = tuple(Note(entry=number, code="sealed", filename="", detail="") for number in range(NOTES_SHOWN + 30))
    project = make_project("demo-pkg", notes=notes)
    view = project_view(project, catalogue(project), 1, never_seen)
    assert view.note_count == len(notes)
    assert len(str(view.document)) < len(str(notes)) * 2
