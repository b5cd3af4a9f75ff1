"""Events of an HTTP API (payload format 2.0) from HTTP requests, and HTTP responses from what functions return.

All that clients and functions can see is as on AWS: the stage as the first segment of the path, decoded
paths, header names in lower case with repeats joined by commas, cookies apart, base64 bodies. Source: "Working with AWS
Lambda proxy integrations for HTTP APIs" in the API Gateway guide.
"""

import base64
import binascii
import json
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

LAMBDA_LIMIT = 6_291_556
"""Bytes of JSON that a function may return."""
_NONE: Mapping[str, str] = {}


@dataclass(frozen=True)
class Reply:
    """A response to the client."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


def to_event(
    method: str,
    target: str,
    headers: Sequence[tuple[str, str]],
    body: bytes = b"",
    *,
    stage: str = "$default",
    route_key: str = "$default",
    parameters: Mapping[str, str] = _NONE,
) -> dict[str, Any]:
    """Return the event for a request whose target begins with the stage, unless that is $default.

    `parameters` are the variables of the route's path.
    """
    path, _, query = target.partition("?")
    path = unquote(path)
    joined = _joined(headers)
    cookies = [part.strip() for part in joined.pop("cookie", "").split(";") if part.strip()]
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": route_key,
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
            "routeKey": route_key,
            "stage": stage,
            "timeEpoch": int(time.time() * 1000),
        },
        "isBase64Encoded": bool(body),
    }
    optional = {"cookies": cookies, "pathParameters": dict(parameters), "body": base64.b64encode(body).decode()}
    return event | {name: value for name, value in optional.items() if value}


def _joined(headers: Sequence[tuple[str, str]]) -> dict[str, str]:
    joined: dict[str, str] = {}
    for name, value in headers:
        key = name.lower()
        joined[key] = f"{joined[key]},{value}" if key in joined else value
    return joined


def from_response(text: bytes, *, method: str) -> Reply:
    """Return the response for a function's result, which is JSON; 500 for one that is malformed or too large."""
    if len(text) > LAMBDA_LIMIT:
        return failed()
    try:
        answer = json.loads(text)
        data = _body(answer)
        headers = [(name.lower(), str(value)) for name, value in (answer.get("headers") or {}).items()]
        headers += [("set-cookie", value) for value in answer.get("cookies") or ()]
        status = answer["statusCode"]
    except (ValueError, KeyError, TypeError, AttributeError, binascii.Error):
        return failed()
    if not isinstance(status, int):
        return failed()
    if method != "HEAD":
        headers = [(name, value) for name, value in headers if name != "content-length"]
        if status not in (204, 304):
            headers.append(("content-length", str(len(data))))
    return Reply(status, tuple(headers), b"" if method == "HEAD" else data)


def _body(answer: Mapping[str, Any]) -> bytes:
    body = answer.get("body") or ""
    return base64.b64decode(body, validate=True) if answer.get("isBase64Encoded") else body.encode()


def failed() -> Reply:
    """Return the response for a function that failed, timed out or returned no HTTP response."""
    return message(500, "Internal Server Error")


def message(status: int, text: str) -> Reply:
    """Return a response of the API itself."""
    body = json.dumps({"message": text}).encode()
    return Reply(status, (("content-type", "application/json"), ("content-length", str(len(body)))), body)
