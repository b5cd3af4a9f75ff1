"""Loading many modules at once."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collector_off() -> Iterator[None]:
    """Load what the block imports without looking for garbage, of which modules make none.

    web3 has over 800 of them; looking through them again and again would take an eighth of a whole publish.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
