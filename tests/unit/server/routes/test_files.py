"""File routes: redirects to gateways, and METADATA from memory, the store or gateways, always verified."""

import hashlib
import json
from dataclasses import replace

import pytest
from starlette.types import ASGIApp

from dipmp_lib.errors import GatewayError, Upstream
from dipmp_lib.log.limits import MAX_METADATA
from dipmp_lib.model.pages import Status
from dipmp_lib.registry.objects import ObjectHeaders
from dipmp_lib.server.routes.files import Metadata
from tests.support.fakes.registry import (
    REGISTRY,
    FakeGateways,
    FakeRegistry,
    metadata_of,
)
from tests.support.programs.asgi import request
from tests.support.systems.small_index import DEMO, FILE, JSON, PAGE, SDIST, WHEEL

BODY = b"Metadata-Version: 2.1\n"


DIGEST = hashlib.sha256(BODY).digest()


KEY = f"metadata/{DIGEST.hex()}"


class Objects:
    def __init__(self, **objects: bytes) -> None:
        self.objects = objects
        self.asked: list[str] = []
        self.down = False

    def get(self, key: str, max_bytes: int) -> bytes | None:
        self.asked.append(key)
        assert max_bytes == MAX_METADATA
        if self.down:
            raise Upstream("the store is down")
        return self.objects.get(key)

    def has(self, key: str) -> bool:
        return key in self.objects

    def put(self, key: str, body: bytes, headers: ObjectHeaders) -> None:
        raise AssertionError("reading writes nothing")


def test_the_store_spares_the_gateways_and_memory_the_store() -> None:
    objects, gateways = Objects(**{KEY: BODY}), FakeGateways()
    metadata = Metadata(gateways, objects)
    assert metadata.peek(DIGEST) is None
    assert metadata.get(DIGEST) == metadata.get(DIGEST) == metadata.peek(DIGEST) == BODY
    assert objects.asked == [KEY]
    assert gateways.fetched == 0


@pytest.mark.parametrize("stored", [None, b"other bytes", b""])
def test_the_gateways_have_what_the_store_has_not(stored: bytes | None) -> None:
    objects = Objects(**({} if stored is None else {KEY: stored}))
    assert Metadata(FakeGateways("x", BODY), objects).get(DIGEST) == BODY


def test_a_store_that_is_down_is_passed_over() -> None:
    objects = Objects(**{KEY: BODY})
    objects.down = True
    assert Metadata(FakeGateways("x", BODY), objects).get(DIGEST) == BODY


def test_nobody_has_it() -> None:
    for objects in (None, Objects()):
        with pytest.raises(GatewayError):
            Metadata(FakeGateways(), objects).get(DIGEST)


def test_no_gateway_is_needed_for_what_is_stored() -> None:
    assert Metadata(FakeGateways(), Objects(**{KEY: BODY})).get(DIGEST) == BODY


def test_a_file_leads_to_a_gateway(app: ASGIApp) -> None:
    answer = request(app, FILE)
    assert answer.status == 302
    assert answer.headers["location"].startswith("https://gateway.example/ipfs/bafkrei")
    assert answer.headers["cache-control"] == "public, max-age=0, s-maxage=30"
    assert (
        request(app, f"/files/{REGISTRY}/demo-pkg/{SDIST.filename}")
        .headers["location"]
        .startswith("https://gateway.example/ipfs/bafybei")
    )


def test_metadata(app: ASGIApp, gateways: FakeGateways) -> None:
    answer = request(app, f"{FILE}.metadata")
    assert (answer.status, answer.body) == (200, metadata_of(WHEEL.filename))
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert "content-encoding" not in request(app, f"{FILE}.metadata", {"accept-encoding": "gzip"}).headers
    again = request(app, f"{FILE}.metadata", {"if-none-match": answer.headers["etag"]})
    assert (again.status, again.headers["content-type"]) == (304, answer.headers["content-type"])
    assert gateways.fetched == 1


@pytest.mark.parametrize(
    "name", ["demo_pkg-9.9.tar.gz", "demo_pkg-1.0.tar.gz.metadata", "x.metadata", ".metadata", "..", "<b>"]
)
def test_an_unlisted_file_is_not_found(app: ASGIApp, name: str) -> None:
    answer = request(app, f"/files/{REGISTRY}/demo-pkg/{name}")
    assert answer.status == 404
    assert json.loads(answer.body)["code"] == "file-not-listed"


def test_quarantine_holds_back_files(app: ASGIApp, registry: FakeRegistry) -> None:
    registry.put(replace(DEMO, status=Status.QUARANTINED))
    assert json.loads(request(app, PAGE, JSON).body)["files"] == []
    assert request(app, FILE).status == request(app, f"{FILE}.metadata").status == 404
