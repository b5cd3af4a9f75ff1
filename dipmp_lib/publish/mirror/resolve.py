"""Which versions a set of requirements needs on one target: of each project the latest that fits everything asked.

No backtracking: a requirement counts from the moment it is seen, also where the version that stated it gave way to
another. The result satisfies every requirement of everything chosen, or says what could not be satisfied; a resolver
that backtracks may find versions where this one finds none.
"""

from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from packaging.markers import UndefinedComparison, UndefinedEnvironmentName
from packaging.metadata import parse_email
from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import SpecifierSet
from packaging.version import InvalidVersion, Version

from ...errors import InvalidName, ProjectNotFound, SourceError
from ...model.names import ProjectName, parse_project
from .page import SourceFile, SourcePage, releases
from .target import InstallTarget

MAX_REQUIREMENTS = 5_000
_MAX_TEXT = 4_096
_BEFORE_DYNAMIC = ("", "1.0", "1.1", "1.2", "2.0", "2.1")


@dataclass(frozen=True, slots=True)
class Needs:
    """A file's Requires-Dist. `known` is False where building it may say something else; `broken` does not parse."""

    requirements: tuple[Requirement, ...]
    known: bool
    broken: tuple[str, ...] = ()


def read_needs(metadata: bytes, *, wheel: bool) -> Needs:
    """Parse the dependencies. Total: what cannot be read is in `broken`, cut to 80 characters.

    An sdist's are known from metadata 2.2 on, unless it calls them dynamic (core metadata specification).
    """
    try:
        raw, _ = parse_email(metadata)
    except (UnicodeError, ValueError):
        return Needs((), known=False, broken=("its metadata",))
    requirements, broken = [], []
    for text in raw.get("requires_dist", [])[:MAX_REQUIREMENTS]:
        try:
            requirements.append(Requirement(text[:_MAX_TEXT]))
        except (InvalidRequirement, RecursionError):
            broken.append(ascii(text[:80]))
    dynamic = {field.lower() for field in raw.get("dynamic", [])}
    static = raw.get("metadata_version", "") not in _BEFORE_DYNAMIC and "requires-dist" not in dynamic
    return Needs(tuple(requirements), known=wheel or static, broken=tuple(broken))


MAX_PROJECTS = 5_000
_MAX_ROUNDS = 500


@dataclass(frozen=True, slots=True)
class Resolved:
    """The version key chosen for each project, and per project why there is none or not all is known."""

    versions: Mapping[ProjectName, str]
    missing: Mapping[str, str]
    doubts: Mapping[ProjectName, str]


@dataclass(slots=True)
class _Want:
    clauses: set[str] = field(default_factory=set)
    extras: set[str] = field(default_factory=set)

    @property
    def specifiers(self) -> SpecifierSet:
        return SpecifierSet(",".join(sorted(self.clauses)))

    def learn(self, requirement: Requirement) -> bool:
        """Take a requirement in; tell whether it says anything new."""
        before = len(self.clauses), len(self.extras)
        self.clauses |= {str(clause) for clause in requirement.specifier}
        self.extras |= requirement.extras
        return before != (len(self.clauses), len(self.extras))


@dataclass(frozen=True, slots=True)
class Resolver:
    """Resolves over `page`, which gives a project's files, and `needs`, which gives a file's dependencies."""

    page: Callable[[ProjectName], SourcePage]
    needs: Callable[[SourceFile], Needs]
    sdists: bool = True

    def resolve(self, roots: Sequence[Requirement], target: InstallTarget, *, with_deps: bool) -> Resolved:
        """Choose versions. Raises SourceError where the index fails."""
        wants: dict[ProjectName, _Want] = {}
        for _ in range(_MAX_ROUNDS):
            round_ = _Round(self, target, wants, with_deps=with_deps)
            if not round_.run(roots):
                return Resolved(round_.versions, round_.missing, round_.doubts)
        raise SourceError("the dependencies do not settle", hint="mirror the packages one by one")

    def candidates(self, page: SourcePage, target: InstallTarget) -> dict[Version, list[SourceFile]]:
        """Return the files that the target takes by version; yanked ones and those without a digest do not count."""
        usable = [
            file
            for file in page.files
            if file.sha256 and not file.yanked and (self.sdists or file.filename.kind != "sdist") and target.takes(file)
        ]
        found: dict[Version, list[SourceFile]] = {}
        for files in releases(usable).values():
            try:
                found[Version(files[0].filename.version)] = files
            except InvalidVersion:
                continue
        return found


