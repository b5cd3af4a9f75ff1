"""Files passed on by the server: conditions, ranges, and what happens when bytes stop coming."""

import hashlib
import json
import threading
from collections.abc import Generator
from dataclasses import dataclass, field, replace
from typing import Any

import anyio
import pytest
from starlette.types import ASGIApp, Message

from dipmp_lib.errors import GatewayError
from dipmp_lib.model.pages import File
from dipmp_lib.server.answers import downloads as passing
from dipmp_lib.server.answers.downloads import MAX_RUNNING
from dipmp_lib.server.app import create_app
from tests.support.fakes.registry import REGISTRY, FakeRegistry, make_file, make_project, make_services
from tests.support.programs.asgi import arequest, request
from tests.support.waiting import HANGS

DATA = bytes(range(256)) * 40
SDIST = make_file("demo_pkg-1.0.tar.gz", "1.0", DATA)
ETAG = f'"{hashlib.sha256(DATA).hexdigest()}"'
PATH = f"/files/{REGISTRY}/demo-pkg/{SDIST.filename}"
PIECE = 4096


@dataclass
class Bytes:
    """Files of which every one is DATA; it fails before byte `fails_at`, and waits for `gate` from `waits_at` on.

    It keeps a reference to each of its generators, so that nothing but `close` closes one.
    """

    fails_at: int = len(DATA)
    waits_at: int = len(DATA)
    gate: threading.Event = field(default_factory=threading.Event)
    read_to: int = 0
    closed: threading.Event = field(default_factory=threading.Event)
    generators: list[Generator[bytes]] = field(default_factory=list)

    def read(self, file: File, start: int, stop: int) -> Generator[bytes]:
        self.generators.append(self._read(start, stop))
        return self.generators[-1]

    def _read(self, start: int, stop: int) -> Generator[bytes]:
        try:
            for at in range(start, stop, PIECE):
                if at >= self.waits_at:
                    assert self.gate.wait(HANGS)
                if at >= self.fails_at:
                    raise GatewayError("no gateway delivers the rest")
                self.read_to = min(at + PIECE, stop)
                yield DATA[at : self.read_to]
        finally:
            self.closed.set()


def app_with(files: Bytes) -> ASGIApp:
    services = make_services(FakeRegistry(make_project("demo-pkg", SDIST)))
    return create_app(replace(services, files=files))


APP = app_with(Bytes())


def test_a_whole_file() -> None:
    answer = request(APP, PATH)
    assert (answer.status, answer.body) == (200, DATA)
    assert answer.headers["etag"] == ETAG
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["accept-ranges"] == "bytes"
    assert answer.headers["content-length"] == str(len(DATA))
    assert answer.headers["content-type"] == "application/octet-stream"
    assert "content-encoding" not in request(APP, PATH, {"accept-encoding": "gzip"}).headers


def test_head_asks_no_gateway() -> None:
    files = Bytes()
    answer, full = request(app_with(files), PATH, {"range": "bytes=0-1"}, method="HEAD"), request(APP, PATH)
    assert (answer.status, answer.body, answer.headers) == (200, b"", full.headers)
    assert files.read_to == 0


@pytest.mark.parametrize(
    ("header", "start", "stop"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=5-", 5, len(DATA)),
        ("bytes=-5", len(DATA) - 5, len(DATA)),
        ("bytes=0-99999999", 0, len(DATA)),
        ("bytes=4095-4096", 4095, 4097),
    ],
)
def test_one_range(header: str, start: int, stop: int) -> None:
    answer = request(APP, PATH, {"range": header})
    assert (answer.status, answer.body) == (206, DATA[start:stop])
    assert answer.headers["content-range"] == f"bytes {start}-{stop - 1}/{len(DATA)}"
    assert answer.headers["content-length"] == str(stop - start)


@pytest.mark.parametrize("header", ["bytes=0-1,3-4", "lines=0-1", "bytes=2-1", "bytes=a-b", "", "bytes=-"])
def test_other_ranges_are_ignored(header: str) -> None:
    answer = request(APP, PATH, {"range": header})
    assert (answer.status, len(answer.body)) == (200, len(DATA))


