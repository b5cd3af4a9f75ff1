"""A project's files as releases, the newest first. Pure, and a function of the project alone."""

from collections.abc import Sequence
from dataclasses import dataclass

from ...model import File, Project
from ...simple_api import visible_files
from ...version_order import is_prerelease, version_order
from .paging import bundles

FILES_PER_PAGE = 100

Release = Sequence[File]
"""Files of equal versions, or some of them."""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What a project offers. `latest` is the release that installers choose by themselves, None where there is none."""

    pages: tuple[Sequence[Release], ...]
    releases: int
    files: int
    latest: Release | None


def catalogue(project: Project) -> Catalogue:
    """Return the project's releases in pages of at most FILES_PER_PAGE files."""
    groups: dict[object, list[File]] = {}
    files = visible_files(project)
    for file in files:
        # Equal versions are one release however they are written (1.0 and 1.0.0); what is none stands for itself.
        groups.setdefault(version_order(file.version) or file.version, []).append(file)
    releases = sorted(groups.values(), key=lambda release: version_order(release[0].version), reverse=True)
    return Catalogue(tuple(bundles(releases, FILES_PER_PAGE)), len(releases), len(files), _latest(releases))


def is_yanked(release: Release) -> bool:
    """Tell whether installers pass over the whole release."""
    return all(file.yanked is not None for file in release)


def _latest(releases: Sequence[Release]) -> Release | None:
    """Return the newest release that is neither yanked nor a pre-release; a pre-release if there is nothing else."""
    offered = [release for release in releases if not is_yanked(release)]
    stable = (release for release in offered if not is_prerelease(release[0].version))
    return next(stable, offered[0] if offered else None)
