"""Strict parser of project pages of an untrusted index: JSON (PEP 691, 700, 714) or HTML (PEP 503).

A malformed record of a file is skipped with a finding; a page that is no project page is an error.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from html.parser import HTMLParser
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

from ...distributions.findings import Finding
from ...errors import InvalidFilename, MalformedAnswer, SourceError
from ...http.strict_json import parse as parse_json
from ...log.limits import MAX_SIZE
from ...model.filenames import Filename, parse_filename
from ...model.names import ProjectName
from ...model.versions import is_specifier_set

_START = re.compile(r"<(?:a|base)\s", re.I)
_TAG = re.compile(r"""<[a-zA-Z]+\s(?:"[^"]*+"|'[^']*+'|[^"'<>])*+>""")
_MAX_TAG = 8192


def _parse_html_page(body: bytes) -> list[Mapping[str, object]]:
    """Return one record per `<a href>`, shaped like those of PEP 691's `files`. Raises SourceError."""
    try:
        text = body.decode()
    except UnicodeDecodeError:
        raise SourceError("a project page is not UTF-8") from None
    parser = _AnchorParser()
    for tag in _tags(_without_comments(text)):
        parser.reset()
        parser.feed(tag)
    return parser.records


def _tags(text: str) -> Iterator[str]:
    """Yield the start tags of `a` and `base`, since HTMLParser alone takes quadratic time for tags that never end."""
    for start in _START.finditer(text):
        if (tag := _TAG.match(text, start.start(), start.start() + _MAX_TAG)) is not None:
            yield tag[0]


def _without_comments(text: str) -> str:
    parts, at = [], 0
    while (opens := text.find("<!--", at)) >= 0 and (closes := text.find("-->", opens)) >= 0:
        parts.append(text[at:opens])
        at = closes + 3
    return "".join([*parts, text[at:]])


class _AnchorParser(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.records: list[Mapping[str, object]] = []
        self._base = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in reversed(attrs)}
        if tag == "base" and not self._base:
            self._base = values.get("href", "")
        elif tag == "a" and "href" in values:
            self.records.append(_anchor_record(values, self._base))


def _anchor_record(values: Mapping[str, str], base: str) -> Mapping[str, object]:
    try:
        url, fragment = urldefrag(urljoin(base, values["href"]))
        # As in installers, the file name is the last part of the URL, whatever the text of the link says.
        name = unquote(urlsplit(url).path.rpartition("/")[2])
    except ValueError:
        return {}
    record: dict[str, object] = {"filename": name, "url": url, "hashes": _digests(fragment)}
    if (requires := values.get("data-requires-python", "")) != "":
        record["requires-python"] = requires
    if "data-yanked" in values:
        record["yanked"] = True
    metadata = values.get("data-core-metadata", values.get("data-dist-info-metadata", ""))
    record["core-metadata"] = _digests(metadata)
    return record


def _digests(text: str) -> dict[str, str]:
    """Return the digest in `sha256=…`, by the name of its algorithm."""
    name, _, value = text.partition("=")
    return {name: value}


JSON_TYPE = "application/vnd.pypi.simple.v1+json"
ACCEPT = f"{JSON_TYPE}, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.01"
MAX_PAGE = 32 << 20
MAX_FILES = 50_000
_MAX_VALUES = 3_000_000
_HTML_TYPES = ("text/html", "application/vnd.pypi.simple.v1+html")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_SHOWN = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFile:
    """A file of a project page. `sha256` and `size`, in bytes, are None where the page does not state them.

    `metadata_sha256` is the digest of the METADATA at `{url}.metadata`, None where the page states none (PEP 658).
    """

    filename: Filename
    url: str
    sha256: bytes | None
    size: int | None
    requires_python: str
    yanked: bool
    metadata_sha256: bytes | None


@dataclass(frozen=True, slots=True)
class SourcePage:
    """The files of one project, and a finding for each record that was skipped."""

    project: ProjectName
    files: tuple[SourceFile, ...]
    skipped: tuple[Finding, ...]


