"""Planning of a publish: compares files with the registry's projects; pure but for the functions that read them.

Applies fold rules 1 and 2 (docs/log-format.md), so that an entry that readers would ignore is refused before it costs
anything.
"""

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from packaging.version import Version

from ..distributions import Distribution
from ..errors import InvalidDistribution, MalformedPayload, ProjectNotFound, PublishError
from ..log.entries import Release
from ..log.payload import encode_release
from ..model.names import ProjectName, RegistryAddress, skeleton
from ..model.pages import Project
from ..registry.port import Registry
from ..transactions import Writer
from .checks import FileChecks, Refusals
from .plan import FileAction, Plan, PlannedEntry, PlannedFile


def make_plan(  # noqa: PLR0913 - each is a part of what is known
    dists: Sequence[Distribution],
    projects: Mapping[ProjectName, Project | None],
    now: int,
    actor: bytes,
    *,
    registry: RegistryAddress,
    publisher_until: Mapping[ProjectName, int],
    unclaimable: Mapping[ProjectName, PublishError] = MappingProxyType({}),
    earlier: InvalidDistribution | None = None,
    partly: bool = False,
) -> Plan:
    """Return the plan: an action for each file, and the entries to send.

    - `projects` has every project of `dists`, None for a free name.
    - `now` and `publisher_until`, the end of `actor`'s permission in projects of other owners, are unix seconds.
    - `unclaimable` has the error for each free name that the registry would not give to `actor`.
    - `earlier` is the error about other files of the same publish; it is raised together with all others.
    - `partly` skips the check for free names that look alike, for callers that publish project by project and go on
      after a refused claim.

    Raises Conflict where other bytes have the name, InvalidDistribution and PublishError for other refusals; several
    are raised as one.
    """
    refusals = Refusals(earlier)
    files: list[PlannedFile] = []
    for name, project in projects.items():
        checks = FileChecks(project, now, actor, publisher_until.get(name, 0), refusals)
        files += [checks.file(dist) for dist in dists if dist.project == name]
        if any(file.dist.project == name and file.action is FileAction.ADD for file in files):
            checks.permission(name)
    free = [name for name, project in projects.items() if project is None]
    _check_claims(free, unclaimable, refusals)
    if not partly:
        _check_alike([name for name in free if name not in unclaimable], refusals)
    refusals.check()
    return Plan(registry=registry, actor=actor, files=tuple(files), entries=tuple(_entries(files, set(free))))


def _check_claims(
    free: Sequence[ProjectName], unclaimable: Mapping[ProjectName, PublishError], refusals: Refusals
) -> None:
    for name in free:
        if name in unclaimable:
            refusals.add(name, unclaimable[name])


def _check_alike(free: Sequence[ProjectName], refusals: Refusals) -> None:
    """Refuse the second of two new names that look alike, as the contract would once the first is paid for."""
    first: dict[str, ProjectName] = {}
    for name in free:
        other = first.setdefault(skeleton(name), name)
        if other != name:
            refusals.add(name, _lookalike(name, other))


def _lookalike(name: ProjectName, other: ProjectName) -> PublishError:
    return PublishError(
        f"{name} is easily mistaken for {other}, and an open registry takes only one of them",
        hint="choose another name; in a curated registry, publish one after the other",
    )


def _entries(files: Iterable[PlannedFile], free: set[ProjectName]) -> Iterable[PlannedEntry]:
    """Yield the entries of each release: several where its files differ in Requires-Python or do not fit one entry."""
    releases: dict[tuple[ProjectName, str], list[Distribution]] = {}
    for file in files:
        if file.action is FileAction.ADD:
            releases.setdefault((file.dist.project, file.dist.filename.version_key), []).append(file.dist)
    for project, version in sorted(releases, key=lambda release: (release[0], Version(release[1]))):
        for requires_python, group in _by_requires_python(releases[project, version]):
            for part, payload in _split(requires_python, group):
                # Only a project's first entry claims it; the loop above keeps a project's entries together.
                claims = project in free
                free = free - {project}
                yield PlannedEntry(project=project, version=part[0].version, dists=part, payload=payload, claims=claims)


def _by_requires_python(dists: Sequence[Distribution]) -> list[tuple[str, tuple[Distribution, ...]]]:
    groups: dict[str, list[Distribution]] = {}
    for dist in dists:
        groups.setdefault(dist.requires_python, []).append(dist)
    return [(requires_python, tuple(group)) for requires_python, group in groups.items()]


def _split(requires_python: str, dists: tuple[Distribution, ...]) -> list[tuple[tuple[Distribution, ...], bytes]]:
    """Return the files in parts, each with its payload: halved until every payload fits one entry."""
    try:
        return [(dists, encode_release(Release(requires_python, tuple(dist.record for dist in dists))))]
    except MalformedPayload:
        if len(dists) == 1:
            raise
    half = (len(dists) + 1) // 2
    return _split(requires_python, dists[:half]) + _split(requires_python, dists[half:])


def read_projects(
    registry: Registry, address: RegistryAddress, names: Iterable[ProjectName]
) -> dict[ProjectName, Project | None]:
    """Return each project, None for names that are proven free. Raises as the Registry port says."""
    found: dict[ProjectName, Project | None] = {}
    for name in sorted(set(names)):
        try:
            found[name] = registry.project(address, name)
        except ProjectNotFound:
            found[name] = None
    return found


def read_claims(writer: Writer, projects: dict[ProjectName, Project | None]) -> dict[ProjectName, PublishError]:
    """Return the refusal for each free name that cannot be claimed: it looks like another, or only curators claim."""
    refused = {name: writer.claim_refusal(name) for name, project in projects.items() if project is None}
    return {name: error for name, error in refused.items() if error is not None}


def read_permissions(
    writer: Writer, projects: dict[ProjectName, Project | None], actor: bytes
) -> dict[ProjectName, int]:
    """Return the end of the key's permission, in unix seconds, for each project of another owner."""
    return {
        name: writer.publisher_until(name)
        for name, project in projects.items()
        if project is not None and project.owner != actor
    }
