"""AWS Lambda entry points: one composition root and one handler per file.

What is made while a function loads lives as long as its process, so the garbage collector stays off meanwhile, which
would take a twelfth of a cold start, and never looks at it afterwards.
"""

import gc
from typing import TypeVar

Handler = TypeVar("Handler")

gc.disable()


def loaded(handler: Handler) -> Handler:
    """Return the handler, with the collector on again for what requests make."""
    gc.freeze()
    gc.enable()
    return handler
