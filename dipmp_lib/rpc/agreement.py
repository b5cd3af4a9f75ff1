"""What several endpoints say alike: k of n, for what no single one is believed about."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from ..errors import Malformed, Upstream
from ..telemetry import SILENCE, Event, Telemetry
from .port import Rpc

T = TypeVar("T")


def agree(
    endpoints: Sequence[Rpc], ask: Callable[[Rpc], T], what: str, *, witnesses: int, telemetry: Telemetry = SILENCE
) -> T:
    """Ask endpoints in turn until so many of them gave the same answer, and return it.

    Endpoints that cannot be asked do not count. Raises Upstream where two answers differ, which is also told, and
    where there are too few; `what` completes "endpoints disagree on …".
    """
    answers: list[T] = []
    for endpoint in endpoints:
        try:
            answers.append(ask(endpoint))
        except (Upstream, Malformed):
            continue
        if answers[-1] != answers[0]:
            telemetry.tell(Event.RPC_DISAGREEMENT, endpoint=str(endpoint))
            raise Upstream(f"endpoints disagree on {what}")
        if len(answers) == witnesses:
            return answers[0]
    raise Upstream(f"too few endpoints could be asked for {what}")
