"""One application with one project, and a client that shows an answer as the socket gives it."""

import http.client
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from dipmp_lib.model.names import RegistryAddress
from dipmp_lib.server.app import create_app
from tests.support.fakes.registry import (
    REGISTRY,
    FakeGateways,
    FakeRegistry,
    make_file,
    make_project,
    make_services,
    metadata_of,
)
from tests.support.programs.asgi import request
from tests.support.waiting import HANGS

WHEEL = make_file("demo_pkg-1!1.0+local-py3-none-any.whl", "1!1.0+local", b"wheel")
DEMO = make_project("demo-pkg", WHEEL)
BROKEN = RegistryAddress(b"\x11" * 20)
PAGE = f"/simple/{REGISTRY}/demo-pkg/"
FILE = f"/files/{REGISTRY}/demo-pkg/{quote(WHEEL.filename)}"
JSON = ("Accept", "application/vnd.pypi.simple.v1+json")
GZIP = ("Accept-Encoding", "gzip")
INDEX = FakeRegistry(DEMO, unreachable=[BROKEN])
APP = create_app(make_services(INDEX, FakeGateways("https://g.example/ipfs", metadata_of(WHEEL.filename))))
ETAG = request(APP, PAGE, dict([JSON])).headers["etag"]
_OWN = ("date", "server", "x-request-id")


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes


def get(url: str, headers: tuple[tuple[str, str], ...] = (), method: str = "GET") -> Answer:
    """Send one request over a socket; the headers that differ from answer to answer are left out."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=HANGS)
    try:
        connection.putrequest(method, urlsplit(url)._replace(scheme="", netloc="").geturl(), skip_accept_encoding=True)
        for name, value in headers:
            connection.putheader(name, value)
        connection.endheaders()
        answer = connection.getresponse()
        body = answer.read()
    finally:
        connection.close()
    names = {name.lower(): value for name, value in answer.getheaders()}
    return Answer(answer.status, {name: value for name, value in names.items() if name not in _OWN}, body)
