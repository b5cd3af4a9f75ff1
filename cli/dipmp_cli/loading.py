"""Loading many modules at once."""

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collector_off(package: str) -> Iterator[None]:
    """Load a package for the first time without looking for garbage, of which modules make none, nor ever among them.

    web3 has over 800 modules; looking through them again and again takes a quarter of a whole publish.
    """
    if package in sys.modules:
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
