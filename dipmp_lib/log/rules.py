"""Fold rule 3 and the shape of a release: what a file must be, apart from what came before it in the log.

Both the fold and the writer ask here, so the writer refuses exactly what readers would ignore.
"""

from typing import NamedTuple

from ..cid import RAW_FILE_MAX
from ..errors import InvalidFilename
from ..filenames import Filename, parse_filename
from ..versions import is_specifier_set
from .entries import FileRecord
from .limits import MAX_SIZE


class Problem(NamedTuple):
    """Why something is ignored: a note code and a sentence."""

    code: str
    detail: str


def check_file(record: FileRecord, project: str) -> Filename | Problem:
    """Return the parsed file name, or the first rule that the record breaks. `project` is the log's project."""
    try:
        name = parse_filename(record.filename)
    except InvalidFilename as error:
        return Problem("bad-filename", str(error))
    if name.project != project:
        return Problem("other-project", f"the file belongs to {name.project}")
    return _check_content(record, name) or name


def check_requires_python(text: str) -> Problem | None:
    """Return the problem of a requires-python that no file may carry; "" is none."""
    if is_specifier_set(text):
        return None
    return Problem("bad-requires-python", "requires-python is not a PEP 440 specifier set of at most 256 characters")


def _check_content(record: FileRecord, name: Filename) -> Problem | None:
    if not 1 <= record.size <= MAX_SIZE:
        return Problem("bad-size", f"a size of {record.size} bytes is not within 1 to {MAX_SIZE}")
    if (record.dag_root is None) != (record.size <= RAW_FILE_MAX):
        return Problem("bad-dag-root", f"dag_root is given if and only if a file is larger than {RAW_FILE_MAX} bytes")
    if (record.metadata_sha256 is None) != (name.kind == "sdist"):
        return Problem("bad-metadata", "a wheel has the digest of its METADATA, an sdist has none")
    return None
