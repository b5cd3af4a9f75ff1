"""A response whose body comes piece by piece, and is cut rather than completed where a piece cannot be had."""

from collections.abc import Awaitable, Callable, Mapping

import anyio
from anyio import CancelScope
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from ..errors import Upstream

SEND_SECONDS = 30.0
"""A client takes PIECE bytes in that time, or is taken to have gone."""
PIECE = 256 * 1024


class Passing(Response):
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
