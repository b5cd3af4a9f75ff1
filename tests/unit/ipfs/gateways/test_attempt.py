"""Attempts at gateways: what is counted, and which events are reported."""

import pytest

from dipmp_lib.errors import GatewayError, MalformedCar
from dipmp_lib.ipfs.gateways.attempt import GatewayAttempt, count_late, count_lost
from dipmp_lib.ipfs.gateways.health import GatewayHealth
from dipmp_lib.ipfs.gateways.request import AbsentError, NotRawError, WrongBytesError
from dipmp_lib.telemetry import Event
from tests.support.fakes.clock import Clock


class Scene:
    """One gateway, `g`, at which requests end with an outcome."""

    def __init__(self) -> None:
        self.health = GatewayHealth(Clock())
        self.asked: list[tuple[str, float]] = []
        self.failed: list[Event | None] = []

    def attempt(self, outcome: object = "bytes") -> GatewayAttempt[object]:
        def request(base: str, seconds: float) -> object:
            self.asked.append((base, seconds))
            if isinstance(outcome, Exception):
                raise outcome
            return outcome

        return GatewayAttempt("g", request, self.health, self.failed.append)


def test_success() -> None:
    scene = Scene()
    assert scene.attempt().run(2.5) == "bytes"
    assert (scene.asked, scene.failed, scene.health.score("g")) == ([("g", 2.5)], [], 1)


@pytest.mark.parametrize(
    ("error", "event", "score"),
    [
        (GatewayError("HTTP 503"), Event.GATEWAY_FAILED, 0),
        (AbsentError("HTTP 404"), None, 1),
        (NotRawError("HTTP 406"), None, 1),
        (WrongBytesError("other bytes"), Event.GATEWAY_LIED, 0),
    ],
)
def test_failures(error: GatewayError, event: Event | None, score: float) -> None:
    scene = Scene()
    with pytest.raises(type(error)):
        scene.attempt(error).run(1)
    assert (scene.failed, scene.health.score("g")) == ([event], score)
    assert scene.health.is_distrusted("g") == isinstance(error, WrongBytesError)


def test_what_is_no_fault_of_the_gateway_is_not_counted() -> None:
    scene = Scene()
    with pytest.raises(MalformedCar):
        scene.attempt(MalformedCar("a bug")).run(1)
    assert (scene.failed, scene.health.score("g")) == ([], 1)


@pytest.mark.parametrize("left", [0.0, -0.1])
def test_an_attempt_whose_time_passed_in_the_queue_asks_nobody(left: float) -> None:
    scene = Scene()
    with pytest.raises(GatewayError, match="no time was left"):
        scene.attempt().run(left)
    assert (scene.asked, scene.failed, scene.health.score("g")) == ([], [], 1)


def test_late_and_lost_attempts_count_once_they_have_begun() -> None:
    scene = Scene()
    waiting = scene.attempt()
    count_late([waiting])
    count_lost([waiting])
    assert scene.health.score("g") == 1

    running: list[GatewayAttempt[str]] = []

    def request(_base: str, _seconds: float) -> str:
        count_late(running)
        assert scene.health.score("g") == 0
        return "late, but here"

    running.append(GatewayAttempt("g", request, scene.health, scene.failed.append))
    assert running[0].run(1) == "late, but here"
    assert scene.health.score("g") == 1


def test_a_lost_attempt_is_no_success_any_more() -> None:
    scene = Scene()
    running: list[GatewayAttempt[str]] = []

    def request(_base: str, _seconds: float) -> str:
        count_lost(running)
        return "too late"

    running.append(GatewayAttempt("g", request, scene.health, scene.failed.append))
    running[0].run(1)
    assert scene.health.score("g") == 0
