"""Scores of gateways, and the availability of content: what is observed counts for a while."""

import hashlib

from dipmp_lib.ipfs.cid import raw_cid
from dipmp_lib.ipfs.gateways.health import (
    ABSENT_SECONDS,
    DISTRUST_SECONDS,
    PRESENT_SECONDS,
    VERIFIED_SECONDS,
    WINDOW_SECONDS,
    AttemptOutcome,
    Availability,
    ContentSighting,
    GatewayHealth,
)
from tests.support.fakes.clock import Clock

CID, OTHER = raw_cid(hashlib.sha256(b"a").digest()), raw_cid(hashlib.sha256(b"b").digest())


def test_scores_are_those_of_helia() -> None:
    known = GatewayHealth(Clock())
    assert known.score("g") == 1
    for outcome in [AttemptOutcome.SUCCESS] * 3 + [
        AttemptOutcome.ERROR,
        AttemptOutcome.ABSENT,
    ]:
        known.begin("g").ended(outcome)
    late, lost, _open = known.begin("g"), known.begin("g"), known.begin("g")
    late.late()
    lost.lost()
    lost.ended(AttemptOutcome.SUCCESS)
    assert known.score("g") == 3 / (6 + 3 * 1)
    late.ended(AttemptOutcome.SUCCESS)
    assert known.score("g") == 4 / (6 + 3 * 1)
    assert known.order(["g", "h"]) == ["h", "g"]


def test_attempts_count_for_a_while() -> None:
    clock = Clock()
    health = GatewayHealth(clock)
    health.begin("g").ended(AttemptOutcome.ERROR)
    assert health.score("g") == 0
    clock.now += WINDOW_SECONDS
    assert health.score("g") == 1


def test_many_attempts_are_remembered_in_a_bounded_number() -> None:
    health = GatewayHealth(Clock())
    health.begin("g").ended(AttemptOutcome.ERROR)
    for _ in range(64):
        health.begin("g").ended(AttemptOutcome.SUCCESS)
    assert health.score("g") == 1


def test_an_error_counts_although_the_attempt_was_lost() -> None:
    health = GatewayHealth(Clock())
    attempt = health.begin("g")
    attempt.lost()
    assert health.score("g") == 0
    attempt.ended(AttemptOutcome.ABSENT)
    assert health.score("g") == 1
    attempt.ended(AttemptOutcome.ERROR)
    assert attempt.outcome is AttemptOutcome.ERROR


def test_an_outcome_is_not_overwritten_by_lateness() -> None:
    attempt = GatewayHealth(Clock()).begin("g")
    attempt.ended(AttemptOutcome.SUCCESS)
    attempt.late()
    assert attempt.outcome is AttemptOutcome.SUCCESS


def test_wrong_bytes_are_held_against_a_gateway_and_end_its_proof() -> None:
    clock = Clock()
    health = GatewayHealth(clock)
    health.record_verified("g")
    assert (health.is_verified("g"), health.is_distrusted("g")) == (True, False)
    health.record_wrong_bytes("g")
    assert (health.is_verified("g"), health.is_distrusted("g")) == (False, True)
    health.begin("h").ended(AttemptOutcome.ERROR)
    assert health.order(["g", "h"]) == ["h", "g"]
    clock.now += DISTRUST_SECONDS
    assert not health.is_distrusted("g")


def test_a_proof_ages() -> None:
    clock = Clock()
    health = GatewayHealth(clock)
    health.record_verified("g")
    clock.now += VERIFIED_SECONDS - 1
    assert health.is_verified("g")
    clock.now += 1
    assert not health.is_verified("g")


def test_availability_is_known_for_a_while_by_gateway_and_content() -> None:
    clock = Clock()
    known = Availability(clock)
    known.record_present("g", CID)
    assert known.is_present("g", CID)
    assert not known.is_present("h", CID)
    assert not known.is_present("g", OTHER)
    clock.now += PRESENT_SECONDS
    assert not known.is_present("g", CID)


def test_absence_overrides_presence_and_is_known_for_a_moment() -> None:
    clock = Clock()
    known = Availability(clock)
    known.record_present("g", CID)
    known.record_absent("g", CID)
    assert (known.is_present("g", CID), known.is_absent("g", CID)) == (False, True)
    clock.now += ABSENT_SECONDS
    assert not known.is_absent("g", CID)


def test_the_last_lookup_has_its_time() -> None:
    known = Availability(Clock(), now=lambda: 1_800_000_000.0)
    assert known.last_lookup(CID) is None
    known.record_lookup(CID, available=True)
    known.record_lookup(CID, available=False)
    assert known.last_lookup(CID) == ContentSighting(1_800_000_000.0, available=False)
