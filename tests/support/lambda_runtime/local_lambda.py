"""Functions behind an HTTP API on loopback, as a context manager."""

import json
import tempfile
import threading
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import unquote

from .config import DEFAULT, Function, Route
from .environment import Account, Environment, InvocationError
from .events import Reply, failed, from_response, message, to_event
from .extension import Parameters, no_parameters
from .loopback import HttpFront
from .pool import Pool, ThrottledError
from .routing import Router
from .runtime import Runtime

AWS: Mapping[str, str] = {
    "AWS_REGION": "eu-central-1",
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
}
"""Default region and keys; nothing of this machine's own configuration is passed on."""


@dataclass(frozen=True)
class Cloud:
    """AWS as functions see it: `aws` are region, keys and endpoint, `parameters` those of the secrets extension."""

    aws: Mapping[str, str] = field(default_factory=dict, repr=False)
    parameters: Parameters = no_parameters


class LocalLambda:
    """Serves the functions of an artifact's folder while it is entered.

    Their output goes to the file `log`. `failures` has the reason of every 500 and 503.
    """

    def __init__(
        self,
        artifact: Path,
        functions: Sequence[Function],
        routes: Sequence[Route],
        runtime: Runtime,
        *,
        stage: str = DEFAULT,
        port: int = 0,
        cloud: Cloud | None = None,
        log: Path | None = None,
    ) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="local-lambda-")
        self.log = log or Path(self._folder.name, "log")
        cloud = cloud or Cloud()
        account = Account(runtime, artifact, cloud.parameters, self.log, {**AWS, **cloud.aws})
        self.pools = {function.name: Pool(function, account, Environment) for function in functions}
        self._router = Router(routes)
        self._stage = stage
        self._prefix = "" if stage == DEFAULT else f"/{stage}"
        self._front = HttpFront(self._answer, port)
        self._lock = threading.Lock()
        self._stack = ExitStack()
        self.failures: list[str] = []

    @property
    def url(self) -> str:
        """The API's URL, stage included."""
        return self._front.url + self._prefix

    def __enter__(self) -> Self:
        self._stack.callback(self._folder.cleanup)
        for pool in self.pools.values():
            self._stack.callback(pool.close)
        self._stack.enter_context(self._front)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def invoke(self, function: str, event: Mapping[str, Any]) -> Any:  # noqa: ANN401 - the function's JSON
        """Return what a function returns for an event of any kind. Raises ThrottledError, InvocationError."""
        return json.loads(self.pools[function].invoke(json.dumps(event).encode()))

    def recycle(self) -> None:
        """End all idle environments, so that the next requests meet cold ones."""
        for pool in self.pools.values():
            pool.recycle()

    def _answer(self, method: str, target: str, headers: Sequence[tuple[str, str]], body: bytes) -> Reply:
        path = target.partition("?")[0]
        inside = path.removeprefix(self._prefix)
        match = self._router.match(method, unquote(inside)) if path.startswith(self._prefix + "/") else None
        if match is None:
            return message(404, "Not Found")
        event = to_event(
            method,
            target,
            [*headers, *_forwarded(headers)],
            body,
            stage=self._stage,
            route_key=match.route.key,
            parameters=match.parameters,
        )
        try:
            return from_response(self.pools[match.route.function].invoke(json.dumps(event).encode()), method=method)
        except ThrottledError as error:
            self._failed(f"throttled: {error}")
            return message(503, "Service Unavailable")
        except InvocationError as error:
            self._failed(str(error))
            return failed()

    def _failed(self, reason: str) -> None:
        with self._lock:
            self.failures.append(reason)


def _forwarded(headers: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the headers that the API adds; the scheme is what the client used, which here is http."""
    host = next((value for name, value in headers if name.lower() == "host"), "")
    port = host.rpartition(":")[2]
    return [("X-Forwarded-For", "127.0.0.1"), ("X-Forwarded-Port", port), ("X-Forwarded-Proto", "http")]
