"""The block store as a server: paths and methods, connections, ports."""

import http.client
import json
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from dipmp_lib.devnet.ipfs.blocks import BlockStore
from dipmp_lib.devnet.ipfs.server import BlockServer, serve_blocks
from dipmp_lib.http import Fetcher
from dipmp_lib.ipfs import unixfs
from dipmp_lib.ipfs.gateways import GatewayPool
from tests.support.files.content import sample
from tests.support.systems.block_server import FILE, SMALL, ask, block_server
from tests.support.waiting import HANGS

ABSENT = sample(b"nobody has this")
IMMUTABLE = "public, max-age=29030400, immutable"


@pytest.fixture(scope="module")
def server() -> Iterator[BlockServer]:
    with block_server() as running:
        yield running


def test_calls_come_by_post_from_programs_only(server: BlockServer) -> None:
    assert "Version" in json.loads(ask(server, "POST", "/api/v0/version").body)
    assert ask(server, "GET", "/api/v0/version").status == 405
    assert ask(server, "POST", "/api/v0/version", Origin="http://example.com").status == 403
    assert ask(server, "POST", "/api/v0/version", Host="rebound.example").status == 403
    assert ask(server, "POST", "/api/v0/repo/gc").status == 404
    assert ask(server, "POST", f"/ipfs/{SMALL.root}").status == 404
    assert ask(server, "POST", "/api/v0/pin/ls?arg=nonsense").status == 500


def test_our_own_client_finds_and_verifies_files_here(server: BlockServer) -> None:
    fetcher = Fetcher()
    gateways = GatewayPool([server.gateway_url], fetcher)
    assert gateways.pick(FILE.root, "x.whl", len(FILE.data)) == f"{server.gateway_url}/ipfs/{FILE.root}?filename=x.whl"
    assert b"".join(unixfs.read(FILE.root, gateways.block)) == FILE.data
    fetcher.close()


def test_one_connection_serves_many_requests(server: BlockServer) -> None:
    connection = http.client.HTTPConnection(urlsplit(server.gateway_url).netloc, timeout=HANGS)
    for target in (FILE.root, f"{FILE.root}?format=car", ABSENT.root, SMALL.root):
        connection.request("GET", f"/ipfs/{target}")
        connection.getresponse().read()
    sock = connection.sock
    connection.request("HEAD", f"/ipfs/{SMALL.root}")
    assert connection.getresponse().status == 200
    assert connection.sock is sock
    connection.close()


def test_closing_does_not_wait_for_idle_connections() -> None:
    server = serve_blocks(BlockStore())
    connection = http.client.HTTPConnection(urlsplit(server.gateway_url).netloc, timeout=HANGS)
    connection.request("GET", "/ipfs/x")
    connection.getresponse().read()
    server.close()
    server.close()
    with pytest.raises(OSError, match=r"refused|reset|closed|aborted"):
        http.client.HTTPConnection(urlsplit(server.gateway_url).netloc, timeout=HANGS).request("GET", "/")
    connection.close()


def test_the_port_can_be_chosen_and_a_taken_one_is_an_error(server: BlockServer) -> None:
    port = urlsplit(server.gateway_url).port
    assert port is not None
    with pytest.raises(OSError, match="in use"):
        serve_blocks(BlockStore(), port=port)
