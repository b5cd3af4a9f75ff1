"""What METADATA or PKG-INFO says, checked against the file name that carries it (core metadata specification)."""

import re

from packaging.metadata import InvalidMetadata, Metadata, RawMetadata, parse_email

from ..errors import InvalidName
from ..filenames import Filename
from ..names import parse_project
from ..versions import is_specifier_set, parse_version
from .findings import Findings, shown
from .metadataform import check_form
from .naming import check_name

_NEEDED = ("metadata-version", "name", "version")
_METADATA_VERSION = re.compile(r"[12]\.[0-9]")
"""Every minor version of 1 and 2, the 2.0 of withdrawn PEP 426 included, which thousands of wheels carry."""
_CHECKED = (*_NEEDED, "requires-python")


def check_metadata(filename: Filename, data: bytes, licenses: set[str], findings: Findings) -> str:
    """Check all fields, and return requires-python as written, "" where absent.

    `licenses` are the files that License-File may name, relative to where they belong.
    """
    try:
        raw, unparsed = parse_email(data)
    except (UnicodeError, ValueError) as error:
        findings.error(f"has metadata that cannot be read ({type(error).__name__})")
        return ""
    for name in (name for name in _CHECKED if name in unparsed):
        findings.error(f"has a metadata field {name!r} that is repeated or unreadable")
    present = {key.replace("_", "-") for key in raw} | set(unparsed)
    missing = [field for field in _NEEDED if field not in present]
    for field in missing:
        findings.error(f"has metadata without {field!r}")
    if not missing:
        _check_agreement(filename, raw, findings)
        check_name(filename, raw.get("version", ""), findings)
        _check_requirements(raw, findings)
        check_form(raw, set(unparsed), licenses, findings)
    requires_python = raw.get("requires_python", "")
    if requires_python and not is_specifier_set(requires_python):
        findings.error(f"has a Requires-Python that is not a PEP 440 specifier set: {requires_python[:80]!r}")
    return requires_python


def _check_agreement(filename: Filename, raw: RawMetadata, findings: Findings) -> None:
    name, version = raw.get("name", ""), raw.get("version", "")
    if _project_of(name) != filename.project:
        findings.error(f"is named for the project {filename.project!r}, but its metadata says {shown(name)}")
    parsed = parse_version(version.strip())
    if parsed is None or parsed.key != filename.version_key:
        findings.error(f"is named for version {filename.version}, but its metadata says {shown(version)}")


def _check_requirements(raw: RawMetadata, findings: Findings) -> None:
    """Check what every installer parses."""
    version = raw.get("metadata_version", "")
    if _METADATA_VERSION.fullmatch(version) is None:
        findings.error(f"has metadata of version {shown(version)}, which installers do not know")
    try:
        _ = Metadata.from_raw({"requires_dist": raw.get("requires_dist", [])}, validate=False).requires_dist
    except InvalidMetadata as error:
        findings.error(f"has a requirement that installers refuse: {str(error)[:160]}")


def _project_of(text: str) -> str | None:
    try:
        return parse_project(text)
    except InvalidName:
        return None
