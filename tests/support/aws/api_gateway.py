"""An HTTP API on loopback in front of handlers in this process, for tests that need no Lambda runtime."""

import asyncio
import contextlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace, TracebackType
from typing import Any, Self

from tests.support.lambda_runtime.events import LAMBDA_LIMIT, Reply, failed, from_response, message, to_event
from tests.support.lambda_runtime.loopback import HttpFront

__all__ = ["CONTEXT", "LAMBDA_LIMIT", "ApiGateway", "Handler", "event_loop", "from_response", "to_event"]

Handler = Callable[[dict[str, Any], Any], dict[str, Any]]

TIMEOUT = 30.0
CONTEXT = SimpleNamespace(function_name="local", aws_request_id="local", get_remaining_time_in_millis=lambda: 30_000)


@contextlib.contextmanager
def event_loop() -> Iterator[None]:
    """Give the thread an event loop for the block; Mangum would make one and leave it open."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    try:
        yield
    finally:
        asyncio.set_event_loop(None)
        loop.close()


class ApiGateway:
    """Serves while it is entered. `routes` maps path prefixes to handlers.

    Handlers run one after the other in one thread, as in one Lambda environment.
    """

    def __init__(self, routes: Mapping[str, Handler], *, stage: str = "$default") -> None:
        self._routes = dict(routes)
        self._stage = stage
        self._prefix = "" if stage == "$default" else f"/{stage}"
        self._loop = asyncio.new_event_loop()
        self._environment = ThreadPoolExecutor(1, initializer=self._start)
        self._front = HttpFront(self.answer)

    @property
    def url(self) -> str:
        """The API's URL, stage included."""
        return self._front.url + self._prefix

    def _start(self) -> None:
        # Mangum takes the loop of its thread.
        asyncio.set_event_loop(self._loop)

    def __enter__(self) -> Self:
        self._front.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._front.__exit__(kind, error, trace)
        self._environment.shutdown()
        self._loop.close()

    def answer(self, method: str, target: str, headers: Sequence[tuple[str, str]], body: bytes = b"") -> Reply:
        """Return the reply to one request."""
        path = target.partition("?")[0]
        inside = path.removeprefix(self._prefix)
        handler = next((handler for prefix, handler in self._routes.items() if inside.startswith(prefix)), None)
        if handler is None or not path.startswith(self._prefix + "/"):
            return message(404, "Not Found")
        event = to_event(method, target, headers, body, stage=self._stage)
        try:
            response = self._environment.submit(handler, json.loads(json.dumps(event)), CONTEXT).result(TIMEOUT)
            return from_response(json.dumps(response).encode(), method=method)
        except TimeoutError:
            return message(503, "Service Unavailable")
        except Exception:  # noqa: BLE001 - a handler's error is the gateway's 500
            return failed()