class _Round:
    """One walk from the roots with everything that is wanted so far."""

    def __init__(
        self, resolver: Resolver, target: InstallTarget, wants: dict[ProjectName, _Want], *, with_deps: bool
    ) -> None:
        self._resolver, self._target, self._wants, self._with_deps = resolver, target, wants, with_deps
        self.versions: dict[ProjectName, str] = {}
        self.missing: dict[str, str] = {}
        self.doubts: dict[ProjectName, str] = {}
        self._changed = False
        self._queue: deque[tuple[Requirement, str]] = deque()

    def run(self, roots: Iterable[Requirement]) -> bool:
        """Walk; tell whether anything new was learnt, so that another round is needed."""
        self._queue.extend((root, "it was asked for") for root in roots)
        seen: set[ProjectName] = set()
        while self._queue:
            requirement, why = self._queue.popleft()
            name = self._learn(requirement, why)
            if name is not None and name not in seen:
                seen.add(name)
                if len(seen) > MAX_PROJECTS:
                    raise SourceError(f"the dependencies are more than {MAX_PROJECTS} projects")
                self._visit(name, why)
        return self._changed

    def _learn(self, requirement: Requirement, why: str) -> ProjectName | None:
        if requirement.url is not None:
            self.missing[requirement.name[:80]] = f"is wanted from a URL ({why}), and an index has no URLs"
            return None
        try:
            name = parse_project(requirement.name)
        except InvalidName as error:
            self.missing[requirement.name[:80]] = str(error)
            return None
        self._changed |= self._wants.setdefault(name, _Want()).learn(requirement)
        return name

    def _visit(self, name: ProjectName, why: str) -> None:
        want = self._wants[name]
        try:
            found = self._resolver.candidates(self._resolver.page(name), self._target)
        except ProjectNotFound:
            self.missing[name] = f"is not there ({why})"
            return
        specifiers = want.specifiers
        fitting = list(specifiers.filter(found))
        if not fitting:
            wanted = f" that fits {specifiers}" if want.clauses else ""
            self.missing[name] = f"has no version for {self._target.label}{wanted} ({why})"
            return
        version = max(fitting)
        files = found[version]
        self.versions[name] = files[0].filename.version_key
        if self._with_deps:
            self._follow(name, version, _telling(files), want.extras)

    def _follow(self, name: ProjectName, version: Version, file: SourceFile, extras: set[str]) -> None:
        needs = self._resolver.needs(file)
        if not needs.known:
            self.doubts[name] = f"{version} says what it needs only when it is built: mirror that by name"
        if needs.broken:
            self.doubts[name] = f"{version} has requirements that cannot be read: {', '.join(needs.broken[:5])}"
        for requirement in needs.requirements:
            if _applies(requirement, self._target, extras):
                self._queue.append((requirement, f"{name} {version} needs it"))


def _telling(files: Sequence[SourceFile]) -> SourceFile:
    """Return the file that says most cheaply what the release needs: METADATA by itself, a wheel, an sdist."""
    return min(files, key=lambda file: (file.filename.kind == "sdist", file.metadata_sha256 is None, file.size or 0))


def _applies(requirement: Requirement, target: InstallTarget, extras: set[str]) -> bool:
    marker = requirement.marker
    try:
        return marker is None or any(
            marker.evaluate({**target.environment, "extra": extra}) for extra in ("", *sorted(extras))
        )
    except (UndefinedComparison, UndefinedEnvironmentName, InvalidVersion):
        return True  # rather something too much than something too little
