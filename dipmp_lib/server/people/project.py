"""View of a project for its page. Pure: texts are cleaned as for the index, and escaped by the template."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ...ipfs.cid import file_cid
from ...ipfs.gateways import ContentSighting
from ...model.pages import File, Project
from ...model.versions import is_prerelease, version_order
from ...simple_api import clean, project_document, visible_files
from ..services import LastSeen
from .format import bundles, take

FILES_PER_PAGE = 100

Release = Sequence[File]
"""Files of equal versions, or some of them."""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Releases of a project in pages. `latest` is what installers choose by default, None without a release."""

    pages: tuple[Sequence[Release], ...]
    releases: int
    files: int
    latest: Release | None


def catalogue(project: Project) -> Catalogue:
    """Return the project's releases in pages of at most FILES_PER_PAGE files."""
    groups: dict[object, list[File]] = {}
    files = visible_files(project)
    for file in files:
        # Equal versions are one release however they are written (1.0 and 1.0.0); an invalid one stands for itself.
        groups.setdefault(version_order(file.version) or file.version, []).append(file)
    releases = sorted(groups.values(), key=lambda release: version_order(release[0].version), reverse=True)
    return Catalogue(tuple(bundles(releases, FILES_PER_PAGE)), len(releases), len(files), _latest(releases))


def is_yanked(release: Release) -> bool:
    """Tell whether every file of the release is yanked, so that installers skip it."""
    return all(file.yanked is not None for file in release)


def _latest(releases: Sequence[Release]) -> Release | None:
    """Return the newest release that is neither yanked nor a pre-release, else the newest that is not yanked."""
    offered = [release for release in releases if not is_yanked(release)]
    stable = (release for release in offered if not is_prerelease(release[0].version))
    return next(stable, offered[0] if offered else None)


NOTES_SHOWN = 100


@dataclass(frozen=True, slots=True)
class FileView:
    """A file: `row` is its entry in the index, `seen` whether a gateway had it, None if none was asked."""

    row: Mapping[str, Any]
    kind: str
    uploaded: int
    seen: ContentSighting | None


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
    """A page of a project; `document` is its JSON in the index, with the files of this page only."""

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
    """Return a release with a file for each row that is left, at most all of its files."""
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
