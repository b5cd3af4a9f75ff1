"""One gateway's part in a race, and what it does to the gateway's standing."""

from collections.abc import Callable
from typing import Generic, TypeVar

from ..errors import GatewayError
from ..telemetry import Event
from .exchange import AbsentError, LiedError
from .standing import Attempt, Outcome, Standing

T = TypeVar("T")


class Trial(Generic[T]):
    """Runs `attempt(base, seconds)`; `failed` hears when nothing comes of it, and of an event if that is a fault."""

    def __init__(
        self,
        base: str,
        attempt: Callable[[str, float], T],
        standing: Standing,
        failed: Callable[[Event | None], None],
    ) -> None:
        self._base = base
        self._run = attempt
        self._standing = standing
        self._failed = failed
        self._attempt: Attempt | None = None

    def run(self, seconds: float) -> T:
        """Return what the attempt returns. Raises GatewayError."""
        attempt = self._attempt = self._standing.begin(self._base)
        try:
            value = self._run(self._base, seconds)
        except GatewayError as error:
            outcome, event = self._judge(error)
            attempt.ended(outcome)
            self._failed(event)
            raise
        attempt.ended(Outcome.SUCCESS)
        return value

    def late(self) -> None:
        """Count the attempt, if it has begun."""
        if self._attempt is not None:
            self._attempt.late()

    def lost(self) -> None:
        """Count the attempt as lost, if it has begun."""
        if self._attempt is not None:
            self._attempt.lost()

    def _judge(self, error: GatewayError) -> tuple[Outcome, Event | None]:
        if isinstance(error, AbsentError):
            return Outcome.ABSENT, None
        if isinstance(error, LiedError):
            self._standing.lied(self._base)
            return Outcome.ERROR, Event.GATEWAY_LIED
        return Outcome.ERROR, Event.GATEWAY_FAILED
