"""Choice of the files to mirror: versions by requirement, files by target."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from packaging.requirements import Requirement
from packaging.version import Version

from ...distributions.findings import Finding
from ...model.names import ProjectName, parse_project
from .page_parser import SourceFile, SourcePage
from .resolve import Resolver
from .target import InstallTarget

MAX_VERSIONS = 1_000
_Release = tuple[ProjectName, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class MirrorRequest:
    """The requirements to mirror, and for which targets.

    `narrow` leaves out files that no target takes, `with_deps` adds dependencies, and `all_versions` takes every
    version of the requirements, up to `MAX_VERSIONS` each, instead of the latest.
    """

    requirements: tuple[Requirement, ...]
    targets: tuple[InstallTarget, ...]
    narrow: bool
    with_deps: bool
    all_versions: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ChosenFiles:
    """The chosen files, all with a digest; the dependencies of a project come before it as far as possible."""

    files: tuple[SourceFile, ...]
    refusals: tuple[Finding, ...]
    remarks: tuple[str, ...]


def choose(request: MirrorRequest, resolver: Resolver) -> ChosenFiles:
    """Return the files of every version that resolution chooses for any target. Raises SourceError."""
    chosen: dict[_Release, None] = {}
    refusals: dict[Finding, None] = {}
    remarks: dict[str, None] = {}
    for target in request.targets:
        for roots in _root_sets(request, target, resolver):
            resolved = resolver.resolve(roots, target, with_deps=request.with_deps)
            chosen |= dict.fromkeys(resolved.versions.items())
            refusals |= dict.fromkeys(Finding(*item) for item in resolved.missing.items())
            remarks |= dict.fromkeys(f"{name} {warning}" for name, warning in resolved.warnings.items())
    files: list[SourceFile] = []
    for (name, version), picker in _pickers(reversed(chosen), resolver, request).items():
        files += picker.files(name, version)
        refusals |= dict.fromkeys(picker.refusals)
        remarks |= dict.fromkeys(picker.remarks)
    return ChosenFiles(files=tuple(files), refusals=tuple(sorted(refusals)), remarks=tuple(remarks))


def _root_sets(request: MirrorRequest, target: InstallTarget, resolver: Resolver) -> Iterator[Sequence[Requirement]]:
    """Yield the sets of requirements to resolve together: all roots, or one by one each version of each root."""
    roots = [root for root in request.requirements if root.marker is None or root.marker.evaluate(_base(target))]
    if not request.all_versions:
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


def _pickers(chosen: Iterable[_Release], resolver: Resolver, request: MirrorRequest) -> dict[_Release, "_Picker"]:
    return {release: _Picker(resolver.page(release[0]), request, sdists=resolver.sdists) for release in chosen}


class _Picker:
    """Picks the files of one version, and records which it leaves out."""

    def __init__(self, page: SourcePage, request: MirrorRequest, *, sdists: bool) -> None:
        self._page, self._request, self._sdists = page, request, sdists
        self.refusals: list[Finding] = []
        self.remarks: list[str] = []

    def files(self, name: ProjectName, version: str) -> list[SourceFile]:
        if self._page.skipped:
            count, first = len(self._page.skipped), self._page.skipped[0]
            self.remarks.append(f"{name}: {count} of the entries on its page count for nothing; {first}")
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
        if self._request.narrow and not any(target.takes(file) for target in self._request.targets):
            return False
        if file.yanked:
            self.remarks.append(f"{name} is yanked at its index, and left out")
            return False
        if file.sha256 is None:
            self.refusals.append(Finding(name, "has no sha256 at its index, and so cannot be checked"))
            return False
        return True
