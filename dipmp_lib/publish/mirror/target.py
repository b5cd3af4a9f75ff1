"""Install targets: a Python version on a platform, with its markers (PEP 508) and wheel tags (PEP 425)."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product

from packaging import tags
from packaging.markers import default_environment
from packaging.specifiers import InvalidSpecifier, SpecifierSet

from ...errors import InvalidInput
from ...model.filenames import Filename
from .page_parser import SourceFile

_PYTHON = re.compile(r"3\.([0-9]{1,2})(?:\.[0-9]{1,3})?")
_LINUX = re.compile(r"(manylinux|musllinux)_([0-9]{1,2})_([0-9]{1,3})_([a-z0-9_]{1,20})")
_LEGACY = {5: "manylinux1", 12: "manylinux2010", 17: "manylinux2014"}
_MAC = re.compile(r"macosx_([0-9]{1,2})_([0-9]{1,2})_(x86_64|arm64)")
_WINDOWS = {"win32": "x86", "win_amd64": "AMD64", "win_arm64": "ARM64"}
_HINT = "write manylinux_2_28_x86_64, musllinux_1_2_aarch64, macosx_14_0_arm64 or win_amd64"


@dataclass(frozen=True, slots=True)
class InstallTarget:
    """One target; `label` is its name in messages.

    `environment` has the values of markers, `triples` the tags that it takes, (python, abi, platform), and `columns`
    the values that occur in each of the three.
    """

    label: str
    environment: Mapping[str, str] = field(repr=False)
    triples: frozenset[tuple[str, ...]] = field(repr=False)
    columns: tuple[frozenset[str], ...] = field(repr=False)

    def takes(self, file: SourceFile) -> bool:
        """Return whether an installer would take the file: by Requires-Python and, for a wheel, its tags."""
        return self._right_python(file.requires_python) and (file.filename.kind == "sdist" or self._fits(file.filename))

    def _right_python(self, requires: str) -> bool:
        try:
            wanted = SpecifierSet(requires)
        except InvalidSpecifier:
            return False
        return wanted.contains(self.environment["python_full_version"], prereleases=True)

    def _fits(self, name: Filename) -> bool:
        # A file name may compress tens of thousands of triples, so only parts that occur in the target are multiplied.
        parts = [
            [each for each in tag.split(".") if each in known]
            for tag, known in zip(name.tags, self.columns, strict=True)
        ]
        return any(triple in self.triples for triple in product(*parts))


def this_machine() -> InstallTarget:
    """Return the target of the running Python."""
    environment = {name: str(value) for name, value in default_environment().items()}
    label = f"Python {environment['python_version']} on this machine ({environment['sys_platform']})"
    return _make_target(label, environment, tags.sys_tags())


def make_targets(pythons: Sequence[str], platforms: Sequence[str]) -> tuple[InstallTarget, ...]:
    """Return a target for each Python version on each platform tag; an empty sequence means those of this machine.

    Raises InvalidInput.
    """
    return tuple(_target(python, platform) for python, platform in product(pythons or [""], platforms or [""]))


def _target(python: str, platform: str) -> InstallTarget:
    here = this_machine()
    version = python or here.environment["python_full_version"]
    match = _PYTHON.fullmatch(version)
    if match is None:
        raise InvalidInput(f"{version[:20]!r} is not a Python version", hint="write 3.12 or 3.12.4")
    minor = int(match[1])
    full = version if version.count(".") == 2 else f"{version}.0"
    names, facts = _platform(platform) if platform else (list(tags.platform_tags()), {})
    environment = {**here.environment, **facts, "python_version": f"3.{minor}", "python_full_version": full}
    environment |= {"implementation_version": full}
    found = [*tags.cpython_tags((3, minor), platforms=names)]
    found += tags.compatible_tags((3, minor), interpreter=f"cp3{minor}", platforms=names)
    where = platform or f"this machine ({here.environment['sys_platform']})"
    return _make_target(f"Python 3.{minor} on {where}", environment, found)


def _platform(text: str) -> tuple[list[str], Mapping[str, str]]:
    """Return the platform tags that an installer takes, best first, and the values of markers."""
    if (linux := _LINUX.fullmatch(text)) is not None:
        facts = {"os_name": "posix", "sys_platform": "linux", "platform_system": "Linux"}
        return list(_linux(linux[1], int(linux[2]), int(linux[3]), linux[4])), {**facts, "platform_machine": linux[4]}
    if (mac := _MAC.fullmatch(text)) is not None:
        facts = {"os_name": "posix", "sys_platform": "darwin", "platform_system": "Darwin"}
        names = list(tags.mac_platforms((int(mac[1]), int(mac[2])), mac[3]))
        return names, {**facts, "platform_machine": mac[3]}
    if text in _WINDOWS:
        facts = {"os_name": "nt", "sys_platform": "win32", "platform_system": "Windows"}
        return [text], {**facts, "platform_machine": _WINDOWS[text]}
    raise InvalidInput(f"{text[:60]!r} is not a platform tag", hint=_HINT)


def _linux(libc: str, major: int, minor: int, machine: str) -> Iterator[str]:
    for older in range(minor, -1, -1):
        yield f"{libc}_{major}_{older}_{machine}"
        if libc == "manylinux" and major == 2 and older in _LEGACY:
            yield f"{_LEGACY[older]}_{machine}"
    yield f"linux_{machine}"


def _make_target(label: str, environment: Mapping[str, str], found: Iterable[tags.Tag]) -> InstallTarget:
    triples = frozenset((tag.interpreter, tag.abi, tag.platform) for tag in found)
    return InstallTarget(label, environment, triples, tuple(frozenset(column) for column in zip(*triples, strict=True)))
