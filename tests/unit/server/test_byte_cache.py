"""A cache of bytes: bounded by their size, and each value made once."""

import gzip
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dipmp_lib.server.byte_cache import ByteCache, compress


def test_a_value_is_made_once_and_found_again() -> None:
    cache: ByteCache[str] = ByteCache(100)
    assert cache.get("a") is None
    assert cache.get_or_make("a", lambda: b"value") == b"value"
    assert cache.get_or_make("a", lambda: b"other") == cache.get("a") == b"value"


def test_what_was_used_longest_ago_goes_first() -> None:
    cache: ByteCache[str] = ByteCache(10)
    for key in "ab":
        cache.get_or_make(key, lambda: bytes(5))
    cache.get("a")
    cache.get_or_make("c", lambda: bytes(5))
    assert [cache.get(key) is not None for key in "abc"] == [True, False, True]


def test_a_value_beyond_the_bound_is_returned_and_not_kept() -> None:
    cache: ByteCache[str] = ByteCache(10)
    assert cache.get_or_make("a", lambda: bytes(11)) == bytes(11)
    assert cache.get("a") is None


def test_what_fails_is_raised_and_made_again() -> None:
    cache: ByteCache[str] = ByteCache(10)

    def broken() -> bytes:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        cache.get_or_make("a", broken)
    assert cache.get_or_make("a", lambda: b"x") == b"x"


def test_of_several_threads_one_makes_the_value() -> None:
    cache: ByteCache[str] = ByteCache(100)
    begun, release, made = threading.Event(), threading.Event(), []

    def make() -> bytes:
        begun.set()
        release.wait(30)
        made.append(1)
        return b"value"

    with ThreadPoolExecutor(8) as threads:
        waiting = [threads.submit(cache.get_or_make, "a", make) for _ in range(8)]
        assert begun.wait(30)
        assert cache.get_or_make("b", lambda: b"other") == b"other"  # no other key waits for it
        release.set()
        assert {each.result(30) for each in waiting} == {b"value"}
    assert len(made) == 1


@given(st.binary())
def test_compressed_bytes_are_the_same_and_always_equal(data: bytes) -> None:
    packed = compress(data)
    assert gzip.decompress(packed) == data
    assert packed == compress(data)
    assert packed[4:8] == bytes(4)  # no time
