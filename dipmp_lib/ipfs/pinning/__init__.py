"""Pinning services, which take a file's DAG as a CAR, or fetch it, and keep it.

A pinner's success counts only where it names exactly the root that was computed here. Proof that the content can be
retrieved comes from gateways.
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
