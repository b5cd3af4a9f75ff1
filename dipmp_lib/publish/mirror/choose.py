"""Which files of the other index are wanted: versions by requirement, files by target."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from packaging.requirements import Requirement
from packaging.version import Version

from ...model.names import ProjectName, parse_project
from .page import SourceFile, SourcePage
from .resolve import Resolver
from .target import InstallTarget


@dataclass(frozen=True, slots=True, order=True)
class Refusal:
    """`subject` is a file or project; `reason` a clause about it."""

    subject: str
    reason: str

    def __str__(self) -> str:
        return f"{self.subject} {self.reason}"


def clause(subject: str, error: Exception) -> Refusal:
    """Return a refusal for an error about `subject`, which the error's sentence may begin with."""
    text = str(error)
    for lead in (f"{subject}: ", f"{subject} "):
        text = text.removeprefix(lead)
    return Refusal(subject, text)


MAX_VERSIONS = 1_000
_Release = tuple[ProjectName, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class MirrorRequest:
    """What somebody wants mirrored. `narrow` leaves out wheels that no target takes."""

    requirements: tuple[Requirement, ...]
    targets: tuple[InstallTarget, ...]
    narrow: bool
    with_deps: bool
    all_versions: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ChosenFiles:
    """The chosen files, what a project needs before the project as far as possible; all of them have a digest."""

    files: tuple[SourceFile, ...]
    refusals: tuple[Refusal, ...]
    remarks: tuple[str, ...]


def choose(wishes: MirrorRequest, resolver: Resolver) -> ChosenFiles:
    """Resolve, and pick the files of every version that was chosen for any target. Raises SourceError."""
    chosen: dict[_Release, None] = {}
    refusals: dict[Refusal, None] = {}
    remarks: dict[str, None] = {}
    for target in wishes.targets:
        for roots in _root_sets(wishes, target, resolver):
            resolved = resolver.resolve(roots, target, with_deps=wishes.with_deps)
            chosen |= dict.fromkeys(resolved.versions.items())
            refusals |= dict.fromkeys(Refusal(*item) for item in resolved.missing.items())
            remarks |= dict.fromkeys(f"{name} {doubt}" for name, doubt in resolved.doubts.items())
    files: list[SourceFile] = []
    for (name, version), picker in _pickers(reversed(chosen), resolver, wishes).items():
        files += picker.files(name, version)
        refusals |= dict.fromkeys(picker.refusals)
        remarks |= dict.fromkeys(picker.remarks)
    return ChosenFiles(files=tuple(files), refusals=tuple(sorted(refusals)), remarks=tuple(remarks))


def _root_sets(wishes: MirrorRequest, target: InstallTarget, resolver: Resolver) -> Iterator[Sequence[Requirement]]:
    """Yield what is resolved together: all roots, or with every version wanted each version by itself."""
    roots = [root for root in wishes.requirements if root.marker is None or root.marker.evaluate(_base(target))]
    if not wishes.all_versions:
        if roots:
            yield roots
        return
    for root in roots:
        versions = _versions(root, target, resolver)
        yield from [[_pinned(root, version)] for version in versions] or [[root]]


def _base(target: InstallTarget) -> Mapping[str, str]:
    return {**target.environment, "extra": ""}


def _versions(root: Requirement, target: InstallTarget, resolver: Resolver) -> list[Version]:
    found = resolver.candidates(resolver.page(parse_project(root.name)), target)
    return sorted(root.specifier.filter(found), reverse=True)[:MAX_VERSIONS]


def _pinned(root: Requirement, version: Version) -> Requirement:
    extras = f"[{','.join(sorted(root.extras))}]" if root.extras else ""
    return Requirement(f"{root.name}{extras}=={version}")


def _pickers(chosen: Iterable[_Release], resolver: Resolver, wishes: MirrorRequest) -> dict[_Release, "_Picker"]:
    return {release: _Picker(resolver.page(release[0]), wishes, sdists=resolver.sdists) for release in chosen}


class _Picker:
    """Picks the files of one version, and notes what it leaves out."""

    def __init__(self, page: SourcePage, wishes: MirrorRequest, *, sdists: bool) -> None:
        self._page, self._wishes, self._sdists = page, wishes, sdists
        self.refusals: list[Refusal] = []
        self.remarks: list[str] = []

    def files(self, name: ProjectName, version: str) -> list[SourceFile]:
        if self._page.passed_over:
            first, why = self._page.passed_over[0]
            count = len(self._page.passed_over)
            self.remarks.append(f"{name}: {count} of the entries on its page count for nothing; {first} {why}")
        found: dict[tuple[str, ...], SourceFile] = {}
        # Of two archives of one sdist the .tar.gz comes first.
        for file in sorted(self._page.files, key=lambda each: each.filename.text.endswith(".zip")):
            if file.filename.version_key != version or not self._wanted(file):
                continue
            if (first_file := found.setdefault(file.filename.key, file)) is not file:
                self.remarks.append(f"{file.filename.text} is the same to installers as {first_file.filename.text}")
        return sorted(found.values(), key=lambda each: each.filename.text)

    def _wanted(self, file: SourceFile) -> bool:
        name = file.filename.text
        if file.filename.kind == "sdist" and not self._sdists:
            return False
        if self._wishes.narrow and not any(target.takes(file) for target in self._wishes.targets):
            return False
        if file.yanked:
            self.remarks.append(f"{name} is yanked at its index, and left out")
            return False
        if file.sha256 is None:
            self.refusals.append(Refusal(name, "has no sha256 at its index, and so cannot be checked"))
            return False
        return True
