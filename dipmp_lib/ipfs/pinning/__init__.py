"""Where bytes are kept: services that take a file's DAG as a CAR and promise to hold it.

A pinner's "done" is believed only where it names exactly the root that was computed here; whether the bytes can be
had is another question, which gateways answer.
"""

from .credentials import Credentials
from .filebase import FilebasePinner
from .kubo import KuboPinner
from .pinata import LegacyPinataPinner, PinataPinner
from .port import Archive, Pinner, RetryingPinner
from .service_api import PsaPinner
from .uri import pinner_from_uri, variable_of

__all__ = [
    "Archive",
    "Credentials",
    "FilebasePinner",
    "KuboPinner",
    "LegacyPinataPinner",
    "PinataPinner",
    "Pinner",
    "PsaPinner",
    "RetryingPinner",
    "pinner_from_uri",
    "variable_of",
]
