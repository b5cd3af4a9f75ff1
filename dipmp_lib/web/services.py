"""What the routes need from the rest of the library."""

from dataclasses import dataclass, field
from typing import Protocol

from ..cache import CachedRegistry
from ..cid import Cid
from ..objects import ObjectStore
from .telemetry import JsonLines, Tally


class Gateways(Protocol):
    """Where the bytes of files are."""

    def pick(self, cid: Cid, filename: str) -> str:
        """Return the URL of the file on a gateway that has it. Raises GatewayError."""
        ...

    def block(self, cid: Cid, max_bytes: int) -> bytes:
        """Return the block, checked against its CID. Raises GatewayError."""
        ...


@dataclass(frozen=True, slots=True)
class Services:
    """The ports that a server stands on.

    `objects` is None where nothing outlives the process. `tally` is what happened lately; `lines` takes a record of
    each request, None where the program that serves logs requests itself.
    """

    registry: CachedRegistry
    gateways: Gateways
    objects: ObjectStore | None = None
    tally: Tally = field(default_factory=Tally)
    lines: JsonLines | None = None
