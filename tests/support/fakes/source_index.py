"""An index on loopback to mirror from: honest unless a test changes its listing or its responses."""

import base64
import hashlib
import json
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from dipmp_lib.model.filenames import parse_filename
from tests.support.fakes.scripted_http import Reply, Request, ScriptedServer, scripted_server

JSON_TYPE = "application/vnd.pypi.simple.v1+json"


@dataclass
class SourceWorld:
    """The index's content: `records` are the JSON entries of each project's page, `bodies` the responses by path."""

    records: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    bodies: dict[str, bytes] = field(default_factory=dict)
    special: dict[str, Callable[[Request], Reply]] = field(default_factory=dict)
    html: bool = False
    authorization: str = ""
    server: ScriptedServer | None = None

    @property
    def url(self) -> str:
        """The index's URL."""
        assert self.server is not None
        return f"{self.server.url}/simple/"

    @property
    def paths(self) -> list[str]:
        """The path of every request, in order."""
        assert self.server is not None
        return [unquote(request.target) for request in self.server.requests]

    def add(self, path: Path, *, metadata: bool = True, **changes: object) -> dict[str, Any]:
        """List a file as it is, its METADATA beside it; `changes` replace parts of its record, None removes them."""
        body, name = path.read_bytes(), parse_filename(path.name)
        record: dict[str, Any] = {
            "filename": path.name,
            "url": f"../../files/{quote(path.name)}",
            "hashes": {"sha256": hashlib.sha256(body).hexdigest()},
            "size": len(body),
        }
        self.bodies[f"/files/{path.name}"] = body
        if metadata and name.kind == "bdist_wheel":
            text = read_metadata(path)
            self.bodies[f"/files/{path.name}.metadata"] = text
            record["core-metadata"] = {"sha256": hashlib.sha256(text).hexdigest()}
        record |= changes
        record = {key: value for key, value in record.items() if value is not None}
        self.records.setdefault(name.project, []).append(record)
        return record

    def answer(self, request: Request) -> Reply:
        """Answer as an index does."""
        path = unquote(request.target.partition("?")[0])
        if self.authorization and request.headers.get("authorization") != self.authorization:
            return Reply(401)
        if path in self.special:
            return self.special[path](request)
        if path in self.bodies:
            return Reply(body=self.bodies[path])
        project = path.removeprefix("/simple/").rstrip("/")
        if project not in self.records or not path.endswith("/"):
            return Reply(404)
        return self._page(project)

    def _page(self, project: str) -> Reply:
        records = self.records[project]
        if self.html:
            return Reply(body=_html(records), headers={"Content-Type": "text/html; charset=utf-8"})
        document = {"meta": {"api-version": "1.1"}, "name": project, "files": records}
        return Reply(body=json.dumps(document).encode(), headers={"Content-Type": JSON_TYPE})


def read_metadata(path: Path) -> bytes:
    """Return a wheel's METADATA."""
    with zipfile.ZipFile(path) as archive:
        (name,) = [each for each in archive.namelist() if each.endswith(".dist-info/METADATA")]
        return archive.read(name)


def basic(user: str, password: str) -> str:
    """Return the Authorization header of these credentials (RFC 7617)."""
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def _html(records: list[dict[str, Any]]) -> bytes:
    return ("<!DOCTYPE html><html><body>" + "".join(map(_anchor, records)) + "</body></html>").encode()


def _anchor(record: Mapping[str, Any]) -> str:
    digest = record.get("hashes", {}).get("sha256")
    attributes = {"href": record["url"] + (f"#sha256={digest}" if digest else "")}
    if "requires-python" in record:
        attributes["data-requires-python"] = record["requires-python"]
    if record.get("yanked"):
        attributes["data-yanked"] = str(record["yanked"])
    if "core-metadata" in record:
        attributes["data-core-metadata"] = f"sha256={record['core-metadata']['sha256']}"
    text = " ".join(f'{name}="{escape(value)}"' for name, value in attributes.items())
    return f"<a {text}>{escape(record['filename'])}</a><br>\n"


@contextmanager
def source_index() -> Iterator[SourceWorld]:
    """Run an empty index."""
    world = SourceWorld()
    with scripted_server(world.answer) as server:
        world.server = server
        yield world
