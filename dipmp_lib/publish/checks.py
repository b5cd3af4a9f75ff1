"""Checks of new files against the page of their project, and the errors that refuse them."""

from datetime import UTC, datetime

from ..distributions import Distribution
from ..distributions.findings import Finding
from ..errors import Conflict, InvalidDistribution, PublishError
from ..log.limits import SEAL_SECONDS
from ..model.filenames import Filename, parse_filename
from ..model.names import ProjectName, checksum_address
from ..model.pages import File, Project, Status
from .plan import FileAction, PlannedFile


class Refusals:
    """Collects errors while a plan is made; `check` raises them together.

    `earlier` is the error about other files of the same publish.
    """

    def __init__(self, earlier: InvalidDistribution | None = None) -> None:
        self._earlier = earlier
        self._errors: list[tuple[str, PublishError]] = []

    def add(self, subject: str, error: PublishError) -> None:
        """Add the error for which `subject`, a file or a project, is refused."""
        self._errors.append((subject, error))

    def __len__(self) -> int:
        return len(self._errors)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Every refusal, in the order in which they were added."""
        return tuple(finding for subject, error in self._errors for finding in _findings(subject, error))

    def check(self) -> None:
        """Raise a single error as it is, several conflicts as one Conflict, all else as one InvalidDistribution."""
        if self._earlier is not None:
            hint = "" if self._errors else self._earlier.hint
            raise InvalidDistribution([*self._earlier.problems, *self._problems()], hint=hint)
        if not self._errors:
            return
        if len(self._errors) == 1:
            raise self._errors[0][1]
        if all(isinstance(error, Conflict) for _, error in self._errors):
            raise Conflict("; ".join(str(error) for _, error in self._errors), hint=self._errors[0][1].hint)
        raise InvalidDistribution(self._problems())

    def _problems(self) -> list[tuple[str, str]]:
        return [finding.problem for finding in self.findings]


def _findings(subject: str, error: PublishError) -> list[Finding]:
    if isinstance(error, InvalidDistribution):
        return [Finding(*problem) for problem in error.problems]
    return [Finding.from_error(subject, error)]


_NEW_VERSION = "published files never change: raise the version and build again"


class FileChecks:
    """Checks files against one project, None for a free name, and adds what is refused to `refusals`.

    `now` and `publisher_until`, the end of `actor`'s permission, are unix seconds.
    """

    def __init__(
        self, project: Project | None, now: int, actor: bytes, publisher_until: int, refusals: Refusals
    ) -> None:
        self._project = project
        self._now, self._actor, self._until = now, actor, publisher_until
        self._refusals = refusals
        self._taken: dict[tuple[str, ...], File] = {}
        self._first: dict[str, int] = {}
        self._withdrawn: set[tuple[str, ...]] = set()
        if project is not None:
            self._learn(project)

    def _learn(self, project: Project) -> None:
        for file in project.files:
            name = parse_filename(file.filename)
            self._taken[name.key] = file
            self._first[name.version_key] = min(file.uploaded, self._first.get(name.version_key, file.uploaded))
        for note in project.notes:
            if note.code == "withdrawn":
                self._withdrawn.add(parse_filename(note.filename).key)

    def file(self, dist: Distribution) -> PlannedFile:
        """Return the action for one file of the project; a refused file counts as one to add."""
        action, detail = self.name(dist.filename, dist.dag.sha256)
        return PlannedFile(dist, action, detail)

    def name(self, name: Filename, sha256: bytes) -> tuple[FileAction, str]:
        """Return the action for a file name and its digest, and a clause that gives the reason, or ""."""
        listed = self._taken.get(name.key)
        if listed is not None and listed.sha256 == sha256:
            other_name = f" as {listed.filename}" if listed.filename != name.text else ""
            return FileAction.SKIP, f"already published{other_name}"
        if listed is not None:
            self._refusals.add(name.text, _conflict(name, sha256, listed))
        elif name.key in self._withdrawn:
            clause = "was published and withdrawn, and a withdrawn name stays taken"
            self._refusals.add(name.text, InvalidDistribution([(name.text, clause)]))
        elif self._is_sealed(name.version_key):
            self._refusals.add(name.text, self._sealed(name))
        return FileAction.ADD, ""

    def permission(self, name: ProjectName) -> None:
        """Refuse what the contract would refuse: a closed project, or an actor without permission."""
        project = self._project
        if project is None:
            return
        if project.status in (Status.ARCHIVED, Status.QUARANTINED):
            self._refusals.add(name, _closed(name, project))
        if project.owner != self._actor and self._until <= self._now:
            self._refusals.add(name, self._forbidden(name, project))

    def _is_sealed(self, version_key: str) -> bool:
        return self._now - self._first.get(version_key, self._now) > SEAL_SECONDS

    def _sealed(self, name: Filename) -> InvalidDistribution:
        first = self._first[name.version_key]
        clause = (
            f"comes too late: version {name.version} of {name.project} sealed on {_date(first + SEAL_SECONDS)}, "
            f"{SEAL_SECONDS // 86_400} days after its first file, and takes no more files"
        )
        return InvalidDistribution([(name.text, clause)])

    def _forbidden(self, name: ProjectName, project: Project) -> PublishError:
        actor, owner = checksum_address(self._actor), checksum_address(project.owner)
        ended = f": its permission ended on {_date(self._until)}" if self._until else ""
        return PublishError(
            f"{name} belongs to {owner}, and {actor} may not publish to it{ended}",
            hint="choose another name, or ask the owner for: dipmp project publishers add",
        )


def _conflict(name: Filename, sha256: bytes, listed: File) -> Conflict:
    other_name = f" as {listed.filename}" if listed.filename != name.text else ""
    return Conflict(
        f"{name.text} is already published{other_name} with other bytes: "
        f"sha256 here {sha256.hex()}, in the registry {listed.sha256.hex()}",
        hint=_NEW_VERSION,
    )


def _closed(name: ProjectName, project: Project) -> PublishError:
    reason = f" ({project.status_reason})" if project.status_reason else ""
    hints = {
        Status.ARCHIVED: f"its owner opens it with: dipmp project status {name} active",
        Status.QUARANTINED: "the registry's guardian set that, and alone can lift it: dipmp registry show says who",
    }
    return PublishError(
        f"{name} is {project.status}{reason}, so nothing can be published to it", hint=hints[project.status]
    )


def _date(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d")
