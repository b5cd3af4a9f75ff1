"""Blobs and the way from one to the next older one."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dipmp_lib.errors import MalformedLog
from dipmp_lib.log.blob import HEADER, MAX_PAYLOAD, Blob, next_nonce, parse_blob
from tests.support.files.logs import ProjectLog, registry_log


@given(st.binary(max_size=100))
def test_total(raw: bytes) -> None:
    with suppress(MalformedLog):
        assert parse_blob(raw).raw == raw


def test_the_longest_payload() -> None:
    assert len(parse_blob(bytes(HEADER + MAX_PAYLOAD)).payload) == MAX_PAYLOAD
    with pytest.raises(MalformedLog, match="24577"):
        parse_blob(bytes(HEADER + MAX_PAYLOAD + 1))


def test_a_claim_lies_in_two_logs() -> None:
    claim = ProjectLog("foo", rprev=41).blobs[0]
    assert next_nonce(claim, registry_log=True) == 41
    assert next_nonce(claim, registry_log=False) == 0


def test_walking_a_registry_log() -> None:
    assert [next_nonce(blob, registry_log=True) for blob in registry_log(["a", "b", "c"])] == [0, 1, 2]


def test_a_registry_log_entry_without_rprev() -> None:
    with pytest.raises(MalformedLog, match="rprev"):
        next_nonce(Blob(0x81, 0, bytes(20), 0, bytes(5)), registry_log=True)


def test_weights_count_payloads_and_entries() -> None:
    assert Blob(1, 0, bytes(20), 0, bytes(1000)).weight - Blob(1, 0, bytes(20), 0, b"").weight == 1000
    assert sum(blob.weight for blob in registry_log(["a", "b", "c"])) > 3 * 100


@given(
    st.builds(
        Blob,
        st.integers(0, 255),
        st.integers(0, 2**48 - 1),
        st.binary(min_size=20, max_size=20),
        st.integers(0, 2**40 - 1),
        st.binary(max_size=60),
    )
)
def test_blobs_round_trip(blob: Blob) -> None:
    assert parse_blob(blob.raw) == blob
