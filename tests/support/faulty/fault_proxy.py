"""A loopback proxy in front of an RPC endpoint or a gateway, whose faults are switched while it runs.

with FaultProxy(gateway_url) as proxy:                  # or a function of the request, instead of a server behind it
    client.fetch(proxy.url + "/ipfs/…")                 # as if there were no proxy
    proxy.toxics = [slicer(100), truncate(5000)]        # toxics.py beside this; the last one is next to the client
    proxy.refuse(); proxy.accept()                      # connections refused, and taken again
    assert len(proxy.requests) == 1

Each request is one connection, and toxics are those at its arrival.
"""

import asyncio
import socket
import struct
import threading
import weakref
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from types import TracebackType
from typing import Any, Self, cast
from urllib.parse import urlsplit

from tests.support.faulty.toxics import CloseError, Request, Stream, Toxic, head
from tests.support.waiting import HANGS

Reply = tuple[int, bytes] | tuple[int, bytes, dict[str, str]]
Responder = Callable[[Request], Reply]
_PIECE = 65_536
_GONE = (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, CloseError)


class FaultProxy:
    """Runs on a free port of the loopback, in a thread of its own, until the with block ends.

    `upstream` is an http URL without a path, or a function that answers in its place (on the proxy's thread, one
    request at a time). `requests` are those that arrived, `connections` is the number of connections.
    """

    def __init__(self, upstream: str | Responder, *toxics: Toxic) -> None:
        self._upstream = upstream
        self.toxics: Sequence[Toxic] = toxics
        self.requests: list[Request] = []
        self.connections = 0
        self.port = 0
        self._serving: set[asyncio.Task[None]] = set()
        self._transports: weakref.WeakSet[asyncio.BaseTransport] = weakref.WeakSet()
        self._server: asyncio.Server | None = None
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="fault proxy", daemon=True)

    @property
    def url(self) -> str:
        """The proxy's origin."""
        return f"http://127.0.0.1:{self.port}"

    def reset(self) -> None:
        """Clear the counters."""
        self.requests.clear()
        self.connections = 0

    def refuse(self) -> None:
        """Refuse connections from now on (Toxiproxy: down)."""
        self._call(self._close())

    def accept(self) -> None:
        """Accept connections again, on the same port."""
        self._call(self._listen())

    def __enter__(self) -> Self:
        self._thread.start()
        self.accept()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._call(self._stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(HANGS)
        self._loop.close()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()

    def _call(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(HANGS)

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._accepted, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _close(self) -> None:
        if self._server is None:
            return
        for each in self._server.sockets:
            self._loop.remove_reader(each.fileno())
        await _turns()  # what was accepted just now takes a few, and fails in a server that has closed by then
        self._server.close()
        self._server = None

    async def _stop(self) -> None:
        await self._close()
        await _turns()  # in which what was just accepted becomes known and can be ended
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._loop.shutdown_asyncgens()
        for transport in tuple(self._transports):
            with suppress(AttributeError):  # a transport that has closed meanwhile has no loop any more
                cast("asyncio.WriteTransport", transport).abort()  # close() waits until the client has taken everything
        await _turns()  # in which the transports close their sockets

    def _accepted(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._transports.add(writer.transport)  # here, as a task that is cancelled early never begins
        task = self._loop.create_task(self._serve(reader, writer))
        self._serving.add(task)  # the loop holds tasks but weakly
        task.add_done_callback(self._serving.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            request = await _read_request(reader)
            self.requests.append(request)
            stream = self._answer(request)
            for toxic in tuple(self.toxics):
                stream = toxic(request, stream)
            await _send(stream, writer)
        except ConnectionResetError:
            _abort(writer)
        except (*_GONE, asyncio.CancelledError):
            pass  # the client or the upstream went away, or the test is over
        finally:
            writer.close()

    async def _answer(self, request: Request) -> Stream:
        if not isinstance(self._upstream, str):
            status, body, *headers = self._upstream(request)
            yield head(status, len(body), *headers)
            yield body
            return
        parts = urlsplit(self._upstream)
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port or 80)
        self._transports.add(writer.transport)
        try:
            writer.write(_forwarded(request, parts.netloc))
            yield await reader.readuntil(b"\r\n\r\n")
            while piece := await reader.read(_PIECE):
                yield piece
        finally:
            writer.close()


async def _turns() -> None:
    """Run a few rounds of the event loop."""
    for _ in range(5):
        await asyncio.sleep(0)


async def _read_request(reader: asyncio.StreamReader) -> Request:
    first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").rstrip("\r\n").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    method, path, _ = first.split(" ")
    if headers.get("transfer-encoding") == "chunked":
        return Request(method, path, headers, await _read_chunks(reader))
    return Request(method, path, headers, await reader.readexactly(int(headers.get("content-length", "0"))))


async def _read_chunks(reader: asyncio.StreamReader) -> bytes:
    body = b""
    while size := int((await reader.readline()).split(b";")[0], 16):
        body += (await reader.readexactly(size + 2))[:-2]
    await reader.readline()
    return body


def _forwarded(request: Request, host: str) -> bytes:
    own = {"host": host, "connection": "close", "content-length": str(len(request.body))}
    sent = {name: value for name, value in request.headers.items() if name != "transfer-encoding"}
    lines = "".join(f"{name}: {value}\r\n" for name, value in (sent | own).items())
    return f"{request.method} {request.path} HTTP/1.1\r\n{lines}\r\n".encode("latin-1") + request.body


async def _send(stream: Stream, writer: asyncio.StreamWriter) -> None:
    async for piece in stream:
        writer.write(piece)
        await writer.drain()


def _abort(writer: asyncio.StreamWriter) -> None:
    """Turn the coming close into RST; bytes sent before still arrive on loopback."""
    sock = writer.get_extra_info("socket")
    with suppress(OSError):
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
