"""Metrics and log lines of a running server: counts of events for /healthz, and records that CloudWatch reads."""

import json
import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from functools import lru_cache
from typing import TextIO

from ..caching import Lru
from ..simple_api import clean
from ..telemetry import Event, Telemetry

NAMESPACE = "dipmp"
DIMENSION = "Function"
_UNITS = {"Latency": "Milliseconds", "Bytes": "Bytes", "SyncLag": "Seconds"}


def record(
    metrics: Mapping[str, float], facts: Mapping[str, object], *, function: str, seconds: float
) -> dict[str, object]:
    """Return metrics at a unix time in CloudWatch's embedded metric format, with facts beside them.

    Metrics are counts, except Latency (ms), SyncLag (s) and Bytes. `function` is their only dimension; facts are
    searchable and cost no metric.
    """
    aws = {"Timestamp": int(seconds * 1000), "CloudWatchMetrics": _directives(tuple(metrics))}
    return {**facts, DIMENSION: function, **metrics, "_aws": aws}


@lru_cache(64)
def _directives(names: tuple[str, ...]) -> tuple[dict[str, object], ...]:
    """Return the directives that tell which members of a record are metrics; shared, so never to be changed."""
    metrics = [{"Name": name, "Unit": _UNITS.get(name, "Count")} for name in names]
    return ({"Namespace": NAMESPACE, "Dimensions": [[DIMENSION]], "Metrics": metrics},)


WINDOW = 300.0
"""Seconds that /healthz looks back."""
QUIET_SECONDS = 10.0
"""Time in which the same warning is not repeated in a log for people."""
_MAX_TIMES, _MAX_WARNINGS, _MAX_TEXT = 10_000, 1_000, 300

request_id: ContextVar[str] = ContextVar("request_id", default="")
"""Id of the request that is being answered, "" outside of one; worker threads see it, too."""

_encode = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode
_log = logging.getLogger("dipmp")


class EventCounts:
    """Telemetry that counts the events of the last minutes."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._times: dict[Event, deque[float]] = {event: deque(maxlen=_MAX_TIMES) for event in Event}

    def tell(self, event: Event, **_facts: str | float) -> None:
        """Count one event."""
        with self._lock:
            self._times[event].append(self._clock())

    def recent(self) -> dict[str, int]:
        """Return how often each event happened in the last WINDOW seconds; events that did not happen are left out."""
        since = self._clock() - WINDOW
        with self._lock:
            counts = {event.value: sum(at > since for at in times) for event, times in self._times.items()}
        return {event: count for event, count in counts.items() if count}


class JsonLines:
    """Log of JSON lines, from which CloudWatch also reads metrics; as telemetry, it writes a line for each event."""

    def __init__(self, stream: TextIO, function: str, clock: Callable[[], float] = time.time) -> None:
        self._stream = stream
        self._function = function
        self._clock = clock

    def tell(self, event: Event, **facts: str | float) -> None:
        """Write the event."""
        self.write("WARNING", event.value, {event.value: 1}, facts)

    def write(self, level: str, message: str, metrics: Mapping[str, float], facts: Mapping[str, object]) -> None:
        """Write one record; texts in it are made printable and cut."""
        texts = {key: bounded(value) if isinstance(value, str) else value for key, value in facts.items()}
        head = {"level": level, "message": bounded(message), "request_id": request_id.get()}
        line = record(metrics, {**head, **texts}, function=self._function, seconds=self._clock())
        self._stream.write(_encode(line) + "\n")  # ASCII, so nothing in it ends the line
        self._stream.flush()


class Warnings:
    """Telemetry that logs events as warnings for people, each at most every QUIET_SECONDS."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._last: Lru[tuple[object, ...], float] = Lru(_MAX_WARNINGS)

    def tell(self, event: Event, **facts: str | float) -> None:
        """Log the event."""
        key = (event, *facts.items())
        last, now = self._last.get(key), self._clock()
        if last is not None and now - last < QUIET_SECONDS:
            return
        self._last.put(key, now)
        _log.warning("%s %s", event.value, " ".join(f"{name}={bounded(str(fact))}" for name, fact in facts.items()))


class TelemetryGroup:
    """Telemetry that passes each event to several listeners."""

    def __init__(self, *listeners: Telemetry) -> None:
        self._listeners = listeners

    def tell(self, event: Event, **facts: str | float) -> None:
        """Tell every listener."""
        for listener in self._listeners:
            listener.tell(event, **facts)


def bounded(text: str) -> str:
    """Return the text as a log may hold it: printable, and cut to a few hundred characters."""
    return clean(text[:_MAX_TEXT])
