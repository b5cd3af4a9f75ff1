"""The line of each request, and the id that ties an error to it."""

import io
import json
import re
from typing import Any

import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from dipmp_lib.errors import RpcError
from dipmp_lib.registry import CachedRegistry, Lifetimes
from dipmp_lib.server.app import create_app
from dipmp_lib.server.metrics import JsonLines
from dipmp_lib.server.request_log import RequestId, RequestLog
from dipmp_lib.server.services import Services
from tests.support.fakes.registry import REGISTRY, FakeGateways, FakeRegistry, make_file, make_project
from tests.support.programs.asgi import request

PAGE = f"/simple/{REGISTRY}/demo-pkg/"


NOW = 1_700_000_000.5


def parsed(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


@pytest.fixture
def stream() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def registry() -> FakeRegistry:
    return FakeRegistry(make_project("demo-pkg", make_file("demo_pkg-1.0-py3-none-any.whl", "1.0")))


@pytest.fixture
def services(registry: FakeRegistry, stream: io.StringIO) -> Services:
    lifetimes = Lifetimes(fresh=0, absent_project=0, absent_registry=0, failure=0)
    lines = JsonLines(stream, "dipmp-dev-simple", lambda: NOW)
    return Services(CachedRegistry(registry, lifetimes=lifetimes), FakeGateways(), lines=lines)


@pytest.fixture
def app(services: Services) -> ASGIApp:
    return create_app(services)


def test_the_line_of_a_request(app: ASGIApp, stream: io.StringIO) -> None:
    answer = request(app, PAGE + "?token=secret", {"authorization": "Basic secret"})
    [line] = parsed(stream)
    assert line["_aws"] == {
        "Timestamp": 1_700_000_000_500,
        "CloudWatchMetrics": [
            {
                "Namespace": "dipmp",
                "Dimensions": [["Function"]],
                "Metrics": [
                    {"Name": "Requests", "Unit": "Count"},
                    {"Name": "Latency", "Unit": "Milliseconds"},
                    {"Name": "Bytes", "Unit": "Bytes"},
                ],
            }
        ],
    }
    assert (line["Function"], line["Requests"], line["Bytes"]) == ("dipmp-dev-simple", 1, len(answer.body))
    assert line["Latency"] >= 0
    assert (line["level"], line["message"]) == ("INFO", f"GET {PAGE} 200")
    assert (line["method"], line["path"], line["status"]) == ("GET", PAGE, 200)
    assert (line["route"], line["registry"]) == ("/simple/{registry}/{project}/", str(REGISTRY))
    assert line["project"] == "demo-pkg"
    assert re.fullmatch("[0-9a-f]{32}", line["request_id"])
    assert "secret" not in stream.getvalue()


def test_a_stale_page_is_counted_and_told(app: ASGIApp, registry: FakeRegistry, stream: io.StringIO) -> None:
    request(app, PAGE)
    registry.failure = RpcError("down")
    request(app, PAGE)
    line = parsed(stream)[-1]
    assert (line["StaleServed"], line["stale"]) == (1, "the chain could not be asked")
    assert {"Name": "StaleServed", "Unit": "Count"} in line["_aws"]["CloudWatchMetrics"][0]["Metrics"]
    assert json.loads(request(app, "/healthz").body)["recent"] == {"StaleServed": 1}


def test_an_error_carries_the_id_of_its_line(app: ASGIApp, registry: FakeRegistry, stream: io.StringIO) -> None:
    registry.failure = RpcError("down")
    answer = request(app, PAGE)
    [line] = parsed(stream)
    assert (answer.status, line["status"], line["level"], line["ServerErrors"]) == (503, 503, "ERROR", 1)
    assert answer.headers["x-request-id"] == line["request_id"]


def test_what_is_right_carries_no_id(app: ASGIApp) -> None:
    assert "x-request-id" not in request(app, PAGE).headers


def test_a_fault_is_a_line_too(stream: io.StringIO) -> None:
    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        request(RequestId(RequestLog(broken, JsonLines(stream, "f"))), "/x")
    [line] = parsed(stream)
    assert (line["status"], line["ServerErrors"]) == (500, 1)


@pytest.mark.parametrize(("given", "kept"), [("JKJaXmPLvHcESHA=", True), ("a\r\nb", False), ("x" * 200, False)])
def test_the_id_of_api_gateway_is_taken_if_it_is_one(given: str, kept: bool, stream: io.StringIO) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        scope["aws.event"] = {"requestContext": {"requestId": given}}
        await RequestId(RequestLog(missing, JsonLines(stream, "f")))(scope, receive, send)

    async def missing(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 404, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    answer = request(app, "/x")
    assert (answer.headers["x-request-id"] == given) is kept
    assert parsed(stream)[0]["request_id"] == answer.headers["x-request-id"]
