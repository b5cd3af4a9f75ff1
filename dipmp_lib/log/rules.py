"""Rules for files, reasons and status bytes that depend on no earlier entry (fold rule 3).

The fold and the writer share them, so that the writer refuses exactly what readers would ignore.
"""

import re
from typing import NamedTuple

from ..errors import InvalidFilename
from ..ipfs.cid import RAW_FILE_MAX
from ..model.filenames import Filename, parse_filename
from ..model.pages import Status
from ..model.versions import is_specifier_set
from .entries import FileRecord
from .limits import MAX_REASON, MAX_SIZE


class Rejection(NamedTuple):
    """Reason to ignore something: a note's code and a sentence."""

    code: str
    detail: str


def check_file(record: FileRecord, project: str) -> Filename | Rejection:
    """Return the parsed file name, or the first rule that the record breaks. `project` is the log's project."""
    try:
        name = parse_filename(record.filename)
    except InvalidFilename as error:
        return Rejection("bad-filename", str(error))
    if name.project != project:
        return Rejection("other-project", f"the file belongs to {name.project}")
    return _check_content(record, name) or name


def check_requires_python(text: str) -> Rejection | None:
    """Return the reason to ignore a requires-python, or None; "" stands for none and is valid."""
    if is_specifier_set(text):
        return None
    return Rejection("bad-requires-python", "requires-python is not a PEP 440 specifier set of at most 256 characters")


def _check_content(record: FileRecord, name: Filename) -> Rejection | None:
    if not 1 <= record.size <= MAX_SIZE:
        return Rejection("bad-size", f"a size of {record.size} bytes is not within 1 to {MAX_SIZE}")
    if (record.dag_root is None) != (record.size <= RAW_FILE_MAX):
        return Rejection("bad-dag-root", f"dag_root is given if and only if a file is larger than {RAW_FILE_MAX} bytes")
    if (record.metadata_sha256 is None) != (name.kind == "sdist"):
        return Rejection("bad-metadata", "a wheel has the digest of its METADATA, an sdist has none")
    return None


ARCHIVED = 0x01
DEPRECATED = 0x02
QUARANTINED = 0x80
UNKNOWN = 0xFF & ~(ARCHIVED | DEPRECATED | QUARANTINED)
"""Bits of a status byte; those without a meaning in format 1 get a note and are otherwise ignored."""


def status_of(byte: int) -> Status:
    """Return the one status marker that PEP 792 allows, by the most restrictive bit."""
    if byte & QUARANTINED:
        return Status.QUARANTINED
    if byte & ARCHIVED:
        return Status.ARCHIVED
    if byte & DEPRECATED:
        return Status.DEPRECATED
    return Status.ACTIVE


# C0 and C1 controls, DEL, line and paragraph separators, and the characters that reorder the text around them.
_FORBIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")


def valid_reason(text: str) -> bool:
    """Tell whether `text` may be a reason: at most 512 code points, none of them a control."""
    return len(text) <= MAX_REASON and _FORBIDDEN.search(text) is None