def parse_page(body: bytes, content_type: str, url: str, project: ProjectName) -> SourcePage:
    """Parse a page that was served at `url`. Raises SourceError unless it is a project page."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind == JSON_TYPE:
        records = _parse_json_page(body)
    elif kind in _HTML_TYPES:
        records = _parse_html_page(body)
    else:
        raise SourceError(f"the page of {project} is neither a JSON nor an HTML project page, but {kind[:_SHOWN]!r}")
    return _build_page(records, url, project)


def _parse_json_page(body: bytes) -> list[Mapping[str, object]]:
    try:
        document = parse_json(body, _MAX_VALUES)
    except MalformedAnswer as error:
        raise SourceError(f"a project page cannot be read: {error}") from None
    files = document.get("files") if isinstance(document, dict) else None
    meta = document.get("meta") if isinstance(document, dict) else None
    version = meta.get("api-version") if isinstance(meta, dict) else None
    if not isinstance(files, list) or not (isinstance(version, str) and re.fullmatch(r"1\.[0-9]{1,4}", version)):
        raise SourceError("a project page is not one of the Simple API in version 1")
    return [file for file in files if isinstance(file, dict)]


def _build_page(records: Iterable[Mapping[str, object]], url: str, project: ProjectName) -> SourcePage:
    found: dict[str, SourceFile] = {}
    skipped: list[Finding] = []
    for count, record in enumerate(records):
        if count >= MAX_FILES:
            raise SourceError(f"the page of {project} lists more than {MAX_FILES} files")
        name = record.get("filename")
        shown = _printable(name) if isinstance(name, str) else "(no name)"
        try:
            file = _parse_file(record, url, project)
        except (ValueError, InvalidFilename) as error:
            skipped.append(Finding(shown, str(error).removeprefix(f"{name!a} ")))
            continue
        if found.setdefault(file.filename.text, file) != file:
            skipped.append(Finding(shown, "is listed twice, and not the same way"))
            # A file without a digest is never downloaded.
            found[file.filename.text] = replace(file, sha256=None, metadata_sha256=None)
    return SourcePage(project, tuple(found.values()), tuple(skipped))


def _parse_file(record: Mapping[str, object], base: str, project: ProjectName) -> SourceFile:
    """Return the file of a record. Raises ValueError, whose message is a clause, and InvalidFilename."""
    name, url = record.get("filename"), record.get("url")
    if not isinstance(name, str) or not isinstance(url, str):
        raise ValueError("has no name or URL")  # noqa: TRY004 - one error type for all faults of a record
    filename = parse_filename(name)
    if filename.project != project:
        raise ValueError(f"belongs to the project {filename.project}")
    requires = record.get("requires-python") or ""
    if not isinstance(requires, str) or not is_specifier_set(requires):
        raise ValueError("has a requires-python that is not a PEP 440 specifier set")
    size = record.get("size")
    if size is not None and not (type(size) is int and 0 < size <= MAX_SIZE):
        raise ValueError("has a size that no file has")
    metadata = record.get("core-metadata", record.get("dist-info-metadata"))
    return SourceFile(
        filename=filename,
        url=urljoin(base, url),
        sha256=_digest(record.get("hashes")),
        size=size,
        requires_python=requires,
        yanked=record.get("yanked", False) not in (False, None),
        metadata_sha256=_digest(metadata) if filename.kind == "bdist_wheel" else None,
    )


def _digest(hashes: object) -> bytes | None:
    value = hashes.get("sha256") if isinstance(hashes, dict) else None
    return bytes.fromhex(value) if isinstance(value, str) and _SHA256.fullmatch(value) else None


def _printable(text: str) -> str:
    return "".join(char if char.isprintable() else "\ufffd" for char in text[:_SHOWN])


def files_by_version(files: Iterable[SourceFile]) -> Mapping[str, list[SourceFile]]:
    """Return the files by `Filename.version_key`."""
    found: dict[str, list[SourceFile]] = {}
    for file in files:
        found.setdefault(file.filename.version_key, []).append(file)
    return found
