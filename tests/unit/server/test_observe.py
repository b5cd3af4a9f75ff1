"""What a server tells its operator: /healthz, lines of JSON that are metrics too, warnings for people."""

import io
import json
import logging
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.types import ASGIApp, Receive, Scope, Send

from dipmp_lib.errors import RpcError
from dipmp_lib.registry import CachedRegistry, Lifetimes
from dipmp_lib.server.app import create_app
from dipmp_lib.server.observe import WINDOW, EventCounts, JsonLines, TelemetryGroup, Warnings, record
from dipmp_lib.server.requestlog import RequestId, RequestLog
from dipmp_lib.server.services import Services
from dipmp_lib.telemetry import Event
from tests.support.fakes.registry import REGISTRY, FakeGateways, FakeRegistry, make_file, make_project
from tests.support.programs.asgi import request

PAGE = f"/simple/{REGISTRY}/demo-pkg/"
NOW = 1_700_000_000.5


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


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


def test_a_tally_forgets() -> None:
    clock = Clock()
    tally = EventCounts(clock)
    tally.tell(Event.RPC_FAILED, endpoint="a")
    clock.now += WINDOW / 2
    tally.tell(Event.RPC_FAILED, endpoint="b")
    tally.tell(Event.GATEWAY_LIED)
    assert tally.recent() == {"RpcFailed": 2, "GatewayLied": 1}
    clock.now += WINDOW / 2
    assert tally.recent() == {"RpcFailed": 1, "GatewayLied": 1}
    clock.now += WINDOW
    assert tally.recent() == {}


def test_health_says_what_went_wrong_and_asks_nobody(app: ASGIApp, registry: FakeRegistry, services: Services) -> None:
    assert json.loads(request(app, "/healthz").body) == {"status": "ok", "recent": {}}
    services.tally.tell(Event.DENIED)
    assert json.loads(request(app, "/healthz").body) == {"status": "ok", "recent": {"Denied": 1}}
    services.tally.tell(Event.RPC_FAILED)
    answer = request(app, "/healthz")
    assert (answer.status, json.loads(answer.body)["status"]) == (200, "degraded")
    assert registry.calls == 0


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


@given(st.text(max_size=400), st.text(max_size=400))
def test_nothing_in_a_request_breaks_a_line(path: str, fact: str) -> None:
    stream = io.StringIO()
    lines = JsonLines(stream, "f")
    lines.write("INFO", path, {"Requests": 1}, {"path": path})
    lines.tell(Event.RPC_FAILED, endpoint=fact)
    first, second = parsed(stream)
    assert len(first["path"]) <= 300
    assert (second["RpcFailed"], second["level"], second["message"]) == (1, "WARNING", "RpcFailed")
    assert stream.getvalue().isascii()


def test_facts_cannot_pose_as_metrics() -> None:
    line = record({"Requests": 1}, {"Requests": "x", "_aws": "x", "Function": "x"}, function="f", seconds=0)
    assert (line["Requests"], line["Function"]) == (1, "f")
    assert isinstance(line["_aws"], dict)


def test_people_are_warned_now_and_then(caplog: pytest.LogCaptureFixture) -> None:
    clock = Clock()
    warnings = TelemetryGroup(Warnings(clock))
    with caplog.at_level(logging.WARNING, "dipmp"):
        for _ in range(3):
            warnings.tell(Event.RPC_FAILED, endpoint="https://rpc.example/…")
        warnings.tell(Event.RPC_FAILED, endpoint="https://b.example/…")
        clock.now += 11
        warnings.tell(Event.RPC_FAILED, endpoint="https://b.example/…\n")
        warnings.tell(Event.RPC_FAILED, endpoint="https://rpc.example/…")
    assert [entry.getMessage() for entry in caplog.records] == [
        "RpcFailed endpoint=https://rpc.example/…",
        "RpcFailed endpoint=https://b.example/…",
        "RpcFailed endpoint=https://b.example/…\ufffd",
        "RpcFailed endpoint=https://rpc.example/…",
    ]
