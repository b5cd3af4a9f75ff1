"""Where bytes are kept: services that take a file's DAG as a CAR and promise to hold it.

A pinner's "done" is believed only where it names exactly the root that was computed here; whether the bytes can be
had is another question, which gateways answer.
"""

from .kubo import KuboPinner
from .port import Pinner
from .uri import pinner_from_uri

__all__ = ["KuboPinner", "Pinner", "pinner_from_uri"]
