"""The cache of bytes: bounded, made once, and never a failure in it."""

import gzip
import threading

import pytest

from dipmp_lib.errors import GatewayError
from dipmp_lib.server.byte_cache import ByteCache, compress
from tests.support.waiting import HANGS


def test_a_value_is_made_once() -> None:
    cache: ByteCache[str] = ByteCache(10)
    made: list[str] = []

    def make() -> bytes:
        made.append("made")
        return b"value"

    assert cache.get("key") is None
    assert [cache.get_or_make("key", make) for _ in range(3)] == [b"value"] * 3
    assert cache.get("key") == b"value"
    assert made == ["made"]


def test_what_has_no_room_is_made_again_and_pushes_nothing_out() -> None:
    cache: ByteCache[str] = ByteCache(10)
    cache.get_or_make("small", lambda: b"12345")
    assert cache.get_or_make("large", lambda: bytes(11)) == bytes(11)
    assert (cache.get("large"), cache.get("small")) == (None, b"12345")
    cache.get_or_make("other", lambda: b"123456")
    assert cache.get("small") is None


def test_a_failure_is_raised_and_not_cached() -> None:
    cache: ByteCache[str] = ByteCache(10)

    def fail() -> bytes:
        raise GatewayError("down")

    for _ in range(2):
        with pytest.raises(GatewayError, match="down"):
            cache.get_or_make("key", fail)
    assert cache.get_or_make("key", lambda: b"up") == b"up"


def test_threads_that_want_the_same_get_what_one_of_them_makes() -> None:
    cache: ByteCache[str] = ByteCache(10)
    begin, results, made = threading.Barrier(8), list[bytes](), list[str]()

    def make() -> bytes:
        made.append("made")
        return b"value"

    def want() -> None:
        begin.wait(HANGS)
        results.append(cache.get_or_make("key", make))

    threads = [threading.Thread(target=want) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [b"value"] * 8
    assert made == ["made"]


def test_compressed_bytes_do_not_depend_on_the_time_of_day() -> None:
    assert gzip.decompress(compress(b"page")) == b"page"
    assert compress(b"page")[4:8] == bytes(4)  # MTIME, RFC 1952


def test_what_was_used_longest_ago_goes_first() -> None:
    cache: ByteCache[str] = ByteCache(10)
    for key in "ab":
        cache.get_or_make(key, lambda: bytes(5))
    cache.get("a")
    cache.get_or_make("c", lambda: bytes(5))
    assert [cache.get(key) is not None for key in "abc"] == [True, False, True]
