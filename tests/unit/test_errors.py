"""The error tree: its picture is true, and every error is one sentence with its facts as attributes."""

import re

import pytest

from dipmp_lib import errors
from dipmp_lib.errors import (
    Denied,
    DipmpError,
    InvalidDistribution,
    InvalidSettings,
    MalformedPayload,
    PinnerBusy,
    Reverted,
    RpcError,
)

CLASSES = {
    name: value for name, value in vars(errors).items() if isinstance(value, type) and issubclass(value, DipmpError)
}


def drawn() -> dict[str, str]:
    """Return each class in the picture of the module's docstring, and the class above it."""
    above, found = {0: "DipmpError"}, dict[str, str]()
    for line in (errors.__doc__ or "").splitlines():
        if match := re.match(r"((?:│   |    )*)[├└]── (\w+)", line):
            level = len(match[1]) // 4 + 1
            above[level] = match[2]
            found[match[2]] = above[level - 1]
    return found


def test_the_picture_is_the_tree() -> None:
    assert drawn() == {name: kind.__bases__[0].__name__ for name, kind in CLASSES.items() if kind is not DipmpError}


@pytest.mark.parametrize("kind", CLASSES.values(), ids=CLASSES)
def test_every_error_says_what_it_is_for(kind: type[DipmpError]) -> None:
    assert kind.__doc__
    assert kind.__module__ == "dipmp_lib.errors"


def test_a_hint_is_the_next_step_or_empty() -> None:
    error = RpcError("it is down", hint="wait")
    assert (str(error), error.hint) == ("it is down", "wait")
    assert DipmpError("it is down").hint == ""


def test_several_problems_are_one_sentence() -> None:
    settings = InvalidSettings(["a is missing", "b is odd"])
    assert (str(settings), settings.problems) == ("a is missing; b is odd", ("a is missing", "b is odd"))
    files = InvalidDistribution([("a.whl", "is odd"), ("b.whl", "is empty")], hint="build again")
    assert (str(files), files.hint) == ("a.whl: is odd; b.whl: is empty", "build again")
    assert files.problems == (("a.whl", "is odd"), ("b.whl", "is empty"))


def test_facts_are_attributes() -> None:
    reverted = Reverted("no", code=3, data="0xab")
    assert (reverted.code, reverted.data, RpcError("down").code, RpcError("down").data) == (3, "0xab", None, "")
    assert (PinnerBusy("busy", retry_after=7).retry_after, PinnerBusy("busy").retry_after) == (7, None)
    denied = Denied("no", rule="/x/*", policy_url="https://example.org/")
    assert (denied.rule, denied.policy_url) == ("/x/*", "https://example.org/")
    assert (MalformedPayload("x", code="bad").code, MalformedPayload("x").code) == ("bad", "malformed-payload")
