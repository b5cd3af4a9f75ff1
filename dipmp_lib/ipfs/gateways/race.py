"""The first of several attempts that succeeds; the next one begins when the one before is late or has failed."""

from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from ...errors import GatewayError
from ...telemetry import Event
from .health import AttemptOutcome, GatewayAttempt, Reliability
from .request import AbsentError, WrongBytesError

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
MAX_RUNNING = 3


class Entrant(Protocol[T_co]):
    """One attempt."""

    def run(self, seconds: float) -> T_co:
        """Return what is wanted, within so many seconds. Raises GatewayError."""
        ...

    def late(self) -> None:
        """Hear that others may be tried meanwhile."""
        ...

    def lost(self) -> None:
        """Hear that nobody waits for it any more."""
        ...


@dataclass(frozen=True, slots=True)
class Race(Generic[T]):
    """How long to wait: `hedge` seconds for one attempt before the next one begins, `patience` for all together."""

    pool: Executor
    clock: Callable[[], float]
    hedge: float
    patience: float

    def run(self, entrants: Sequence[Entrant[T]]) -> T:
        """Return what the first successful attempt returns; one that lost ends by its own deadline.

        Raises GatewayError, which says why each attempt failed; whatever else an attempt raises passes through.
        """
        ends = self.clock() + self.patience
        waiting, running = list(entrants), dict[Future[T], Entrant[T]]()
        failures: list[str] = []
        try:
            while waiting or running:
                if (left := ends - self.clock()) <= 0:
                    failures.append("no time was left for the others")
                    break
                if waiting and len(running) < MAX_RUNNING:
                    entrant = waiting.pop(0)
                    running[self._begin(entrant, ends)] = entrant
                for future in self._next(running, left, more=bool(waiting) and len(running) < MAX_RUNNING):
                    del running[future]
                    if not isinstance(failure := future.exception(), GatewayError):
                        return future.result()
                    failures.append(str(failure))
            raise GatewayError("; ".join(failures))
        finally:
            for future, entrant in running.items():
                future.cancel()  # where it has not begun
                entrant.lost()

    def _begin(self, entrant: Entrant[T], ends: float) -> Future[T]:
        def run() -> T:
            if (left := ends - self.clock()) <= 0:
                raise GatewayError("no time was left for the others")
            return entrant.run(left)

        return self.pool.submit(run)

    def _next(self, running: dict[Future[T], Entrant[T]], left: float, *, more: bool) -> set[Future[T]]:
        """Wait for attempts to end; where none does in time and `more` could begin, those that run are late."""
        done = wait(running, min(left, self.hedge) if more else left, FIRST_COMPLETED).done
        if not done:
            for entrant in running.values():
                entrant.late()
        return done


class Trial(Generic[T]):
    """Runs `attempt(base, seconds)`; `failed` hears when nothing comes of it, and of an event if that is a fault."""

    def __init__(
        self,
        base: str,
        attempt: Callable[[str, float], T],
        standing: Reliability,
        failed: Callable[[Event | None], None],
    ) -> None:
        self._base = base
        self._run = attempt
        self._standing = standing
        self._failed = failed
        self._attempt: GatewayAttempt | None = None

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
        attempt.ended(AttemptOutcome.SUCCESS)
        return value

    def late(self) -> None:
        """Count the attempt, if it has begun."""
        if self._attempt is not None:
            self._attempt.late()

    def lost(self) -> None:
        """Count the attempt as lost, if it has begun."""
        if self._attempt is not None:
            self._attempt.lost()

    def _judge(self, error: GatewayError) -> tuple[AttemptOutcome, Event | None]:
        if isinstance(error, AbsentError):
            return AttemptOutcome.ABSENT, None
        if isinstance(error, WrongBytesError):
            self._standing.lied(self._base)
            return AttemptOutcome.ERROR, Event.GATEWAY_LIED
        return AttemptOutcome.ERROR, Event.GATEWAY_FAILED
