"""Runtime API of one execution environment: awslambdaric takes events from it and posts results to it.

Source: "Using the Lambda runtime API" in the Lambda guide; the runtime client's own source for what it sends.
"""

import re
import time
import uuid
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from queue import Empty, SimpleQueue
from threading import Event

from .events import LAMBDA_LIMIT
from .loopback import LoopbackHandler, LoopbackServer

VERSION = "/2018-06-01/runtime/"
_RESULT = re.compile(re.escape(VERSION) + r"invocation/([^/]+)/(response|error)")


@dataclass
class Invocation:
    """One event; `done` is set with `result`, or with `error` (JSON, or a sentence of ours)."""

    event: bytes
    deadline: float
    arn: str
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    trace: str = field(default_factory=lambda: f"Root=1-{int(time.time()):08x}-{uuid.uuid4().hex[:24]};Sampled=0")
    result: bytes | None = None
    error: bytes | None = None
    done: Event = field(default_factory=Event)

    def headers(self) -> list[tuple[str, str]]:
        """Return the headers of the event."""
        return [
            ("Lambda-Runtime-Aws-Request-Id", self.id),
            ("Lambda-Runtime-Deadline-Ms", str(int(self.deadline * 1000))),
            ("Lambda-Runtime-Invoked-Function-Arn", self.arn),
            ("Lambda-Runtime-Trace-Id", self.trace),
        ]

    def succeed(self, result: bytes) -> None:
        """Set the function's result."""
        self.result = result
        self.done.set()

    def fail(self, error: bytes) -> None:
        """Set the function's error."""
        self.error = error
        self.done.set()


class RuntimeApi:
    """Serves one process. `initialised` is set by its request for the first event, or by its report of an init error.

    `refused` is true after a result that was too large; the runtime client then ends its process.
    """

    def __init__(self) -> None:
        self.initialised = Event()
        self.init_error: bytes | None = None
        self.refused = False
        self._events: SimpleQueue[Invocation | None] = SimpleQueue()
        self._current: Invocation | None = None
        self._server = LoopbackServer(_handler(self))
        self._server.start()

    @property
    def address(self) -> str:
        """The value of AWS_LAMBDA_RUNTIME_API."""
        return self._server.address

    def send(self, invocation: Invocation) -> None:
        """Queue an event."""
        self._events.put(invocation)

    def close(self) -> None:
        """Stop serving."""
        self._events.put(None)
        self._server.stop()

    def next(self) -> Invocation | None:
        """Return the next event, waiting for it; None at the end."""
        self.initialised.set()
        try:
            self._current = self._events.get(timeout=3600)
        except Empty:
            self._current = None
        return self._current

    def post(self, path: str, body: bytes) -> tuple[int, str]:
        """Handle a POST of the runtime client; return the status and the error's type, "" for none."""
        if path in (VERSION + "init/error", VERSION + "restore/error"):
            self.init_error = body
            self.initialised.set()
            return 202, ""
        match, current = _RESULT.fullmatch(path), self._current
        if match is None:
            return 404, "InvalidPath"
        if current is None or match[1] != current.id:
            return 400, "InvalidRequestID"
        self._current = None
        if match[2] == "error":
            current.fail(body)
        elif len(body) > LAMBDA_LIMIT:
            self.refused = True
            current.fail(b"Function.ResponseSizeTooLarge: %d of %d bytes" % (len(body), LAMBDA_LIMIT))
            return 413, "RequestEntityTooLarge"
        else:
            current.succeed(body)
        return 202, ""


def _handler(api: RuntimeApi) -> type[BaseHTTPRequestHandler]:
    class Handler(LoopbackHandler):
        def do_GET(self) -> None:  # noqa: N802 - http.server's name
            if self.path == VERSION + "restore/next":
                self.reply_json(200, b"{}")
                return
            invocation = api.next() if self.path == VERSION + "invocation/next" else None
            if invocation is None:
                self.reply_json(404, b"{}")
            else:
                self.reply_json(200, invocation.event, invocation.headers())

        def do_POST(self) -> None:  # noqa: N802
            status, kind = api.post(self.path, self.body())
            self.reply_json(status, b'{"errorType":"%s"}' % kind.encode() if kind else b'{"status":"OK"}')

    return Handler
