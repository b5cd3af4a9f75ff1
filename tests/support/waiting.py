"""Waits for conditions that other threads or processes bring about."""

import time
from collections.abc import Callable

HANGS = 120.0
"""Seconds after which a wait counts as hung, however busy the machine is. Nothing is measured by it."""


def wait_until(condition: Callable[[], object]) -> None:
    """Return once the condition holds; fail after HANGS seconds."""
    ends = time.monotonic() + HANGS
    while not condition():
        assert time.monotonic() < ends, "it never came"
        time.sleep(0.005)
