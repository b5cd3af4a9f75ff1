"""Read-back of a publish through each endpoint separately, because a receipt is one endpoint's claim."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..distributions import Distribution
from ..errors import DipmpError, Malformed, NotFound, TransactionError, Upstream
from ..model.names import ProjectName, RegistryAddress
from ..model.pages import File, Project
from ..progress import Reporter
from ..registry.port import Registry
from .plan import Plan

ATTEMPTS = 7
REQUIRED_READERS = 2
_FIRST_PAUSE = 0.5


def read_back(plan: Plan, registries: Sequence[Registry], reporter: Reporter, sleep: Callable[[float], None]) -> None:
    """Check that two of `registries`, or the only one that answers, list every added file as it was sent.

    `registries` are the same registry, read through different endpoints. One that does not answer, or lags behind the
    newest block, is asked again, for about 30 s in all. Raises TransactionError; Upstream and Malformed where none
    answered.
    """
    projects: dict[ProjectName, list[Distribution]] = {}
    for dist in plan.additions:
        projects.setdefault(dist.project, []).append(dist)
    with reporter.task("Reading back", len(projects)) as advance:
        for name, dists in projects.items():
            _Check(plan.registry, name, dists, plan.actor).run(registries, sleep)
            advance(1)


@dataclass(frozen=True, slots=True)
class _Check:
    """The files that one project has to list."""

    address: RegistryAddress
    name: ProjectName
    dists: Sequence[Distribution]
    actor: bytes

    def run(self, registries: Sequence[Registry], sleep: Callable[[float], None]) -> None:
        pause = _FIRST_PAUSE
        for _ in range(ATTEMPTS - 1):
            if self._problem(registries) is None:
                return
            sleep(pause)
            pause *= 2
        problem = self._problem(registries)
        if problem is not None:
            raise problem

    def _problem(self, registries: Sequence[Registry]) -> DipmpError | None:
        """Return the error of this attempt, None if the files are listed."""
        confirmed, differences, failures = 0, list[DipmpError](), list[DipmpError]()
        for registry in registries:
            try:
                difference = self._difference(_project(registry, self.address, self.name))
            except (Upstream, Malformed) as error:
                failures.append(error)
                continue
            if difference is None:
                confirmed += 1
            else:
                differences.append(difference)
        if confirmed and confirmed >= min(REQUIRED_READERS, confirmed + len(differences)):
            return None
        return (differences or failures)[0]

    def _difference(self, project: Project | None) -> TransactionError | None:
        missing = [dist for dist in self.dists if not _lists(project, dist, self.actor)]
        if not missing:
            return None
        return TransactionError(
            f"the transaction was included, but the registry does not list {missing[0].filename.text} as it was sent"
            f"{_why(project, missing[0])}",
            hint="look at the project's page: somebody may have published the same name first, or an endpoint of "
            "ETH_GATEWAY (or --rpc) says what is not so",
        )


def _project(registry: Registry, address: RegistryAddress, name: ProjectName) -> Project | None:
    try:
        return registry.project(address, name)
    except NotFound:
        return None


def _lists(project: Project | None, dist: Distribution, actor: bytes) -> bool:
    return project is not None and any(_same(file, dist, actor) for file in project.files)


def _same(file: File, dist: Distribution, actor: bytes) -> bool:
    record = dist.record
    return (
        file.filename == record.filename
        and file.size == record.size
        and file.sha256 == record.sha256
        and file.dag_root == record.dag_root
        and file.metadata_sha256 == record.metadata_sha256
        and file.requires_python == dist.requires_python
        and file.publisher == actor
    )


def _why(project: Project | None, dist: Distribution) -> str:
    notes = project.notes if project else ()
    reason = next((note.detail for note in reversed(notes) if note.filename == dist.filename.text), "")
    return f" ({reason})" if reason else ""
