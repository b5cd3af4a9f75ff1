"""What the registry would make of the chosen files, before anything is downloaded."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ...distributions import Distribution
from ...errors import CallRefused, PublishError
from ...model.names import ProjectName, skeleton
from ...progress import Reporter
from .. import Published, Publisher
from ..checks import FileChecks, Refusals
from ..plan import FileAction
from ..planning import read_permissions, read_projects
from .choose import Refusal, clause
from .page import SourceFile


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """Files that are to come, files that are in the registry already, and what is refused."""

    new: tuple[SourceFile, ...]
    listed: tuple[SourceFile, ...]
    refusals: tuple[Refusal, ...]
    remarks: tuple[str, ...]


def survey(publisher: Publisher, files: Sequence[SourceFile], reporter: Reporter) -> Survey:
    """Judge every file by its name and digest, and every name that is free by asking whether it may be claimed.

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
            judge = FileChecks(projects[name], surveyor.now, publisher.actor, permissions.get(name, 0), refusals)
            surveyor.look(name, group, judge, refusals, free=projects[name] is None)
            advance(1)
    return surveyor.result()


class _Surveyor:
    def __init__(self, publisher: Publisher) -> None:
        self._publisher = publisher
        self.now = publisher.now()
        self._new: list[SourceFile] = []
        self._listed: list[SourceFile] = []
        self._refusals: list[Refusal] = []
        self._claims: list[ProjectName] = []

    def look(
        self, name: ProjectName, files: Sequence[SourceFile], judge: FileChecks, refusals: Refusals, *, free: bool
    ) -> None:
        """Sort the files of one project."""
        fresh: list[SourceFile] = []
        for file in files:
            before = len(refusals.noted)
            action, _ = judge.name(file.filename, file.sha256 or b"")
            if action is FileAction.SKIP:
                self._listed.append(file)
            elif len(refusals.noted) == before:
                fresh.append(file)
        if fresh:
            before = len(refusals.noted)
            judge.permission(name)
            if len(refusals.noted) > before or (free and not self._may_claim(name)):
                fresh = []
            elif free:
                self._claims.append(name)
        self._new += fresh
        self._refusals += [clause(subject, error) for subject, error in refusals.noted]

    def _may_claim(self, name: ProjectName) -> bool:
        error = self._publisher.writer.claim_refusal(name)
        if error is not None:
            self._refusals.append(clause(name, error))
        return error is None

    def result(self) -> Survey:
        """Return all that was seen."""
        return Survey(
            new=tuple(self._new),
            listed=tuple(self._listed),
            refusals=tuple(self._refusals),
            remarks=tuple(_alike(self._claims)),
        )


def _alike(names: Sequence[ProjectName]) -> list[str]:
    """Say which of several free names an open registry would take for one (contract: ConfusableName)."""
    first: dict[str, ProjectName] = {}
    remarks = []
    for name in names:
        other = first.setdefault(skeleton(name), name)
        if other != name:
            remarks.append(f"{name} is easily mistaken for {other}: an open registry takes only {other}")
    return remarks


def carry_over(
    publisher: Publisher, dists: Sequence[Distribution], reporter: Reporter
) -> Iterator[Published | Refusal]:
    """Publish each project's files, in the order of `dists`, and yield what became of its releases.

    The account is held already: all of them together were planned and priced before.
    Each project is planned again just before: what somebody published meanwhile is skipped, or refused. Raises as
    Publisher.publish for everything that would stop the next project, too.
    """
    groups: dict[str, list[Distribution]] = {}
    for dist in dists:
        groups.setdefault(dist.project, []).append(dist)
    for name, group in groups.items():
        try:
            plan = publisher.look(group)
        except PublishError as error:
            yield clause(name, error)
            continue
        try:
            yield from publisher.publish(plan, reporter)
        except CallRefused as error:
            yield clause(name, error)
