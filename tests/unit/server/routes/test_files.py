"""METADATA: from memory, then from the store, then from gateways, and never other bytes than its hash names."""

import hashlib

import pytest

from dipmp_lib.errors import GatewayError, Upstream
from dipmp_lib.log.limits import MAX_METADATA
from dipmp_lib.registry.objects import ObjectHeaders
from dipmp_lib.server.routes.files import Metadata
from tests.support.fakes.registry import FakeGateways

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
