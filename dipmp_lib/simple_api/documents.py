"""Documents of the Simple API: pages as plain data in its JSON form, from which both formats are written.

Rules that clients depend on: no value is null, since uv drops the page; `hashes` holds sha256 and nothing else, since
other names change what clients verify; every URL ends in the file's name and has no query, since pip reads the name
there and `.metadata` is appended. Keys that begin with `_` are the server's own (PEP 691).
"""

import re
from collections.abc import Mapping
from dataclasses import fields
from datetime import UTC, datetime
from functools import lru_cache
from urllib.parse import quote

from ..ipfs.cid import file_cid
from ..model.names import checksum_address
from ..model.pages import File, Note, PagePolicy, PolicyNote, Project, ProjectList, Status

API_VERSION = "1.4"
Document = Mapping[str, object]
RELATIVE = "../../../"
"""The way from a project's page to the folder above `/simple/`."""

_address = lru_cache(1024)(checksum_address)  # a page's files have few publishers

_LAST_SECOND = 253_402_300_799  # 9999-12-31T23:59:59Z; a hostile log may claim a later time than the format can hold
_LAST_OF_PLANES = "".join(chr(plane << 16 | last) for plane in range(1, 17) for last in (0xFFFE, 0xFFFF))
_NOT_TEXT = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff"
    f"{_LAST_OF_PLANES}]"
)


def clean(text: str) -> str:
    """Replace controls, line and direction marks, surrogates and noncharacters, which no page may hold, by U+FFFD."""
    if text.isascii() and text.isprintable():  # as nearly all text is
        return text
    return _NOT_TEXT.sub("\ufffd", text)


def visible_files(project: Project) -> tuple[File, ...]:
    """Return the files that the project offers: none while it is quarantined (PEP 792)."""
    return () if project.status is Status.QUARANTINED else project.files


def project_document(project: Project, base: str = RELATIVE) -> Document:
    """Return a project page as JSON-able data, with URLs of files below `base`."""
    files = visible_files(project)
    status = {"status": project.status.value}
    if project.status_reason:
        status["reason"] = clean(project.status_reason)
    registry = quote(clean(str(project.registry)), safe=":")
    folder = f"{base}files/{registry}/{quote(clean(project.name), safe='')}/"
    return {
        "meta": {"api-version": API_VERSION},
        "name": clean(project.name),
        "project-status": status,
        "versions": list(dict.fromkeys(clean(file.version) for file in files)),
        "files": [_file(file, folder) for file in files],
        "_dipmp": {"owner": _address(project.owner), **_origin(project), **_policy(project.policy)},
    }


def list_document(projects: ProjectList) -> Document:
    """Return a registry's list of projects as JSON-able data."""
    return {
        "meta": {"api-version": API_VERSION},
        "projects": [{"name": clean(name)} for name in projects.names],
        "_dipmp": _origin(projects),
    }


def _file(file: File, folder: str) -> Document:
    filename = clean(file.filename)
    entry: dict[str, object] = {
        "filename": filename,
        "url": folder + quote(filename, safe=""),
        "hashes": {"sha256": file.sha256.hex()},
        "size": file.size,
        "upload-time": timestamp(file.uploaded),
        "yanked": file.yanked is not None and (clean(file.yanked) or True),
    }
    if file.requires_python:
        entry["requires-python"] = clean(file.requires_python)
    if file.metadata_sha256 is not None:
        entry["core-metadata"] = {"sha256": file.metadata_sha256.hex()}
    cid = file_cid(file.sha256, file.dag_root)
    entry["_dipmp"] = {"cid": str(cid), "publisher": _address(file.publisher), "entry": file.entry}
    return entry


def _origin(source: Project | ProjectList) -> Document:
    """Return the registry, head and number of entries that a page was made of, and the notes on them."""
    return {
        "registry": clean(str(source.registry)),
        "head": "0x" + source.head.hex(),
        "entries": source.count,
        "incomplete": source.incomplete,
        "notes": [_note(note) for note in source.notes],
    }


def _policy(policy: PagePolicy) -> Document:
    """Return the notes of the server's operator on a page, an empty object without any."""
    if not policy.notes:
        return {}
    return {"denied": policy.withheld, "policy": [_policy_note(note) for note in policy.notes]}


def _policy_note(note: PolicyNote) -> Document:
    texts = {field.name: getattr(note, field.name) for field in fields(note)}
    return {name: clean(text) for name, text in texts.items() if text}


def _note(note: Note) -> Document:
    texts = {"code": note.code, "filename": note.filename, "detail": note.detail}
    return {"entry": note.entry} | {key: clean(text) for key, text in texts.items() if text}


def timestamp(seconds: int) -> str:
    """Return a unix time in RFC 3339, UTC."""
    return datetime.fromtimestamp(min(seconds, _LAST_SECOND), UTC).isoformat().replace("+00:00", "Z")
