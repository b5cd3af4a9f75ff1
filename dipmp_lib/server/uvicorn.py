"""Uvicorn: an application served in the foreground until a signal, or from a thread of a program."""

import asyncio
import contextlib
import socket
import threading
from collections.abc import Callable, Iterator

import uvicorn
from starlette.types import ASGIApp
from uvicorn.config import LOGGING_CONFIG

from ..http.listen import url_of

_STOP = 10.0
_HANDLERS = LOGGING_CONFIG["handlers"]
_LOGGING = LOGGING_CONFIG | {"handlers": _HANDLERS | {"access": _HANDLERS["access"] | {"stream": "ext://sys.stderr"}}}


class Server(uvicorn.Server):
    """Uvicorn's server, which calls `ready` when it has started."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then call `ready`."""
        await super().startup(sockets=sockets)
        self._ready()


def server(
    app: ASGIApp,
    *,
    log: bool = True,
    requests: bool = True,
    ready: Callable[[], None] = lambda: None,
    http: type[asyncio.Protocol] | None = None,
) -> Server:
    """Return a server that gives requests a few seconds to end when it is stopped.

    `ready` is called when requests are accepted and signals handled. With `log` it configures logging to stderr,
    `requests` included if wanted; without, it leaves the program's logging alone. `http` is a protocol
    class that replaces uvicorn's own.
    """
    config = uvicorn.Config(
        app,
        lifespan="off",
        http=http or "auto",
        ws="none",
        server_header=False,
        access_log=log and requests,
        log_config=_LOGGING if log else None,
        timeout_graceful_shutdown=5,
    )
    return Server(config, ready)


@contextlib.contextmanager
def background(app: ASGIApp, listening: socket.socket, *, http: type[asyncio.Protocol] | None = None) -> Iterator[str]:
    """Serve from another thread while the block runs; yields the URL, and closes the socket at the end."""
    running = server(app, log=False, http=http)
    thread = threading.Thread(target=running.run, args=([listening],), name="dipmp-server", daemon=True)
    with listening:
        thread.start()
        try:
            yield url_of(listening)
        finally:
            running.should_exit = True
            thread.join(_STOP)
