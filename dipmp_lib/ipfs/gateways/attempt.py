"""One attempt at one gateway: run, and its outcome counted in the gateway's health."""

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from ...errors import GatewayError
from ...telemetry import Event
from .health import AttemptOutcome, AttemptRecord, GatewayHealth
from .request import AbsentError, WrongBytesError

T = TypeVar("T")


class GatewayAttempt(Generic[T]):
    """Runs `request(base, seconds)`.

    `failed` is called when it fails, with the event to report, or None where the gateway is not at fault.
    """

    def __init__(
        self,
        base: str,
        request: Callable[[str, float], T],
        health: GatewayHealth,
        failed: Callable[[Event | None], None],
    ) -> None:
        self._base = base
        self._request = request
        self._health = health
        self._failed = failed
        self._record: AttemptRecord | None = None

    def run(self, seconds: float) -> T:
        """Return what the request returns within `seconds`. Raises GatewayError."""
        if seconds <= 0:  # it waited too long for a thread
            raise GatewayError("no time was left for the others")
        record = self._record = self._health.begin(self._base)
        try:
            value = self._request(self._base, seconds)
        except GatewayError as error:
            outcome, event = self._classify(error)
            record.ended(outcome)
            self._failed(event)
            raise
        record.ended(AttemptOutcome.SUCCESS)
        return value

    def late(self) -> None:
        """Count the attempt as late, if it has begun."""
        if self._record is not None:
            self._record.late()

    def lost(self) -> None:
        """Count the attempt as lost, if it has begun."""
        if self._record is not None:
            self._record.lost()

    def _classify(self, error: GatewayError) -> tuple[AttemptOutcome, Event | None]:
        if isinstance(error, AbsentError):
            return AttemptOutcome.ABSENT, None
        if isinstance(error, WrongBytesError):
            self._health.record_wrong_bytes(self._base)
            return AttemptOutcome.ERROR, Event.GATEWAY_LIED
        return AttemptOutcome.ERROR, Event.GATEWAY_FAILED


def count_late(attempts: Sequence[GatewayAttempt[T]]) -> None:
    """Count every attempt that runs as late."""
    for attempt in attempts:
        attempt.late()


def count_lost(attempts: Sequence[GatewayAttempt[T]]) -> None:
    """Count every attempt that still runs as lost."""
    for attempt in attempts:
        attempt.lost()
