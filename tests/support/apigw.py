"""An API Gateway HTTP API on loopback: real HTTP in, Lambda events (payload format 2.0) to handlers in this process.

It does what clients can tell from the real one: the stage as the first segment of the path, decoded paths, header
names in lower case with repeats joined by commas, cookies apart, base64 bodies, Lambda's limit on responses, 404 for
paths without a route. Source: "Working with AWS Lambda proxy integrations for HTTP APIs" in the API Gateway guide.
"""

import asyncio
import base64
import contextlib
import json
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace, TracebackType
from typing import Any, Self
from urllib.parse import unquote

Handler = Callable[[dict[str, Any], Any], dict[str, Any]]

LAMBDA_LIMIT = 6_291_556
TIMEOUT = 30.0
CONTEXT = SimpleNamespace(function_name="local", aws_request_id="local", get_remaining_time_in_millis=lambda: 30_000)


@dataclass(frozen=True)
class Reply:
    """What goes back to the client."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


@contextlib.contextmanager
def event_loop() -> Iterator[None]:
    """Give the thread an event loop for a while; Mangum makes one where it finds none, and leaves it open."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    try:
        yield
    finally:
        asyncio.set_event_loop(None)
        loop.close()


def to_event(
    method: str, target: str, headers: list[tuple[str, str]], body: bytes = b"", *, stage: str = "$default"
) -> dict[str, Any]:
    """Return the event for a request whose target begins with the stage, unless that is $default."""
    path, _, query = target.partition("?")
    path = unquote(path)
    joined: dict[str, str] = {}
    for name, value in headers:
        key = name.lower()
        joined[key] = f"{joined[key]},{value}" if key in joined else value
    cookies = [part.strip() for part in joined.pop("cookie", "").split(";") if part.strip()]
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": query,
        "headers": joined,
        "requestContext": {
            "accountId": "000000000000",
            "apiId": "local",
            "domainName": joined.get("host", "localhost"),
            "http": {
                "method": method,
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": "127.0.0.1",
                "userAgent": joined.get("user-agent", ""),
            },
            "requestId": uuid.uuid4().hex,
            "routeKey": "$default",
            "stage": stage,
            "timeEpoch": int(time.time() * 1000),
        },
        "isBase64Encoded": bool(body),
    }
    if cookies:
        event["cookies"] = cookies
    if body:
        event["body"] = base64.b64encode(body).decode()
    return event


def from_response(response: object, *, method: str) -> Reply:
    """Return what a client receives for a handler's response, which travels as JSON."""
    text = json.dumps(response)
    if len(text.encode()) > LAMBDA_LIMIT:
        return _error(502, f"response of {len(text)} bytes exceeds the limit of {LAMBDA_LIMIT}")
    answer = json.loads(text)
    if not isinstance(answer, dict) or not isinstance(answer.get("statusCode"), int):
        return _error(502, "malformed Lambda proxy response")
    body = answer.get("body") or ""
    data = base64.b64decode(body, validate=True) if answer.get("isBase64Encoded") else body.encode()
    headers = [(name.lower(), value) for name, value in (answer.get("headers") or {}).items()]
    headers += [("set-cookie", value) for value in answer.get("cookies") or ()]
    if method != "HEAD":
        headers = [(name, value) for name, value in headers if name != "content-length"]
        if answer["statusCode"] not in (204, 304):
            headers.append(("content-length", str(len(data))))
    return Reply(answer["statusCode"], tuple(headers), b"" if method == "HEAD" else data)


def _error(status: int, message: str) -> Reply:
    body = json.dumps({"message": message}).encode()
    return Reply(status, (("content-type", "application/json"), ("content-length", str(len(body)))), body)


class ApiGateway:
    """Serves while it is entered; `url` includes the stage. `routes` maps path prefixes to handlers.

    Handlers run one after the other in one thread, as in one Lambda environment.
    """

    def __init__(self, routes: Mapping[str, Handler], *, stage: str = "$default") -> None:
        self._routes = dict(routes)
        self._stage = stage
        self._prefix = "" if stage == "$default" else f"/{stage}"
        self._loop = asyncio.new_event_loop()
        self._environment = ThreadPoolExecutor(1, initializer=self._start)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._request_handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    @property
    def url(self) -> str:
        """Return where clients reach the API."""
        return f"http://127.0.0.1:{self._server.server_address[1]}{self._prefix}"

    def _start(self) -> None:
        # Mangum takes the loop of its thread.
        asyncio.set_event_loop(self._loop)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)
        self._environment.shutdown()
        self._loop.close()

    def answer(self, method: str, target: str, headers: list[tuple[str, str]], body: bytes = b"") -> Reply:
        """Return the reply to one request."""
        path = target.partition("?")[0]
        inside = path.removeprefix(self._prefix)
        handler = next((handler for prefix, handler in self._routes.items() if inside.startswith(prefix)), None)
        if handler is None or not path.startswith(self._prefix + "/"):
            return _error(404, "Not Found")
        event = to_event(method, target, headers, body, stage=self._stage)
        try:
            response = self._environment.submit(handler, json.loads(json.dumps(event)), CONTEXT).result(TIMEOUT)
            return from_response(response, method=method)
        except TimeoutError:
            return _error(503, "Service Unavailable")
        except Exception as error:  # noqa: BLE001 - a handler's fault is the gateway's 502, whatever it is
            return _error(502, f"{type(error).__name__}: {error}")

    def _request_handler(self) -> type[BaseHTTPRequestHandler]:
        gateway = self

        class RequestHandler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_one(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                reply = gateway.answer(self.command, self.path, list(self.headers.items()), body)
                self.send_response(reply.status)
                for name, value in reply.headers:
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(reply.body)

            do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = do_OPTIONS = do_PATCH = handle_one  # noqa: N815

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                pass

        return RequestHandler
