"""How a check says what is wrong, or that the index does not have what it looks at."""

from collections.abc import Iterable

import pytest

_SHOWN = 10


def need(condition: bool, reason: str) -> None:
    """Skip the running check unless the condition holds."""
    if not condition:
        pytest.skip(reason)


def none(problems: Iterable[str]) -> None:
    """Fail with the problems, if there are any."""
    found = list(problems)
    more = f"\n… and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    assert not found, "\n".join(found[:_SHOWN]) + more
