"""AWS Lambda entry points: one composition root and one handler a file.

Objects that are made while a function loads live as long as its process. So the garbage collector, which would take a
twelfth of a cold start, is off meanwhile, and never examines them afterwards.
"""

import gc
from typing import TypeVar

Handler = TypeVar("Handler")

gc.disable()


def loaded(handler: Handler) -> Handler:
    """Return the handler, after turning the collector on again for objects that requests make."""
    gc.freeze()
    gc.enable()
    return handler
