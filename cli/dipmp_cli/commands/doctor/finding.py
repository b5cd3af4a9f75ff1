"""What one check found."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from dipmp_lib.errors import DipmpError, RpcError


class Verdict(StrEnum):
    """How it is."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One line: what was checked, how it is, in words, and the next step where there is one."""

    check: str
    verdict: Verdict
    text: str
    step: str = ""


def ok(check: str, text: str) -> CheckResult:
    """Return that all is well."""
    return CheckResult(check, Verdict.OK, text)


def warn(check: str, text: str, step: str) -> CheckResult:
    """Return that a publish may work, and what to look at."""
    return CheckResult(check, Verdict.WARN, text, step)


def fail(check: str, text: str, step: str) -> CheckResult:
    """Return that a publish will not work, and what to do."""
    return CheckResult(check, Verdict.FAIL, text, step)


def attempt(check: str, step: str, findings: Callable[[], Iterator[CheckResult]]) -> Iterator[CheckResult]:
    """Yield what a check finds; where it cannot be made, that it fails, with the error's own next step or `step`."""
    try:
        yield from findings()
    except DipmpError as error:
        otherwise = "" if isinstance(error, RpcError) else error.hint
        yield fail(check, str(error), otherwise or step)
