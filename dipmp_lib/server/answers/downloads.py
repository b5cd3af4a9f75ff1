"""Downloads through this server: ranges, conditions, and bodies that are verified before they are sent.

Source: RFC 9110, sections 13 (conditions) and 14 (ranges).
"""

from collections.abc import Awaitable, Callable, Generator, Mapping
from functools import partial
from http import HTTPStatus
from threading import Lock

import anyio
from anyio import CancelScope, CapacityLimiter, to_thread
from fastapi import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from ...errors import Upstream
from ...http.ranges import wanted_range
from ...model.pages import File
from ..headers import FOR_EVER, OCTETS
from ..services import Files
from .conditional import answer
from .problems import problem

SEND_SECONDS = 30.0
"""Time in which a client has to take PIECE bytes; one that is slower is disconnected."""
PIECE = 256 * 1024


class StreamedResponse(Response):
    """Response that sends `first`, then what `read_next` returns until that is empty.

    `on_end` is called when the response is over, whether it was sent or not. A client that leaves cancels the call of
    `read_next`. Where that raises Upstream, the response is left incomplete, so that the server closes the connection:
    as there is a Content-Length, every client notices.
    """

    def __init__(
        self,
        first: bytes,
        read_next: Callable[[], Awaitable[bytes]],
        on_end: Callable[[], None],
        status: int,
        headers: Mapping[str, str],
    ) -> None:
        super().__init__(status_code=status, headers=headers)
        self._first = first
        self._read_next = read_next
        self._on_end = on_end

    async def __call__(self, _scope: Scope, receive: Receive, send: Send) -> None:
        """Send the response."""
        try:
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            async with anyio.create_task_group() as group:
                group.start_soon(_end_with_client, receive, group.cancel_scope)
                await self._send_pieces(send)
                group.cancel_scope.cancel()
        finally:
            self._on_end()

    async def _send_pieces(self, send: Send) -> None:
        piece = self._first
        try:
            while piece:
                for at in range(0, len(piece), PIECE):
                    with anyio.fail_after(SEND_SECONDS):
                        await send({"type": "http.response.body", "body": piece[at : at + PIECE], "more_body": True})
                piece = await self._read_next()
        except (Upstream, TimeoutError):
            return
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _end_with_client(receive: Receive, scope: CancelScope) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    scope.cancel()


MAX_RUNNING = 32
"""Downloads at the same time; each holds a few MiB."""


class Downloads:
    """Answers requests for files, in worker threads of its own, so that downloads never starve pages.

    `caching` is the Cache-Control header of files, `most` how many downloads run at the same time.
    """

    def __init__(self, files: Files, caching: Mapping[str, str] = FOR_EVER, *, most: int = MAX_RUNNING) -> None:
        self._files = files
        self._caching = caching
        self._most = most
        self._limiter = CapacityLimiter(most)
        self._running = 0

    async def answer(self, request: Request, file: File) -> Response:
        """Return the response once its first bytes are verified.

        Raises GatewayError, and Upstream where too many downloads are running.
        """
        headers = {**self._caching, "Content-Type": OCTETS, "Accept-Ranges": "bytes"}
        return await answer(request, f'"{file.sha256.hex()}"', headers, partial(self._respond, request, file))

    async def _respond(self, request: Request, file: File, headers: dict[str, str]) -> Response:
        if request.method == "HEAD":
            return Response(headers={**headers, "Content-Length": str(file.size)})
        given = request.headers
        span = wanted_range(given.get("range", ""), given.get("if-range"), headers["ETag"], file.size)
        start, stop = (0, file.size) if span is None else span
        if start >= stop:
            return _unsatisfiable(request, file)
        headers["Content-Length"] = str(stop - start)
        if span is not None:
            headers["Content-Range"] = f"bytes {start}-{stop - 1}/{file.size}"
        return await self._begin(
            file, start, stop, HTTPStatus.OK if span is None else HTTPStatus.PARTIAL_CONTENT, headers
        )

    async def _begin(self, file: File, start: int, stop: int, status: HTTPStatus, headers: dict[str, str]) -> Response:
        if self._running >= self._most:
            raise Upstream(f"{self._most} files are on their way already", hint="try again in a moment")
        self._running += 1
        pieces = _Pieces(self._files.read(file, start, stop))
        try:
            first = await self._next(pieces)
        except BaseException:
            self._end(pieces)
            raise
        return StreamedResponse(first, partial(self._next, pieces), partial(self._end, pieces), status, headers)

    async def _next(self, pieces: "_Pieces") -> bytes:
        """Return the next piece, b"" after the last. When the client leaves, the thread is abandoned."""
        return await to_thread.run_sync(pieces.next, abandon_on_cancel=True, limiter=self._limiter)

    def _end(self, pieces: "_Pieces") -> None:
        self._running -= 1
        pieces.close()


class _Pieces:
    """A file's pieces, closed once: at once, or by the thread that is still fetching one when they are closed.

    A generator cannot be closed while a thread runs it. Nothing here waits, as `close` is called by the event loop.
    """

    def __init__(self, pieces: Generator[bytes]) -> None:
        self._pieces = pieces
        self._lock = Lock()
        self._fetching = False
        self._closed = False

    def next(self) -> bytes:
        """Return the next piece, b"" after the last and after `close`. Raises what fetching it raises."""
        with self._lock:
            if self._closed:
                return b""
            self._fetching = True
        try:
            return next(self._pieces, b"")
        finally:
            with self._lock:
                self._fetching = False
                closed = self._closed
            if closed:
                self._pieces.close()

    def close(self) -> None:
        """Drop what was fetched ahead."""
        with self._lock:
            self._closed = True
            fetching = self._fetching
        if not fetching:
            self._pieces.close()


def _unsatisfiable(request: Request, file: File) -> Response:
    status = HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE
    answer = problem(request, status, f"{file.filename} has {file.size} bytes, so the range holds none of them")
    answer.headers["Content-Range"] = f"bytes */{file.size}"
    return answer
