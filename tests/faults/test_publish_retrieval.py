"""Proof of retrieval that fails: blocks that are missing or late, and gateways that lie."""

import pytest

from dipmp_lib.errors import GatewayError
from dipmp_lib.publish.retrieval import SAMPLES, ProofOptions
from dipmp_lib.transactions.journal import MemoryPinNotes
from tests.support.fakes.proving import LARGE, METADATA, SMALL_FILE, run
from tests.support.fakes.uploads import FakeGateway, blocks_of


def test_P8_pinned_but_not_retrievable_ends_at_the_deadline() -> None:
    gateways = [FakeGateway("one"), FakeGateway("two")]
    with pytest.raises(GatewayError) as caught:
        run([SMALL_FILE], *gateways, proof=ProofOptions(seconds=60))
    text = str(caught.value)
    assert text.startswith("small.whl was pinned, but cannot be fetched back, so nothing was written on chain")
    assert str(SMALL_FILE.root) in text
    assert "one answered 504" in text
    assert "two answered 504" in text
    assert "run it again later" in caught.value.hint


def test_P8_one_missing_leaf_is_enough() -> None:
    blocks = blocks_of(LARGE)
    del blocks[LARGE.dag.profile.leaf_cid(LARGE.dag.leaf_digest(20))]
    with pytest.raises(GatewayError, match=r"large\.whl was pinned, but cannot be fetched back"):
        run([LARGE], FakeGateway("g", blocks))


def test_P8_a_pin_that_is_found_late_is_waited_for_with_backoff() -> None:
    _, clock = run([METADATA], FakeGateway("g", blocks_of(METADATA), failures=6))
    assert clock.slept == [1, 2, 4, 8, 16, 16]


def test_P8_another_gateway_is_asked_first_and_noted() -> None:
    blocks, notes = blocks_of(LARGE), MemoryPinNotes()
    bad, good = FakeGateway("bad"), FakeGateway("good", blocks)
    _, clock = run([LARGE], bad, good, notes=notes)
    assert clock.slept == []
    assert len(bad.asked) == 1  # the one that had a block comes first from then on
    [facts] = notes.facts.values()
    assert facts["gateways"] == f"good ({3 + SAMPLES})"
    assert (facts["what"], facts["blocks"]) == ("large.whl", 3 + SAMPLES)


def test_P8_a_gateway_that_lies_is_asked_no_more() -> None:
    liar, good = FakeGateway("liar", lies=True), FakeGateway("good", blocks_of(LARGE), failures=1)
    run([LARGE], liar, good)
    assert len(liar.asked) == 1
    with pytest.raises(GatewayError, match="liar sent other bytes"):
        run([LARGE], FakeGateway("liar", lies=True))


def test_P8_a_file_that_was_half_proven_is_not_noted() -> None:
    notes, blocks = MemoryPinNotes(), blocks_of(METADATA)
    with pytest.raises(GatewayError):
        run([METADATA, SMALL_FILE], FakeGateway("g", blocks), notes=notes)
    assert [facts["what"] for facts in notes.facts.values()] == ["small.whl.metadata"]
