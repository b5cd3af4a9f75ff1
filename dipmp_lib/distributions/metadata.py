"""Core metadata (METADATA or PKG-INFO): its form, its description, and its agreement with the file's name.

Source: the core metadata specification. Sidecars are the metadata files beside wheels (PEP 658).
"""

import re
from collections.abc import Iterator, Sequence
from email.message import Message
from io import StringIO
from pathlib import Path

from packaging.metadata import InvalidMetadata, Metadata, RawMetadata, parse_email
from packaging.requirements import InvalidRequirement, Requirement

from ..errors import InvalidName
from ..log.limits import MAX_METADATA
from ..model.filenames import Filename
from ..model.names import parse_project
from ..model.versions import is_specifier_set, parse_version
from .findings import Findings, shown
from .spelling import check_name

MAX_SUMMARY = 512
MAX_LABEL = 32
_CHECKED_ELSEWHERE = {"name", "version", "requires-python", "requires-dist"}
_LICENSE_FILES_SINCE = "2.4"
"""PEP 639 defines the place of license files since then; older build tools listed them without one."""


def check_form(raw: RawMetadata, unparsed: set[str], licenses: set[str], findings: Findings) -> None:
    """Check the form of new files, as today's indexes do. `licenses` are the license files of the archive."""
    for field in sorted(unparsed - _CHECKED_ELSEWHERE - {"metadata-version"}):
        findings.form(f"has a metadata field {shown(field)} that is unknown, repeated or unreadable")
    old = raw.get("metadata_version", "") < _LICENSE_FILES_SINCE
    checked = raw.copy()
    if old:
        checked.pop("license_files", None)
    for problem in (*_invalid(checked), *_beyond(checked)):
        findings.form(problem)
    for name in () if old else raw.get("license_files", ()):
        if name not in licenses:
            findings.form(f"has no {shown(name)}, which its metadata names as a license file")


def _invalid(raw: RawMetadata) -> Iterator[str]:
    try:
        Metadata.from_raw(raw)
    except ExceptionGroup as group:
        for error in group.exceptions:
            if isinstance(error, InvalidMetadata) and error.field not in _CHECKED_ELSEWHERE:
                yield f"has a metadata field {error.field!r} that indexes refuse: {str(error)[:160]}"


def _beyond(raw: RawMetadata) -> Iterator[str]:
    if "+" in raw.get("version", ""):
        yield f"has the local version {shown(raw.get('version', ''))}, which is for builds that are not published"
    if len(raw.get("summary", "")) > MAX_SUMMARY:
        yield f"has a Summary of more than {MAX_SUMMARY} characters"
    if "license" in raw and "license_expression" in raw:
        yield "has both License and License-Expression in its metadata"
    for label in raw.get("project_urls", {}):
        if not 0 < len(label) <= MAX_LABEL:
            yield f"has a Project-URL whose label {shown(label)} is empty or longer than {MAX_LABEL} characters"
    for text in raw.get("requires_dist", ()):
        if _has_url(text):
            yield f"depends on a URL, which no index can keep: {shown(text)}"


def _has_url(text: str) -> bool:
    try:
        return Requirement(text).url is not None
    except InvalidRequirement:
        return False


_NEEDED = ("metadata-version", "name", "version")
_METADATA_VERSION = re.compile(r"[12]\.[0-9]")
"""Every minor version of 1 and 2, the 2.0 of withdrawn PEP 426 included, which thousands of wheels carry."""
_CHECKED = (*_NEEDED, "requires-python")


def check_metadata(filename: Filename, data: bytes, licenses: set[str], findings: Findings) -> str:
    """Check all fields, and return Requires-Python as written, "" where absent.

    `licenses` are the files that License-File may name, relative to the folder of license files.
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
    """Check the fields that every installer parses."""
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


_RST = "text/x-rst"
_SHOWN = 160


def check_description(data: bytes, findings: Findings) -> None:
    """Warn about a reStructuredText description that does not render, with the first reason."""
    try:
        raw, _ = parse_email(data)
    except (UnicodeError, ValueError):
        return
    header = Message()
    header["content-type"] = raw.get("description_content_type", "")
    description = raw.get("description", "")
    if header.get_content_type() == _RST and description:
        reason = _reason(description)
        if reason is not None:
            findings.warn(f"has a description that does not render as {_RST}: {reason}")


def _reason(description: str) -> str | None:
    """Return why the text does not render, None where it does."""
    from readme_renderer import rst  # noqa: PLC0415 - loads docutils, which nothing else needs

    messages = StringIO()
    if rst.render(description, stream=messages) is not None:
        return None
    first = messages.getvalue().strip().partition("\n")[0]
    return ascii(first[:_SHOWN])[1:-1] or "it has errors"


SUFFIX = ".metadata"


def check_sidecar(wheel: Path, metadata: bytes) -> str | None:
    """Return a clause if the metadata file beside `wheel` has other bytes, None if it has the same or is missing."""
    beside = wheel.with_name(wheel.name + SUFFIX)
    if not beside.is_file():
        return None
    with beside.open("rb") as stream:
        same = stream.read(MAX_METADATA + 1) == metadata
    return None if same else f"has a METADATA that differs from {beside.name} beside it"


def without_sidecars(paths: Sequence[Path]) -> list[Path]:
    """Return the paths, each once, without the metadata files of wheels among them."""
    unique = dict.fromkeys(paths)
    return [path for path in unique if not (path.suffix == SUFFIX and path.with_suffix("") in unique)]
