"""Results of checks."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from dipmp_lib.errors import DipmpError, RpcError


class Verdict(StrEnum):
    """Verdict of a check; a publish may work after WARN, and will not after FAIL."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class CheckResult:
    """Result of one check: its name, verdict, explanation, and the next step unless all is well."""

    check: str
    verdict: Verdict
    text: str
    step: str = ""


def ok(check: str, text: str) -> CheckResult:
    """Return a result without problems."""
    return CheckResult(check, Verdict.OK, text)


def warn(check: str, text: str, step: str) -> CheckResult:
    """Return the result for a publish that may work."""
    return CheckResult(check, Verdict.WARN, text, step)


def fail(check: str, text: str, step: str) -> CheckResult:
    """Return the result for a publish that will not work."""
    return CheckResult(check, Verdict.FAIL, text, step)


def attempt(check: str, step: str, results: Callable[[], Iterator[CheckResult]]) -> Iterator[CheckResult]:
    """Yield the results of a check; an error in it becomes a FAIL with the error's own hint, or else `step`."""
    try:
        yield from results()
    except DipmpError as error:
        otherwise = "" if isinstance(error, RpcError) else error.hint
        yield fail(check, str(error), otherwise or step)
