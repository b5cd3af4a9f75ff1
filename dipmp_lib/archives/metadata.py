"""What METADATA or PKG-INFO says, checked against the file name that carries it (core metadata specification)."""

import re
from collections.abc import Iterator

from packaging.metadata import InvalidMetadata, Metadata, RawMetadata, parse_email

from ..errors import InvalidName
from ..filenames import Filename
from ..names import parse_project
from ..versions import is_specifier_set, parse_version

_NEEDED = ("metadata-version", "name", "version")
_METADATA_VERSION = re.compile(r"[12]\.[0-9]")
"""Every minor version of 1 and 2, the 2.0 of withdrawn PEP 426 included, which thousands of wheels carry."""
_CHECKED = (*_NEEDED, "requires-python")


def check_metadata(filename: Filename, data: bytes) -> tuple[str, list[str]]:
    """Return requires-python as written ("" where absent), and every problem as a clause about the file."""
    try:
        raw, unparsed = parse_email(data)
    except (UnicodeError, ValueError) as error:
        return "", [f"has metadata that cannot be read ({type(error).__name__})"]
    problems = [
        f"has a metadata field {name!r} that is repeated or unreadable" for name in _CHECKED if name in unparsed
    ]
    problems += _required(raw, set(unparsed)) or [*_agreement(filename, raw), *_requirements(raw)]
    requires_python = raw.get("requires_python", "")
    if requires_python and not is_specifier_set(requires_python):
        problems.append(f"has a Requires-Python that is not a PEP 440 specifier set: {requires_python[:80]!r}")
    return requires_python, problems


def _required(raw: RawMetadata, unparsed: set[str]) -> list[str]:
    names = {key.replace("_", "-") for key in raw} | unparsed
    return [f"has metadata without {field!r}" for field in _NEEDED if field not in names]


def _agreement(filename: Filename, raw: RawMetadata) -> Iterator[str]:
    name, version = raw.get("name", ""), raw.get("version", "")
    if _project_of(name) != filename.project:
        yield f"is named for the project {filename.project!r}, but its metadata says {name[:80]!r}"
    parsed = parse_version(version.strip())
    if parsed is None or parsed.key != filename.version_key:
        yield f"is named for version {filename.version}, but its metadata says {version[:80]!r}"


def _requirements(raw: RawMetadata) -> Iterator[str]:
    """Check what installers parse. Other fields are the build tool's affair: old ones break newer rules daily."""
    version = raw.get("metadata_version", "")
    if _METADATA_VERSION.fullmatch(version) is None:
        yield f"has metadata of version {version[:20]!r}, which installers do not know"
    try:
        _ = Metadata.from_raw({"requires_dist": raw.get("requires_dist", [])}, validate=False).requires_dist
    except InvalidMetadata as error:
        yield f"has a requirement that installers refuse: {str(error)[:160]}"


def _project_of(text: str) -> str | None:
    try:
        return parse_project(text)
    except InvalidName:
        return None
