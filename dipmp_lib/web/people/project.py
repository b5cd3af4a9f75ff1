"""A project as its page shows it. Pure: texts are cleaned as for the index, and escaped by the template."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ...cid import file_cid
from ...gateways import Sighting
from ...model import File, Project
from ...simple_api import clean, project_document
from ...version_order import is_prerelease
from ..services import LastSeen
from .catalogue import Catalogue, Release, is_yanked
from .paging import take

NOTES_SHOWN = 100


@dataclass(frozen=True, slots=True)
class FileView:
    """A file: `row` is what the index says of it, `seen` whether a gateway had it, None if nobody looked."""

    row: Mapping[str, Any]
    kind: str
    uploaded: int
    seen: Sighting | None


@dataclass(frozen=True, slots=True)
class ReleaseView:
    """The part of a release that is on a page."""

    version: str
    files: tuple[FileView, ...]
    prerelease: bool
    yanked: bool
    uploaded: int


@dataclass(frozen=True, slots=True)
class ProjectView:
    """A page of a project; `document` is what the index says, with the files of this page only."""

    document: Mapping[str, Any]
    releases: tuple[ReleaseView, ...]
    number: int
    count: int
    latest: ReleaseView | None
    release_count: int
    file_count: int
    note_count: int


def project_view(project: Project, offered: Catalogue, number: int, last_seen: LastSeen) -> ProjectView:
    """Return one page of the project; the last one where `number` is too high."""
    page = take(offered.pages, number)
    files = tuple(file for release in page.items for file in release)
    document: Mapping[str, Any] = project_document(replace(project, files=files, notes=project.notes[:NOTES_SHOWN]))
    rows: Iterator[Mapping[str, Any]] = iter(document["files"])
    return ProjectView(
        document=document,
        releases=tuple(_release(release, rows, last_seen) for release in page.items),
        number=page.number,
        count=page.count,
        latest=None if offered.latest is None else _release(offered.latest, iter(()), last_seen),
        release_count=offered.releases,
        file_count=offered.files,
        note_count=len(project.notes),
    )


def _release(release: Release, rows: Iterator[Mapping[str, Any]], last_seen: LastSeen) -> ReleaseView:
    """Return a release with as many of its files as there are rows left."""
    return ReleaseView(
        version=clean(release[0].version),
        files=tuple(_file(file, row, last_seen) for file, row in zip(release, rows, strict=False)),
        prerelease=is_prerelease(release[0].version),
        yanked=is_yanked(release),
        uploaded=min(file.uploaded for file in release),
    )


def _file(file: File, row: Mapping[str, Any], last_seen: LastSeen) -> FileView:
    kind = "source" if file.filename.endswith((".tar.gz", ".zip")) else "wheel"
    return FileView(row, kind, file.uploaded, last_seen(file_cid(file.sha256, file.dag_root)))
