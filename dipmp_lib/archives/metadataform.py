"""What public indexes ask of metadata beyond what installers need (core metadata to 2.5, PEP 440, 508, 639, 753)."""

from collections.abc import Iterator

from packaging.metadata import InvalidMetadata, Metadata, RawMetadata
from packaging.requirements import InvalidRequirement, Requirement

from .findings import Findings, shown

MAX_SUMMARY = 512
MAX_LABEL = 32
_CHECKED_ELSEWHERE = {"name", "version", "requires-python", "requires-dist"}
_LICENSE_FILES_SINCE = "2.4"
"""PEP 639 says where license files are since then; build tools listed them without a place for years before."""


def check_form(raw: RawMetadata, unparsed: set[str], licenses: set[str], findings: Findings) -> None:
    """Note what new files should not have."""
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
