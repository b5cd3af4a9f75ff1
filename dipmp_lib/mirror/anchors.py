"""The anchors of an HTML project page (PEP 503, 592, 658, 714), in the terms of the JSON one."""

import re
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

from ..errors import SourceError

_START = re.compile(r"<(?:a|base)\s", re.I)
_TAG = re.compile(r"""<[a-zA-Z]+\s(?:"[^"]*+"|'[^']*+'|[^"'<>])*+>""")
_MAX_TAG = 8192


def read_anchors(body: bytes) -> list[Mapping[str, object]]:
    """Return one record per `<a href>`, shaped like those of PEP 691's `files`. Raises SourceError."""
    try:
        text = body.decode()
    except UnicodeDecodeError:
        raise SourceError("a project page is not UTF-8") from None
    parser = _Anchors()
    for tag in _tags(_without_comments(text)):
        parser.reset()
        parser.feed(tag)
    return parser.records


def _tags(text: str) -> Iterator[str]:
    """Yield the start tags that matter. The parser alone takes quadratic time for tags that never end."""
    for start in _START.finditer(text):
        if (tag := _TAG.match(text, start.start(), start.start() + _MAX_TAG)) is not None:
            yield tag[0]


def _without_comments(text: str) -> str:
    parts, at = [], 0
    while (opens := text.find("<!--", at)) >= 0 and (closes := text.find("-->", opens)) >= 0:
        parts.append(text[at:opens])
        at = closes + 3
    return "".join([*parts, text[at:]])


class _Anchors(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.records: list[Mapping[str, object]] = []
        self._base = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in reversed(attrs)}
        if tag == "base" and not self._base:
            self._base = values.get("href", "")
        elif tag == "a" and "href" in values:
            self.records.append(_record(values, self._base))


def _record(values: Mapping[str, str], base: str) -> Mapping[str, object]:
    try:
        url, fragment = urldefrag(urljoin(base, values["href"]))
        # As installers do: the name is where the URL leads, whatever the text between the tags says.
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
    """Return the digest that `sha256=…` states."""
    name, _, value = text.partition("=")
    return {name: value}
