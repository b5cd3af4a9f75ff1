"""Proof of retrieval: what is fetched back, through whom, and how it fails."""

import pytest
from Crypto.Cipher import ChaCha20
from hypothesis import given
from hypothesis import strategies as st

from dipmp_lib.errors import GatewayError, PublishError
from dipmp_lib.publish.retrieval import SAMPLES, SMALL, ProofOptions, blocks_to_prove, independent, prove
from dipmp_lib.publish.uploads import MemoryPinNotes, Upload
from tests.support.fakes.clock import Clock
from tests.support.fakes.publishing import FakePinner
from tests.support.fakes.uploads import FakeGateway, Recorder, blocks_of, upload
from tests.support.files.content import MIB


def distinct(size: int) -> bytes:
    """Return bytes of which no block is like another."""
    return ChaCha20.new(key=bytes(32), nonce=bytes(12)).encrypt(bytes(size))


SMALL_FILE = upload(distinct(300_000), "small.whl")
METADATA = upload(b"Metadata-Version: 2.4\n", "small.whl.metadata")
LARGE = upload(distinct(20 * MIB + 1), "large.whl")


def run(
    files: list[Upload], *gateways: FakeGateway, proof: ProofOptions | None = None, notes: MemoryPinNotes | None = None
) -> tuple[Recorder, Clock]:
    reporter, clock = Recorder(), Clock()
    prove(
        files,
        gateways,
        reporter,
        proof=proof or ProofOptions(),
        notes=notes or MemoryPinNotes(),
        sleep=clock.sleep,
        clock=clock,
    )
    return reporter, clock


def test_P8_all_of_small_files_and_metadata() -> None:
    gateway = FakeGateway("g", blocks_of(SMALL_FILE) | blocks_of(METADATA))
    reporter, _ = run([SMALL_FILE, METADATA], gateway)
    assert gateway.asked == [SMALL_FILE.root, METADATA.root]
    assert reporter.done == reporter.totals == {"Proving retrieval": 2}


def test_P8_root_first_last_and_random_leaves_of_a_large_file() -> None:
    seen = set()
    for _ in range(3):
        gateway = FakeGateway("g", blocks_of(LARGE))
        run([LARGE], gateway)
        leaves = {LARGE.dag.profile.leaf_cid(LARGE.dag.leaf_digest(index)): index for index in range(21)}
        indices = [leaves[cid] for cid in gateway.asked[1:]]
        assert gateway.asked[0] == LARGE.root
        assert {0, 20} <= set(indices)
        assert len(indices) == len(set(indices)) == 2 + SAMPLES
        seen.add(tuple(indices))
    assert len(seen) > 1


def test_P8_full_proof_takes_every_block() -> None:
    gateway = FakeGateway("g", blocks_of(LARGE))
    run([LARGE], gateway, proof=ProofOptions(full=True))
    assert set(gateway.asked) == set(blocks_of(LARGE))


@given(st.integers(0, 40), st.integers(1, MIB), st.booleans())
def test_P8_what_is_proven_is_always_part_of_the_file(mibs: int, rest: int, full: bool) -> None:
    file = upload(bytes(mibs * MIB + rest)) if mibs < 3 else LARGE
    cids = blocks_to_prove(file.dag, full=full, sample=lambda population, count: list(population)[:count])
    assert file.root in cids
    assert set(cids) <= set(blocks_of(file))
    assert not (full or file.dag.size <= SMALL) or set(cids) == set(blocks_of(file))


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


def test_P8_what_is_noted_is_not_proven_again() -> None:
    notes, files = MemoryPinNotes(), [SMALL_FILE, LARGE]
    gateway = FakeGateway("g", blocks_of(SMALL_FILE) | blocks_of(LARGE))
    run(files, gateway, notes=notes)
    asked = len(gateway.asked)
    run(files, gateway, notes=notes)
    assert len(gateway.asked) == asked
    run(files, gateway, proof=ProofOptions(full=True), notes=notes)  # of which a sample is not enough
    assert len(gateway.asked) == asked + len(blocks_of(LARGE))
    run(files, gateway, notes=notes)
    run(files, gateway, proof=ProofOptions(full=True), notes=notes)
    assert len(gateway.asked) == asked + len(blocks_of(LARGE))


def test_P8_what_gateways_of_ones_own_network_had_is_proven_again() -> None:
    notes, gateway = MemoryPinNotes(), FakeGateway("g", blocks_of(METADATA), operator="")
    for _ in range(2):
        run([METADATA], gateway, notes=notes)
    assert len(gateway.asked) == 2


def test_P8_a_file_that_was_half_proven_is_not_noted() -> None:
    notes, blocks = MemoryPinNotes(), blocks_of(METADATA)
    with pytest.raises(GatewayError):
        run([METADATA, SMALL_FILE], FakeGateway("g", blocks), notes=notes)
    assert [facts["what"] for facts in notes.facts.values()] == ["small.whl.metadata"]


def test_P8_a_pinners_own_gateway_proves_nothing() -> None:
    own, other = FakeGateway("own", operator="pinata.cloud"), FakeGateway("other", operator="ipfs.io")
    pinata = FakePinner(name="pinata", operator="pinata.cloud")
    assert independent([own, other], [pinata]) == [other]
    with pytest.raises(PublishError, match=r"every gateway is run by a pinner's operator \(pinata.cloud\)") as caught:
        independent([own], [pinata])
    assert "IPFS_GATEWAY" in caught.value.hint


def test_P8_nobody_is_told_apart_on_ones_own_network() -> None:
    own = FakeGateway("http://127.0.0.1:8080", operator="")
    assert independent([own], [FakePinner(operator="")]) == [own]
