"""Distribution file names: the strict grammar of the log format (docs/log-format.md, "File names").

    wheel   NAME-VERSION(-BUILD)?-PYTHON-ABI-PLATFORM.whl
    sdist   NAME-VERSION.tar.gz or NAME-VERSION.zip, split at the last '-'

Narrower than what installers accept (ASCII only, no whitespace, NUL or control characters), and fixed for ever.
Sources: the binary and source distribution format specifications, PEP 440, PEP 503.
"""

import re
from dataclasses import dataclass
from typing import Literal

from ..errors import InvalidFilename
from .names import ProjectName, is_project_name, normalize_name
from .versions import parse_version

MAX_FILENAME = 255

_VERSION = r"([A-Za-z0-9.!+_]+)"
_TAG = r"([A-Za-z0-9_.]+)"
_WHEEL = re.compile(rf"([A-Za-z0-9._]+)-{_VERSION}(?:-([0-9][A-Za-z0-9_.]*))?-{_TAG}-{_TAG}-{_TAG}\.whl")
_SDIST = re.compile(rf"([A-Za-z0-9._-]+)-{_VERSION}(?:\.tar\.gz|\.zip)")
_HINT = "a wheel is NAME-VERSION-PYTHON-ABI-PLATFORM.whl, an sdist NAME-VERSION.tar.gz or NAME-VERSION.zip"


@dataclass(frozen=True, slots=True)
class Filename:
    """A valid file name and its parts.

    `version` is the PEP 440 normal form; `build` and `tags` (python, abi, platform) are lower-cased and empty for
    an sdist. Two file names are one file if and only if their `key` is equal: letter case, name spelling, version
    spelling (1.0 is 1.0.0) and, for an sdist, the archive format make no difference.
    """

    text: str
    kind: Literal["bdist_wheel", "sdist"]
    project: ProjectName
    version: str
    build: str
    tags: tuple[str, ...]
    key: tuple[str, ...]

    @property
    def version_key(self) -> str:
        """The form of the version that is equal for equal versions."""
        return self.key[2]


def parse_filename(text: str) -> Filename:
    """Parse the name of a wheel or sdist. Raises InvalidFilename."""
    if len(text) > MAX_FILENAME:
        raise InvalidFilename(f"a file name has {len(text)} characters, more than {MAX_FILENAME}", hint=_HINT)
    wheel = _WHEEL.fullmatch(text)
    if wheel is not None:
        name, version, build, *tags = wheel.groups()
        return _filename(text, "bdist_wheel", name, version, build or "", tags)
    sdist = _SDIST.fullmatch(text)
    if sdist is not None:
        return _filename(text, "sdist", sdist[1], sdist[2], "", [])
    raise InvalidFilename(f"{text!a} is not the name of a wheel or sdist", hint=_HINT)


def _filename(
    text: str, kind: Literal["bdist_wheel", "sdist"], name: str, version: str, build: str, tags: list[str]
) -> Filename:
    project = normalize_name(name)
    if not is_project_name(project):
        raise InvalidFilename(f"{text!a} does not begin with a project name", hint=_HINT)
    parsed = parse_version(version)
    if parsed is None:
        raise InvalidFilename(f"{text!a} has {version!a} where a PEP 440 version belongs", hint=_HINT)
    build, tags = build.lower(), [tag.lower() for tag in tags]
    return Filename(
        text=text,
        kind=kind,
        project=ProjectName(project),
        version=parsed.normal,
        build=build,
        tags=tuple(tags),
        key=(kind, project, parsed.key, build, *tags),
    )
