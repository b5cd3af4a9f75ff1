"""Survey of the chosen files against the registry before any download, and their publish project by project."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ...distributions import Distribution
from ...distributions.findings import Finding
from ...errors import CallRefused, PublishError
from ...model.names import ProjectName, skeleton
from ...progress import Reporter
from .. import Published, Publisher
from ..checks import FileChecks, Refusals
from ..plan import FileAction
from ..planning import read_permissions, read_projects
from .page_parser import SourceFile


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """Files to publish, files that the registry lists already, and refusals."""

    new: tuple[SourceFile, ...]
    listed: tuple[SourceFile, ...]
    refusals: tuple[Finding, ...]
    remarks: tuple[str, ...]


def survey(publisher: Publisher, files: Sequence[SourceFile], reporter: Reporter) -> Survey:
    """Check every file by its name and digest, and ask the contract for every free name whether it may be claimed.

    Raises as the Registry and Writer ports say.
    """
    groups: dict[ProjectName, list[SourceFile]] = {}
    for file in files:
        groups.setdefault(file.filename.project, []).append(file)
    projects = read_projects(publisher.registry, publisher.address, groups)
    permissions = read_permissions(publisher.writer, projects, publisher.actor)
    surveyor = _Surveyor(publisher)
    with reporter.task("Looking at the registry", len(groups)) as advance:
        for name, group in groups.items():
            refusals = Refusals()
            checks = FileChecks(projects[name], surveyor.now, publisher.actor, permissions.get(name, 0), refusals)
            surveyor.check(name, group, checks, refusals, free=projects[name] is None)
            advance(1)
    return surveyor.result()


class _Surveyor:
    def __init__(self, publisher: Publisher) -> None:
        self._publisher = publisher
        self.now = publisher.now()
        self._new: list[SourceFile] = []
        self._listed: list[SourceFile] = []
        self._refusals: list[Finding] = []
        self._claims: list[ProjectName] = []

    def check(
        self, name: ProjectName, files: Sequence[SourceFile], checks: FileChecks, refusals: Refusals, *, free: bool
    ) -> None:
        """Check the files of one project."""
        fresh: list[SourceFile] = []
        for file in files:
            before = len(refusals)
            action, _ = checks.name(file.filename, file.sha256 or b"")
            if action is FileAction.SKIP:
                self._listed.append(file)
            elif len(refusals) == before:
                fresh.append(file)
        if fresh:
            before = len(refusals)
            checks.permission(name)
            if len(refusals) > before or (free and not self._may_claim(name)):
                fresh = []
            elif free:
                self._claims.append(name)
        self._new += fresh
        self._refusals += refusals.findings

    def _may_claim(self, name: ProjectName) -> bool:
        error = self._publisher.writer.claim_refusal(name)
        if error is not None:
            self._refusals.append(Finding.from_error(name, error))
        return error is None

    def result(self) -> Survey:
        """Return the survey of all projects so far."""
        return Survey(
            new=tuple(self._new),
            listed=tuple(self._listed),
            refusals=tuple(self._refusals),
            remarks=tuple(_alike(self._claims)),
        )


def _alike(names: Sequence[ProjectName]) -> list[str]:
    """Return a sentence for each free name that an open registry would refuse after another (ConfusableName)."""
    first: dict[str, ProjectName] = {}
    remarks = []
    for name in names:
        other = first.setdefault(skeleton(name), name)
        if other != name:
            remarks.append(f"{name} is easily mistaken for {other}: an open registry takes only {other}")
    return remarks


def publish_each(
    publisher: Publisher, dists: Sequence[Distribution], reporter: Reporter
) -> Iterator[Published | Finding]:
    """Publish the files project by project, in the order of `dists`; yield each published entry or refusal.

    The account is locked already by the plan and price of all projects together. Each project is planned again just
    before its publish, so that files which appeared in the registry meanwhile are skipped or refused. Raises as
    Publisher.publish for errors that would stop the next project, too.
    """
    groups: dict[str, list[Distribution]] = {}
    for dist in dists:
        groups.setdefault(dist.project, []).append(dist)
    for name, group in groups.items():
        try:
            plan = publisher.preview(group)
        except PublishError as error:
            yield Finding.from_error(name, error)
            continue
        try:
            yield from publisher.publish(plan, reporter)
        except CallRefused as error:
            yield Finding.from_error(name, error)