@pytest.mark.parametrize("header", [f"bytes={len(DATA)}-", "bytes=-0", "bytes=999999-9999999"])
def test_a_range_past_the_end(header: str) -> None:
    answer = request(APP, PATH, {"range": header})
    assert answer.status == 416
    assert answer.headers["content-range"] == f"bytes */{len(DATA)}"
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("if_range", "status"), [(ETAG, 206), ('"other"', 200), (f"W/{ETAG}", 200), ("Wed, 21 Oct 2015 07:28:00 GMT", 200)]
)
def test_if_range(if_range: str, status: int) -> None:
    assert request(APP, PATH, {"range": "bytes=1-2", "if-range": if_range}).status == status


def test_a_client_that_has_it() -> None:
    answer = request(APP, PATH, {"if-none-match": f'"x", {ETAG}'})
    assert (answer.status, answer.body, answer.headers["etag"]) == (304, b"", ETAG)


def test_no_first_byte_is_503() -> None:
    answer = request(app_with(Bytes(fails_at=0)), PATH)
    assert (answer.status, answer.headers["cache-control"]) == (503, "no-store")
    assert 2 <= int(answer.headers["retry-after"]) <= 5
    assert json.loads(answer.body)["code"] == "gateway-error"


def test_a_file_that_is_not_listed_is_404() -> None:
    assert request(APP, PATH.replace("1.0", "1.1")).status == 404


class Client:
    """An ASGI client that can leave; one that is stuck takes a single piece of the body."""

    def __init__(self, app: ASGIApp, *, stuck: bool = False) -> None:
        self.app = app
        self.stuck = stuck
        self.messages: list[Message] = []
        self.gone = anyio.Event()
        self.began = anyio.Event()

    async def get(self) -> None:
        scope: dict[str, Any] = {"type": "http", "method": "GET", "path": PATH, "query_string": b"", "headers": []}
        await self.app(scope, self._receive, self._send)

    async def _receive(self) -> Message:
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Message) -> None:
        if self.stuck and self.body:
            await anyio.sleep_forever()
        self.messages.append(message)
        if self.body:
            self.began.set()

    @property
    def body(self) -> bytes:
        return b"".join(message.get("body", b"") for message in self.messages)

    @property
    def completed(self) -> bool:
        return self.messages[-1].get("more_body") is False


@pytest.mark.parametrize("fails_at", [PIECE, len(DATA) - 1])
def test_a_body_that_cannot_be_finished_is_cut(fails_at: int) -> None:
    client = Client(app_with(Bytes(fails_at=fails_at)))
    anyio.run(client.get)
    assert client.body == DATA[: -(-fails_at // PIECE) * PIECE]
    assert not client.completed or len(client.body) == len(DATA)


def test_the_fetching_ends_with_the_client() -> None:
    files = Bytes(waits_at=PIECE)

    async def leave() -> None:
        client = Client(app_with(files))
        async with anyio.create_task_group() as group:
            group.start_soon(client.get)
            await client.began.wait()
            client.gone.set()
        assert not client.completed

    anyio.run(leave)
    files.gate.set()
    assert files.closed.wait(HANGS)
    assert files.read_to <= 2 * PIECE


def test_a_client_that_stops_reading_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passing, "SEND_SECONDS", 0.1)
    files = Bytes()
    client = Client(app_with(files), stuck=True)
    anyio.run(client.get)
    assert client.body == DATA[:PIECE]
    assert files.closed.wait(HANGS)


def test_so_many_downloads_and_then_503() -> None:
    app = app_with(Bytes())

    async def crowd() -> list[int]:
        clients = [Client(app, stuck=True) for _ in range(MAX_RUNNING)]
        async with anyio.create_task_group() as group:
            for client in clients:
                group.start_soon(client.get)
                await client.began.wait()
            refused = await arequest(app, PATH)
            page = await arequest(app, f"/simple/{REGISTRY}/demo-pkg/")
            for client in clients:
                client.gone.set()
        return [refused.status, page.status, (await arequest(app, PATH)).status]

    assert anyio.run(crowd) == [503, 200, 200]
