"""Values to payloads. Everything that readers would ignore or call malformed is refused here."""

from collections.abc import Sequence

from ..errors import MalformedPayload
from ..filenames import Filename, parse_filename
from . import cbor
from .entries import FileRecord, Release, Yank
from .envelope import wrap
from .limits import MAX_FILES, MAX_TARGETS
from .reasons import valid_reason
from .rules import Problem, check_file, check_requires_python


def encode_release(release: Release) -> bytes:
    """Return the payload of a RELEASE, in the shorter format.

    Raises MalformedPayload for what readers would ignore, InvalidFilename for the name of the first file.
    """
    if not 1 <= len(release.files) <= MAX_FILES:
        raise MalformedPayload(f"a release has {len(release.files)} files, not 1 to {MAX_FILES}")
    _refuse(check_requires_python(release.requires_python))
    first = parse_filename(release.files[0].filename)
    keys = [_checked(record, first).key for record in release.files]
    if len(set(keys)) != len(keys):
        raise MalformedPayload("two files of the release are one and the same to readers", code="duplicate-file")
    return wrap(cbor.encode([release.requires_python, [_row(record) for record in release.files]]))


def encode_yank(yank: Yank) -> bytes:
    """Return the payload of a YANK, in the shorter format.

    Raises MalformedPayload for what readers would ignore, InvalidFilename for a target that no file can have.
    """
    if not 1 <= len(yank.targets) <= MAX_TARGETS:
        raise MalformedPayload(f"a yank has {len(yank.targets)} targets, not 1 to {MAX_TARGETS}")
    if yank.reason is None or not valid_reason(yank.reason):
        raise MalformedPayload("a reason has at most 512 characters and no controls", code="bad-reason")
    for target in yank.targets:
        if isinstance(target, str):
            parse_filename(target)
    return wrap(cbor.encode([list(yank.targets), yank.yanked, yank.reason]))


def _checked(record: FileRecord, first: Filename) -> Filename:
    name = check_file(record, first.project)
    if isinstance(name, Problem):
        raise MalformedPayload(f"{record.filename}: {name.detail}", code=name.code)
    if name.version_key != first.version_key:
        raise MalformedPayload(f"{name.text} is not of version {first.version}", code="other-version")
    for digest in (record.sha256, record.dag_root, record.metadata_sha256):
        if digest is not None and len(digest) != 32:
            raise MalformedPayload(f"{record.filename}: a digest is not 32 bytes")
    return name


def _row(record: FileRecord) -> Sequence[cbor.Value]:
    return [record.filename, record.size, record.sha256, record.dag_root, record.metadata_sha256]


def _refuse(problem: Problem | None) -> None:
    if problem is not None:
        raise MalformedPayload(problem.detail, code=problem.code)
