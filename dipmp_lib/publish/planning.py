"""Planning: files against what the registry has. Pure, and the whole truth about what would be refused.

Mirrors fold rules 1 and 2 (docs/log-format.md): what readers would ignore is refused before it costs anything.
"""

from collections.abc import Iterable, Mapping, Sequence

from packaging.version import Version

from ..dist import Distribution
from ..errors import MalformedPayload
from ..log.payload import Release, encode_release
from ..model import Project
from ..names import ProjectName, RegistryAddress
from .judge import Judge
from .plan import Action, Entry, Plan, PlannedFile
from .refusals import Refusals


def plan(
    dists: Sequence[Distribution],
    projects: Mapping[ProjectName, Project | None],
    now: int,
    actor: bytes,
    *,
    registry: RegistryAddress,
    publisher_until: Mapping[ProjectName, int],
) -> Plan:
    """Decide what happens to each file.

    `projects` has every project of `dists`, None for a name that is free; `now` is in unix seconds, and
    `publisher_until` says when `actor`'s permission ends for the projects that somebody else owns.

    Raises Conflict where names are taken by other bytes, and InvalidDistribution or PublishError for other refusals;
    all of them together.
    """
    refusals = Refusals()
    files: list[PlannedFile] = []
    for name, project in projects.items():
        judge = Judge(project, now, actor, publisher_until.get(name, 0), refusals)
        files += [judge.file(dist) for dist in dists if dist.project == name]
        if any(file.dist.project == name and file.action is Action.ADD for file in files):
            judge.permission(name)
    refusals.check()
    free = {name for name, project in projects.items() if project is None}
    return Plan(registry=registry, actor=actor, files=tuple(files), entries=tuple(_entries(files, free)))


def _entries(files: Iterable[PlannedFile], free: set[ProjectName]) -> Iterable[Entry]:
    """Yield one entry per release, or as many as it takes: an entry has one Requires-Python and a bounded length."""
    releases: dict[tuple[ProjectName, str], list[Distribution]] = {}
    for file in files:
        if file.action is Action.ADD:
            releases.setdefault((file.dist.project, file.dist.filename.version_key), []).append(file.dist)
    for project, version in sorted(releases, key=lambda release: (release[0], Version(release[1]))):
        for requires_python, group in _by_requires_python(releases[project, version]):
            for part, payload in _split(requires_python, group):
                # Only a project's first entry claims it; the loop above keeps a project's entries together.
                claims = project in free
                free = free - {project}
                yield Entry(project=project, version=part[0].version, dists=part, payload=payload, claims=claims)


def _by_requires_python(dists: Sequence[Distribution]) -> list[tuple[str, tuple[Distribution, ...]]]:
    groups: dict[str, list[Distribution]] = {}
    for dist in dists:
        groups.setdefault(dist.requires_python, []).append(dist)
    return [(requires_python, tuple(group)) for requires_python, group in groups.items()]


def _split(requires_python: str, dists: tuple[Distribution, ...]) -> list[tuple[tuple[Distribution, ...], bytes]]:
    """Return the fewest halvings of the files whose payloads each fit one entry."""
    try:
        return [(dists, encode_release(Release(requires_python, tuple(dist.record for dist in dists))))]
    except MalformedPayload:
        if len(dists) == 1:
            raise
    half = (len(dists) + 1) // 2
    return _split(requires_python, dists[:half]) + _split(requires_python, dists[half:])
