"""Reading back what was published, through the same port as any reader."""

from collections.abc import Callable, Sequence

from ..dist import Distribution
from ..errors import Malformed, ProjectNotFound, TransactionError, Upstream
from ..model import File, Project
from ..names import ProjectName, RegistryAddress
from ..progress import Reporter
from ..registry import Registry
from .plan import Plan

ATTEMPTS = 7
_FIRST_PAUSE = 0.5


def read_back(plan: Plan, registry: Registry, reporter: Reporter, sleep: Callable[[float], None]) -> None:
    """Check that the registry lists every added file exactly as sent.

    A node that cannot be asked, or has not seen the newest block yet, is asked again, for about 30 s in all. Raises
    TransactionError; Upstream and Malformed where no attempt got an answer.
    """
    projects: dict[ProjectName, list[Distribution]] = {}
    for dist in plan.additions:
        projects.setdefault(dist.project, []).append(dist)
    with reporter.task("Reading back", len(projects)) as advance:
        for name, dists in projects.items():
            _check(plan.registry, name, dists, plan.actor, registry, sleep)
            advance(1)


def _check(
    address: RegistryAddress,
    name: ProjectName,
    dists: Sequence[Distribution],
    actor: bytes,
    registry: Registry,
    sleep: Callable[[float], None],
) -> None:
    pause = _FIRST_PAUSE
    for attempt in range(1, ATTEMPTS + 1):
        try:
            project = _project(registry, address, name)
        except (Upstream, Malformed):
            if attempt == ATTEMPTS:
                raise
            sleep(pause)
            pause *= 2
            continue
        missing = [dist for dist in dists if not _lists(project, dist, actor)]
        if not missing:
            return
        if attempt < ATTEMPTS:
            sleep(pause)
            pause *= 2
    raise TransactionError(
        f"the transaction was included, but the registry does not list {missing[0].filename.text} as it was sent"
        f"{_why(project, missing[0])}",
        hint="look at the project's page: somebody may have published the same name first",
    )


def _project(registry: Registry, address: RegistryAddress, name: ProjectName) -> Project | None:
    try:
        return registry.project(address, name)
    except ProjectNotFound:
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
