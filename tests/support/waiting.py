"""Waits for what another thread or process does."""

import time
from collections.abc import Callable

HANGS = 120.0
"""Seconds after which what has not happened never will, however busy the machine is. Nothing is measured by it."""


def wait_until(condition: Callable[[], object]) -> None:
    """Return when the condition holds; fail when it hangs."""
    ends = time.monotonic() + HANGS
    while not condition():
        assert time.monotonic() < ends, "it never came"
        time.sleep(0.005)
