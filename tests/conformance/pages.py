"""Pages of an index, parsed strictly in JSON and as browsers do in HTML, and one view of a file for both."""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from html.parser import HTMLParser
from typing import Any, NoReturn
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

from .client import HTML, JSON, TEXT, Answer, Index
from .verdict import need

Object = dict[str, Any]


def strict_json(body: bytes) -> Any:  # noqa: ANN401 - any JSON value
    """Parse JSON that every parser reads alike. Raises ValueError."""

    def unique(pairs: list[tuple[str, Any]]) -> Object:
        names = [name for name, _ in pairs]
        twice = {name for name in names if names.count(name) > 1}
        if twice:
            raise ValueError(f"the keys {sorted(twice)} appear twice in one object")
        return dict(pairs)

    def constant(name: str) -> NoReturn:
        raise ValueError(f"{name} is not JSON")

    return json.loads(body.decode("utf-8"), object_pairs_hook=unique, parse_constant=constant)


@dataclass
class Anchor:
    """An <a> element."""

    attributes: Mapping[str, str]
    text: str = ""


class HtmlPage(HTMLParser):
    """What clients look at in an HTML page."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(convert_charrefs=True)
        self.url = answer.url
        self.doctype = ""
        self.metas: list[tuple[str, str]] = []
        self.anchors: list[Anchor] = []
        self.tags: set[str] = set()
        self._open = False
        self.feed(answer.body.decode("utf-8"))
        self.close()

    def handle_decl(self, decl: str) -> None:
        """Keep the first declaration."""
        self.doctype = self.doctype or decl

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        """Keep what matters."""
        attributes = {name: value or "" for name, value in attrs}
        self.tags.add(tag)
        if tag == "meta" and "name" in attributes:
            self.metas.append((attributes["name"].lower(), attributes.get("content", "")))
        if tag == "a":
            self.anchors.append(Anchor(attributes))
            self._open = True

    def handle_endtag(self, tag: str) -> None:
        """End an anchor."""
        self._open = self._open and tag != "a"

    def handle_data(self, data: str) -> None:
        """Keep an anchor's text."""
        if self._open:
            self.anchors[-1].text += data

    def meta(self, name: str) -> list[str]:
        """The contents of all meta elements of that name."""
        return [content for known, content in self.metas if known == name]


@dataclass(frozen=True)
class Seen:
    """A file as either form describes it; `url` is absolute and without fragment."""

    filename: str
    url: str
    sha256: str | None
    requires_python: str | None
    core_metadata: str | None
    yanked: str | None
    provenance: str | None
    size: int | None = field(default=None, compare=False)

    @property
    def segment(self) -> str:
        """The last segment of the URL's path, decoded: what pip takes for the file's name."""
        return unquote(urlsplit(self.url).path.rpartition("/")[2])

    @property
    def is_wheel(self) -> bool:
        """Tell by the name."""
        return self.filename.endswith(".whl")


def _digest(value: object) -> str | None:
    """Return one spelling for what JSON and HTML write differently: a digest, "true" or nothing."""
    if isinstance(value, dict):
        return f"sha256={value['sha256']}" if "sha256" in value else "true"
    return "true" if value is True else None


def seen_in_json(item: Object, url: str) -> Seen:
    """Read an element of `files`; `url` is the page's."""
    yanked = item.get("yanked", False)
    hashes = item.get("hashes")
    size = item.get("size")
    return Seen(
        filename=str(item.get("filename")),
        url=urldefrag(urljoin(url, str(item.get("url")))).url,
        sha256=hashes.get("sha256") if isinstance(hashes, dict) else None,
        requires_python=item.get("requires-python") or None,
        core_metadata=_digest(item.get("core-metadata", item.get("dist-info-metadata"))),
        yanked=("" if yanked is True else str(yanked)) if yanked else None,
        provenance=item.get("provenance"),
        size=size if isinstance(size, int) else None,
    )


def seen_in_html(anchor: Anchor, url: str) -> Seen:
    """Read an anchor of a project page."""
    given = anchor.attributes
    absolute, fragment = urldefrag(urljoin(url, given.get("href", "")))
    core = given.get("data-core-metadata", given.get("data-dist-info-metadata"))
    return Seen(
        filename=anchor.text.strip(),
        url=absolute,
        sha256=fragment.removeprefix("sha256=") if fragment.startswith("sha256=") else None,
        requires_python=given.get("data-requires-python") or None,
        core_metadata=None if core in (None, "false") else core,
        yanked=given.get("data-yanked"),
        provenance=given.get("data-provenance"),
    )


class Project:
    """A project's page in its forms."""

    def __init__(self, index: Index, name: str) -> None:
        self.index = index
        self.name = name
        self.path = f"{name}/"

    def get(self, accept: str | None = JSON, **more: Any) -> Answer:  # noqa: ANN401 - as Index.get
        """Ask for the page."""
        return self.index.get(self.path, accept, **more)

    @cached_property
    def document(self) -> Object:
        """The JSON page; without one, the running check is skipped."""
        answer = self.get(follow=True)
        need(answer.kind == JSON, f"no JSON page: {answer}")
        document = strict_json(answer.body)
        assert isinstance(document, dict), f"{answer}: the page is not a JSON object"
        return document

    @property
    def items(self) -> list[Object]:
        """The elements of `files`."""
        files = self.document.get("files")
        assert isinstance(files, list), f"{self.path}: 'files' is not an array"
        return [item for item in files if isinstance(item, dict)]

    @property
    def files(self) -> list[Seen]:
        """The files that the JSON page lists."""
        return [seen_in_json(item, self.get(follow=True).url) for item in self.items]

    @cached_property
    def html(self) -> HtmlPage:
        """The HTML page; without one, the running check is skipped."""
        return html_page(self.index, self.path)

    def smallest(self, *, wheel: bool) -> Seen:
        """The smallest wheel or sdist; without one, the running check is skipped."""
        kind = "wheel" if wheel else "sdist"
        files = [file for file in self.files if file.is_wheel is wheel]
        need(bool(files), f"{self.name} has no {kind}")
        return min(files, key=lambda file: file.size if file.size is not None else math.inf)

    def samples(self) -> Iterator[Seen]:
        """Yield the smallest file of each kind that there is; without any, the running check is skipped."""
        kinds = [wheel for wheel in (True, False) if any(file.is_wheel is wheel for file in self.files)]
        need(bool(kinds), f"{self.name} has no files")
        return (self.smallest(wheel=wheel) for wheel in kinds)


def html_page(index: Index, path: str) -> HtmlPage:
    """Ask for a page in HTML, under its old name or its new one; without it, the running check is skipped."""
    answer = index.get(path, TEXT, follow=True)
    need(answer.kind in (TEXT, HTML), f"no HTML page: {answer}")
    return HtmlPage(answer)


def minor(project: Project) -> int:
    """The minor number of the API's version."""
    return int(str(project.document["meta"]["api-version"]).partition(".")[2])
