"""Dependency resolution without backtracking: of each project the latest version that meets all requirements.

A requirement counts once it was seen, even if the version that stated it is replaced later. The result meets every
requirement of every chosen version, or names those that it cannot meet; a resolver that backtracks may find versions
where this one finds none.
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
from .page_parser import SourceFile, SourcePage, files_by_version
from .target import InstallTarget

MAX_REQUIREMENTS = 5_000
_MAX_TEXT = 4_096
_BEFORE_DYNAMIC = ("", "1.0", "1.1", "1.2", "2.0", "2.1")


@dataclass(frozen=True, slots=True)
class Dependencies:
    """A file's Requires-Dist. `known` is False where a build may change them; `broken` are those that do not parse."""

    requirements: tuple[Requirement, ...]
    known: bool
    broken: tuple[str, ...] = ()


def read_dependencies(metadata: bytes, *, wheel: bool) -> Dependencies:
    """Parse Requires-Dist. Never raises: requirements that do not parse are in `broken`, cut to 80 characters.

    Those of an sdist are known from metadata 2.2 on, unless declared Dynamic (core metadata specification, PEP 643).
    """
    try:
        raw, _ = parse_email(metadata)
    except (UnicodeError, ValueError):
        return Dependencies((), known=False, broken=("its metadata",))
    requirements, broken = [], []
    for text in raw.get("requires_dist", [])[:MAX_REQUIREMENTS]:
        try:
            requirements.append(Requirement(text[:_MAX_TEXT]))
        except (InvalidRequirement, RecursionError):
            broken.append(ascii(text[:80]))
    dynamic = {field.lower() for field in raw.get("dynamic", [])}
    static = raw.get("metadata_version", "") not in _BEFORE_DYNAMIC and "requires-dist" not in dynamic
    return Dependencies(tuple(requirements), known=wheel or static, broken=tuple(broken))


MAX_PROJECTS = 5_000
_MAX_ROUNDS = 500


@dataclass(frozen=True, slots=True)
class Resolved:
    """A resolution: the chosen version key by project.

    `missing` and `warnings` have a clause by project: why no version was chosen, and which dependencies are unknown.
    """

    versions: Mapping[ProjectName, str]
    missing: Mapping[str, str]
    warnings: Mapping[ProjectName, str]


@dataclass(slots=True)
class _Constraints:
    clauses: set[str] = field(default_factory=set)
    extras: set[str] = field(default_factory=set)

    @property
    def specifiers(self) -> SpecifierSet:
        return SpecifierSet(",".join(sorted(self.clauses)))

    def learn(self, requirement: Requirement) -> bool:
        """Add a requirement, and return whether that changed anything."""
        before = len(self.clauses), len(self.extras)
        self.clauses |= {str(clause) for clause in requirement.specifier}
        self.extras |= requirement.extras
        return before != (len(self.clauses), len(self.extras))


@dataclass(frozen=True, slots=True)
class Resolver:
    """Resolver over `page`, which returns a project's page, and `dependencies`, which returns those of a file."""

    page: Callable[[ProjectName], SourcePage]
    dependencies: Callable[[SourceFile], Dependencies]
    sdists: bool = True

    def resolve(self, roots: Sequence[Requirement], target: InstallTarget, *, with_deps: bool) -> Resolved:
        """Return a version for each project. Raises SourceError where the index fails."""
        constraints: dict[ProjectName, _Constraints] = {}
        for _ in range(_MAX_ROUNDS):
            round_ = _Round(self, target, constraints, with_deps=with_deps)
            if not round_.run(roots):
                return Resolved(round_.versions, round_.missing, round_.warnings)
        raise SourceError("the dependencies do not settle", hint="mirror the packages one by one")

    def candidates(self, page: SourcePage, target: InstallTarget) -> dict[Version, list[SourceFile]]:
        """Return by version the files that the target takes, without yanked ones and those without a digest."""
        usable = [
            file
            for file in page.files
            if file.sha256 and not file.yanked and (self.sdists or file.filename.kind != "sdist") and target.takes(file)
        ]
        found: dict[Version, list[SourceFile]] = {}
        for files in files_by_version(usable).values():
            try:
                found[Version(files[0].filename.version)] = files
            except InvalidVersion:
                continue
        return found


class _Round:
    """One walk from the roots, with the constraints of all earlier rounds."""

    def __init__(
        self,
        resolver: Resolver,
        target: InstallTarget,
        constraints: dict[ProjectName, _Constraints],
        *,
        with_deps: bool,
    ) -> None:
        self._resolver, self._target, self._constraints, self._with_deps = resolver, target, constraints, with_deps
        self.versions: dict[ProjectName, str] = {}
        self.missing: dict[str, str] = {}
        self.warnings: dict[ProjectName, str] = {}
        self._changed = False
        self._queue: deque[tuple[Requirement, str]] = deque()

    def run(self, roots: Iterable[Requirement]) -> bool:
        """Walk, and return whether constraints changed, so that another round is needed."""
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
        self._changed |= self._constraints.setdefault(name, _Constraints()).learn(requirement)
        return name

    def _visit(self, name: ProjectName, why: str) -> None:
        wanted = self._constraints[name]
        try:
            found = self._resolver.candidates(self._resolver.page(name), self._target)
        except ProjectNotFound:
            self.missing[name] = f"is not there ({why})"
            return
        specifiers = wanted.specifiers
        fitting = list(specifiers.filter(found))
        if not fitting:
            fitting_text = f" that fits {specifiers}" if wanted.clauses else ""
            self.missing[name] = f"has no version for {self._target.label}{fitting_text} ({why})"
            return
        version = max(fitting)
        files = found[version]
        self.versions[name] = files[0].filename.version_key
        if self._with_deps:
            self._follow(name, version, _cheapest_to_read(files), wanted.extras)

    def _follow(self, name: ProjectName, version: Version, file: SourceFile, extras: set[str]) -> None:
        dependencies = self._resolver.dependencies(file)
        if not dependencies.known:
            self.warnings[name] = f"{version} says what it needs only when it is built: mirror that by name"
        if dependencies.broken:
            self.warnings[name] = (
                f"{version} has requirements that cannot be read: {', '.join(dependencies.broken[:5])}"
            )
        for requirement in dependencies.requirements:
            if _applies(requirement, self._target, extras):
                self._queue.append((requirement, f"{name} {version} needs it"))


def _cheapest_to_read(files: Sequence[SourceFile]) -> SourceFile:
    """Return the file whose dependencies are the cheapest to read: separate METADATA, then a wheel, then an sdist."""
    return min(files, key=lambda file: (file.filename.kind == "sdist", file.metadata_sha256 is None, file.size or 0))


def _applies(requirement: Requirement, target: InstallTarget, extras: set[str]) -> bool:
    marker = requirement.marker
    try:
        return marker is None or any(
            marker.evaluate({**target.environment, "extra": extra}) for extra in ("", *sorted(extras))
        )
    except (UndefinedComparison, UndefinedEnvironmentName, InvalidVersion):
        return True  # better one file too many than one too few
