"""Ports that the routes stand on, and the record that holds them."""

from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import Protocol

from ..ipfs.cid import Cid
from ..ipfs.gateways import ContentSighting
from ..model.names import RegistryAddress
from ..model.pages import File
from ..registry import CachedRegistry
from ..registry.objects import ObjectStore
from .large_pages import LargePages
from .metrics import EventCounts, JsonLines
from .policy import Policy


class Gateways(Protocol):
    """Port to gateways: URLs of files on them, and verified blocks."""

    def peek(self, cid: Cid, filename: str) -> str | None:
        """Return what `pick` would if that is known without a request, else None."""
        ...

    def pick(self, cid: Cid, filename: str, size: int, *, resumed: bool = False) -> str:
        """Return the URL of the file, of `size` bytes, on a gateway that has it. Raises GatewayError.

        `resumed` means that a client has a part of it already, so that another gateway may be the better one.
        """
        ...

    def block(self, cid: Cid, max_bytes: int) -> bytes:
        """Return the block, checked against its CID. Raises GatewayError."""
        ...


class Files(Protocol):
    """Port to the bytes of files, verified."""

    def read(self, file: File, start: int, stop: int) -> Generator[bytes]:
        """Yield pieces of the file from byte `start` up to, excluding, `stop`. Raises GatewayError.

        Who does not read to the end closes the generator.
        """
        ...


LastSeen = Callable[[Cid], ContentSighting | None]


def never_seen(_: Cid) -> None:
    """Return None: no file was ever looked for."""


@dataclass(frozen=True, slots=True)
class Site:
    """Facts about the server that the pages for people show.

    `host_url` is its URL from outside, "" if unknown, and `chain_id` the id of its default chain, None if unknown.
    """

    host_url: str = ""
    chain_id: int | None = None
    pinned: tuple[RegistryAddress, ...] = ()


@dataclass(frozen=True, slots=True)
class Services:
    """The ports that a server stands on.

    `others` reads the registries that are not pinned, so that a flood of them pushes nothing of the pinned ones out of
    memory; None where `registry` reads all. `policy` decides what of the registries is served. `files` is None where
    clients are redirected to gateways. `objects` is None without a bucket, `large` where no large page is stored.
    `counts` are the events of the last minutes. `lines` takes a record of each request, None where the program that
    serves logs requests itself. `last_seen` tells, without a request, when a file was last looked for.
    """

    registry: CachedRegistry
    gateways: Gateways
    others: CachedRegistry | None = None
    policy: Policy = field(default_factory=Policy)
    objects: ObjectStore | None = None
    large: LargePages | None = None
    files: Files | None = None
    counts: EventCounts = field(default_factory=EventCounts)
    lines: JsonLines | None = None
    last_seen: LastSeen = never_seen
    site: Site = field(default_factory=Site)
