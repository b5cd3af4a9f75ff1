"""Metrics and log lines: counts of events, JSON that CloudWatch reads, warnings for people."""

import io
import json
import logging
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dipmp_lib.server.metrics import WINDOW, EventCounts, JsonLines, TelemetryGroup, Warnings, record
from dipmp_lib.telemetry import Event
from tests.support.fakes.clock import Clock


def parsed(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


@pytest.fixture
def stream() -> io.StringIO:
    return io.StringIO()


def test_counts_forget() -> None:
    clock = Clock()
    counts = EventCounts(clock)
    counts.tell(Event.RPC_FAILED, endpoint="a")
    clock.now += WINDOW / 2
    counts.tell(Event.RPC_FAILED, endpoint="b")
    counts.tell(Event.GATEWAY_LIED)
    assert counts.recent() == {"RpcFailed": 2, "GatewayLied": 1}
    clock.now += WINDOW / 2
    assert counts.recent() == {"RpcFailed": 1, "GatewayLied": 1}
    clock.now += WINDOW
    assert counts.recent() == {}


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
