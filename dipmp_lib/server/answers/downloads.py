"""Files that this server passes on itself: ranges and conditions, and bodies that were verified before they leave.

Source: RFC 9110, sections 13 (conditions) and 14 (ranges).
"""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from functools import partial
from http import HTTPStatus

import anyio
from anyio import CancelScope, CapacityLimiter, to_thread
from fastapi import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from ...errors import Upstream
from ...http.ranges import wanted_range
from ...model.pages import File
from ..headers import COMMON, FOR_EVER, field, none_match
from ..services import Files
from .problems import problem

SEND_SECONDS = 30.0
"""A client takes PIECE bytes in that time, or is taken to have gone."""
PIECE = 256 * 1024


class StreamedResponse(Response):
    """Sends `first` and then what `more` returns until that is empty; `done` is called when it is over, in any way.

    A client that leaves cancels the call of `more`. Where `more` raises Upstream, the response is left incomplete,
    so that the server closes the connection: with a Content-Length, every client takes that for the failure it is.
    """

    def __init__(
        self,
        first: bytes,
        more: Callable[[], Awaitable[bytes]],
        done: Callable[[], None],
        status: int,
        headers: Mapping[str, str],
    ) -> None:
        super().__init__(status_code=status, headers=headers)
        self._first = first
        self._more = more
        self._done = done

    async def __call__(self, _scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        try:
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            async with anyio.create_task_group() as group:
                group.start_soon(_end_with_client, receive, group.cancel_scope)
                await self._pass_on(send)
                group.cancel_scope.cancel()
        finally:
            self._done()

    async def _pass_on(self, send: Send) -> None:
        piece = self._first
        try:
            while piece:
                for at in range(0, len(piece), PIECE):
                    with anyio.fail_after(SEND_SECONDS):
                        await send({"type": "http.response.body", "body": piece[at : at + PIECE], "more_body": True})
                piece = await self._more()
        except (Upstream, TimeoutError):
            return
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _end_with_client(receive: Receive, scope: CancelScope) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    scope.cancel()


MOST = 32
"""Downloads at the same time; each holds a few MiB."""


class Downloads:
    """Answers requests for files. Its worker threads are its own, so that downloads never starve pages.

    `kept` is the Cache-Control header of files.
    """

    def __init__(self, files: Files, kept: Mapping[str, str] = FOR_EVER, *, most: int = MOST) -> None:
        self._files = files
        self._kept = kept
        self._most = most
        self._limiter = CapacityLimiter(most)
        self._running = 0

    async def answer(self, request: Request, file: File) -> Response:
        """Return the response once its first bytes are verified. Raises GatewayError, and Upstream where it is full."""
        etag = f'"{file.sha256.hex()}"'
        headers = {**COMMON, **self._kept, "Content-Type": "application/octet-stream", "ETag": etag}
        headers["Accept-Ranges"] = "bytes"
        if none_match(field(request, "if-none-match"), etag):
            return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
        if request.method == "HEAD":
            return Response(headers={**headers, "Content-Length": str(file.size)})
        span = wanted_range(request.headers.get("range", ""), request.headers.get("if-range"), etag, file.size)
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
        pieces = self._files.read(file, start, stop)
        try:
            first = await self._next(pieces)
        except BaseException:
            self._end()
            raise
        return StreamedResponse(first, partial(self._next, pieces), self._end, status, headers)

    async def _next(self, pieces: Iterator[bytes]) -> bytes:
        """Return the next piece, b"" after the last.

        A thread that is given up on, as its client has gone, drops the iterator, and that what was fetched ahead.
        """
        return await to_thread.run_sync(next, pieces, b"", abandon_on_cancel=True, limiter=self._limiter)

    def _end(self) -> None:
        self._running -= 1


def _unsatisfiable(request: Request, file: File) -> Response:
    status = HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE
    answer = problem(request, status, f"{file.filename} has {file.size} bytes, so the range holds none of them")
    answer.headers["Content-Range"] = f"bytes */{file.size}"
    return answer
