"""Results of checks, and checks that end in an error."""

from collections.abc import Iterator

import pytest

from dipmp_cli.commands.doctor.check_result import CheckResult, Verdict, attempt, fail, ok, warn
from dipmp_lib.errors import DipmpError, InvalidInput, RpcError


def test_verdicts() -> None:
    assert ok("a", "well") == CheckResult("a", Verdict.OK, "well", "")
    assert (warn("a", "b", "c").verdict, fail("a", "b", "c").verdict) == ("warn", "fail")


@pytest.mark.parametrize(
    ("error", "step"),
    [
        (InvalidInput("broken", hint="its own step"), "its own step"),
        (InvalidInput("broken"), "the usual step"),
        (RpcError("broken"), "the usual step"),
    ],
)
def test_an_error_is_a_failed_check_behind_what_was_found(error: DipmpError, step: str) -> None:
    def check() -> Iterator[CheckResult]:
        yield ok("first", "well")
        raise error

    assert list(attempt("the check", "the usual step", check)) == [
        ok("first", "well"),
        fail("the check", "broken", step),
    ]


def test_a_bug_is_no_failed_check() -> None:
    def check() -> Iterator[CheckResult]:
        raise AssertionError("a bug")
        yield

    with pytest.raises(AssertionError, match="a bug"):
        list(attempt("the check", "step", check))
