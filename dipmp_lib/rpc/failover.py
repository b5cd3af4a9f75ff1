"""Several endpoints of one chain as one."""

import threading
import time
from collections.abc import Callable, Sequence

from ..errors import DipmpError, Malformed, Reverted, RpcError, Upstream, WrongChain
from ..telemetry import SILENCE, Event, Telemetry
from .port import Rpc

BENCH_SECONDS = 10.0


class FailoverRpc:
    """Asks endpoints in order until one answers; one that failed is tried last for a while.

    What a contract itself says is an answer: Reverted does not move on. Everything else does.
    """

    def __init__(
        self,
        rpcs: Sequence[Rpc],
        *,
        bench: float = BENCH_SECONDS,
        clock: Callable[[], float] = time.monotonic,
        telemetry: Telemetry = SILENCE,
    ) -> None:
        if not rpcs:
            raise ValueError("at least one endpoint is needed")
        self._rpcs = tuple(rpcs)
        self._bench = bench
        self._clock = clock
        self._telemetry = telemetry
        self._benched = [float("-inf")] * len(rpcs)  # until when
        self._lock = threading.Lock()

    def request(self, method: str, params: Sequence[object]) -> object:
        """Return the first answer. Raises as the port says; RpcError where no endpoint answers."""
        failures: list[DipmpError] = []
        for index in self._order():
            try:
                answer = self._rpcs[index].request(method, params)
            except Reverted:
                self._set(index, float("-inf"))
                raise
            except (Upstream, Malformed) as failure:
                self._set(index, self._clock() + self._bench)
                failures.append(failure)
                self._telemetry.tell(_event(failure), endpoint=str(self._rpcs[index]))
            else:
                self._set(index, float("-inf"))
                return answer
        raise _combined(failures)

    def _order(self) -> list[int]:
        now = self._clock()
        with self._lock:
            return sorted(range(len(self._rpcs)), key=lambda index: self._benched[index] > now)

    def _set(self, index: int, until: float) -> None:
        with self._lock:
            self._benched[index] = until


def _event(failure: DipmpError) -> Event:
    return Event.RPC_EXCLUDED if isinstance(failure, WrongChain) else Event.RPC_FAILED


def _combined(failures: Sequence[DipmpError]) -> DipmpError:
    if len(failures) == 1:
        return failures[0]
    last = next((failure for failure in reversed(failures) if isinstance(failure, RpcError)), None)
    message = "none of the endpoints could answer: " + "; ".join(map(str, failures))
    hint = next((failure.hint for failure in failures if failure.hint), "")
    return RpcError(message, code=last.code if last else None, data=last.data if last else "", hint=hint)
