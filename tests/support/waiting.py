"""Waits for conditions that other threads or processes bring about."""

import time
from collections.abc import Callable

import anyio

HANGS = 120.0
"""Seconds after which a wait counts as hung, however busy the machine is. Nothing is measured by it."""


def wait_until(condition: Callable[[], object]) -> None:
    """Return once the condition holds; fail after HANGS seconds."""
    ends = time.monotonic() + HANGS
    while not condition():
        assert time.monotonic() < ends, "it never came"
        time.sleep(0.005)


async def until(condition: Callable[[], object]) -> None:
    """Do the same in an event loop."""
    with anyio.fail_after(HANGS):
        while not condition():  # noqa: ASYNC110 - threads set no event of this loop
            await anyio.sleep(0.005)
