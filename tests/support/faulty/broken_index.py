"""An index over real files: correct under `/ok/`, and with one defect under that defect's name.

The application is the real one; requests and responses are changed on the way. Files come from the same server.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dipmp_lib.distributions import read_distributions
from dipmp_lib.http.listen import listen
from dipmp_lib.ipfs.cid import Cid
from dipmp_lib.model.pages import File, Project, Status
from dipmp_lib.server.app import create_app
from dipmp_lib.server.uvicorn import background
from tests.support.fakes.registry import (
    REGISTRY,
    UPLOADED,
    FakeGateways,
    FakeRegistry,
    make_file,
    make_project,
    make_services,
    yanked,
)
from tests.support.files.wheels import build_sdist, build_wheel

PROJECT, QUARANTINED = "demo-pkg", "bad-pkg"
RIGHT = "ok"


@dataclass
class Exchange:
    """A request, and the response that a defect may change."""

    method: str
    path: str
    asked: Mapping[str, str]
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def is_file(self) -> bool:
        """Whether the path is a file's."""
        return self.path.startswith("/ipfs/")

    @property
    def is_json(self) -> bool:
        """Whether the response is a page in JSON."""
        return self.status == 200 and self.headers.get("content-type", "").endswith("+json")

    @property
    def is_html(self) -> bool:
        """Whether the response is a page in HTML."""
        return self.status == 200 and "html" in self.headers.get("content-type", "")

    def replace(self, body: bytes) -> None:
        """Replace the body and its length."""
        self.body = body
        self.headers["content-length"] = str(len(body))

    def edit(self, change: Callable[[dict[str, Any]], object]) -> None:
        """Change a JSON page."""
        if self.is_json and "content-encoding" not in self.headers:
            document = json.loads(self.body)
            change(document)
            self.replace(json.dumps(document).encode())

    def edit_files(self, change: Callable[[dict[str, Any]], None]) -> None:
        """Change every file on a JSON page."""

        def each(document: dict[str, Any]) -> None:
            for item in document.get("files", []):
                change(item)

        self.edit(each)


@dataclass(frozen=True)
class Defect:
    """A defect: `ask` changes request headers, `answer` the response; `check` is the test that must fail."""

    check: str
    answer: Callable[[Exchange], None] = lambda exchange: None
    ask: Callable[[dict[str, str]], None] = lambda headers: None


@dataclass
class Files:
    """A file server with ranges; `contents` are by the last segment of the URL."""

    contents: dict[str, bytes] = field(default_factory=dict)

    def answer(self, path: str, asked: Mapping[str, str]) -> tuple[int, dict[str, str], bytes]:
        """Return status, headers and body."""
        body = self.contents.get(path.rpartition("/")[2])
        if body is None:
            return 404, {"content-type": "text/plain"}, b"not here"
        headers = {"content-type": "application/octet-stream", "accept-ranges": "bytes"}
        headers["cache-control"] = "public, max-age=31536000, immutable"
        first, dash, last = asked.get("range", "").removeprefix("bytes=").partition("-")
        if not dash:
            return 200, headers, body
        start = int(first) if first else len(body) - int(last)
        end = min(int(last), len(body) - 1) if first and last else len(body) - 1
        if start > end:
            return 416, headers | {"content-range": f"bytes */{len(body)}"}, b""
        return 206, headers | {"content-range": f"bytes {start}-{end}/{len(body)}"}, body[start : end + 1]


class NamedGateways(FakeGateways):
    """Gateways whose URLs end in the file's name."""

    def pick(self, cid: Cid, filename: str, size: int, *, resumed: bool = False) -> str:
        """Return a URL that ends in the name."""
        return f"{self.base}/{cid}/{filename}"


