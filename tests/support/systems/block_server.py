"""The embedded block store as a server with a few files in it, and plain HTTP to ask it."""

import http.client
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

from dipmp_lib.devnet.ipfs.blocks import BlockStore
from dipmp_lib.devnet.ipfs.server import BlockServer, serve_blocks
from dipmp_lib.ipfs.pinning import pinner_from_uri
from tests.support.files.content import pattern, sample
from tests.support.waiting import HANGS

FILE = sample(pattern(2 * 2**20 + 100).read())
SMALL = sample(b"hello world")
EMPTY = sample(b"")


@dataclass(frozen=True, slots=True)
class Got:
    """An answer; names of headers are in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes


@contextmanager
def block_server() -> Iterator[BlockServer]:
    """Serve a store with FILE, SMALL and EMPTY."""
    with serve_blocks(BlockStore()) as running:
        pinner = pinner_from_uri(f"kubo:{running.rpc_url}")
        for file in (FILE, SMALL, EMPTY):
            pinner.pin(file.root, file.car, file.car_size)
        yield running


def ask(server: BlockServer, method: str, target: str, body: bytes = b"", **headers: str) -> Got:
    """Send one request on a connection of its own; `_` in names of headers stands for `-`."""
    host = urlsplit(server.gateway_url).netloc
    connection = http.client.HTTPConnection(host, timeout=HANGS)
    try:
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, target, body or None, names)
        answer = connection.getresponse()
        return Got(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
    finally:
        connection.close()


def get(server: BlockServer, target: str, **headers: str) -> Got:
    """Get a CID, with what follows it, from the gateway."""
    return ask(server, "GET", f"/ipfs/{target}", b"", **headers)