class BrokenIndex:
    """The ASGI application; the first segment of a path is the defect's name."""

    def __init__(self, app: ASGIApp, files: Files, defects: Mapping[str, Defect]) -> None:
        self._app = app
        self._files = files
        self._defects = {RIGHT: Defect(""), **defects}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        _, name, rest = scope["path"].split("/", 2)
        defect = self._defects[name]
        asked = {key.decode(): value.decode("latin-1") for key, value in scope["headers"]}
        exchange = Exchange(scope["method"], f"/{rest}", dict(asked), 0, {}, b"")
        defect.ask(asked)
        if exchange.is_file:
            exchange.status, exchange.headers, exchange.body = self._files.answer(exchange.path, asked)
            exchange.headers["content-length"] = str(len(exchange.body))
        else:
            headers = [(key.encode(), value.encode("latin-1")) for key, value in asked.items()]
            await self._inner({**scope, "path": exchange.path, "headers": headers}, receive, exchange)
        if "location" in exchange.headers:
            exchange.headers["location"] = exchange.headers["location"].replace(f"/{RIGHT}/ipfs/", f"/{name}/ipfs/")
        defect.answer(exchange)
        await self._send(exchange, scope["method"], send)

    async def _inner(self, scope: Scope, receive: Receive, exchange: Exchange) -> None:
        async def keep(message: Message) -> None:
            if message["type"] == "http.response.start":
                exchange.status = message["status"]
                exchange.headers = {
                    name.decode().lower(): value.decode("latin-1") for name, value in message["headers"]
                }
            exchange.body += message.get("body", b"")

        await self._app(scope, receive, keep)

    async def _send(self, exchange: Exchange, method: str, send: Send) -> None:
        headers = [(name.encode(), value.encode("latin-1")) for name, value in exchange.headers.items()]
        await send({"type": "http.response.start", "status": exchange.status, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if method == "HEAD" else exchange.body})


def listed(path: Path, entry: int) -> File:
    """Return a file on disk as a log lists it."""
    (dist,) = read_distributions([path])
    metadata = dist.metadata_dag.sha256 if dist.metadata_dag else None
    return make_file(
        path.name,
        str(dist.filename.version),
        path.read_bytes(),
        metadata_sha256=metadata,
        requires_python=dist.requires_python,
        uploaded=UPLOADED + entry,
        entry=entry,
    )


def projects(folder: Path) -> tuple[list[Path], list[Project]]:
    """Return the files and projects: one with two releases, one of which is yanked, and one that is quarantined."""
    old = build_wheel(folder, PROJECT, "0.9", requires_python=">=3.8,<4")
    paths = [old, build_wheel(folder, PROJECT, "1.0"), build_sdist(folder, PROJECT, "1.0", requires_python=">=3.8")]
    files = [listed(path, entry) for entry, path in enumerate(paths)]
    files[0] = yanked(files[0], 'breaks "everything" <here> & there')
    bad = build_wheel(folder, QUARANTINED, "1.0")
    demo = make_project(PROJECT, *files, status=Status.DEPRECATED, status_reason="use <another> instead")
    quarantined = make_project(QUARANTINED, listed(bad, 0), status=Status.QUARANTINED, status_reason="malware")
    return [*paths, bad], [demo, quarantined]


def metadata_blocks(paths: list[Path]) -> list[bytes]:
    """Return the METADATA of every wheel."""
    return [dist.metadata for dist in read_distributions(paths) if dist.metadata_dag]


@contextmanager
def broken_index(folder: Path, defects: Mapping[str, Defect]) -> Iterator[Callable[[str], str]]:
    """Serve; yields a function that returns the index's URL for a defect's name or RIGHT."""
    paths, pages = projects(folder)
    gateways = NamedGateways("", *metadata_blocks(paths))
    files = Files({path.name: path.read_bytes() for path in paths})
    app = create_app(make_services(FakeRegistry(*pages), gateways))
    with background(BrokenIndex(app, files, defects), listen("127.0.0.1", 0)) as origin:
        gateways.base = f"{origin}/{RIGHT}/ipfs"
        yield lambda name: f"{origin}/{name}/simple/{REGISTRY}/"
