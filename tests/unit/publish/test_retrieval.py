# ruff: noqa: N802 - names begin with the ids of the cases
"""Proof of retrieval: which blocks are fetched, through which gateways, and what is remembered."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dipmp_lib.errors import PublishError
from dipmp_lib.publish.retrieval import SAMPLES, SMALL, ProofOptions, blocks_to_prove, independent
from dipmp_lib.transactions.journal import MemoryPinNotes
from tests.support.fakes.proving import LARGE, METADATA, SMALL_FILE, run
from tests.support.fakes.publishing import FakePinner
from tests.support.fakes.uploads import FakeGateway, blocks_of, upload
from tests.support.files.content import MIB


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


@pytest.mark.slow
@given(st.integers(0, 40), st.integers(1, MIB), st.booleans())
def test_P8_what_is_proven_is_always_part_of_the_file(mibs: int, rest: int, full: bool) -> None:
    file = upload(bytes(mibs * MIB + rest)) if mibs < 3 else LARGE
    cids = blocks_to_prove(file.dag, full=full, sample=lambda population, count: list(population)[:count])
    assert file.root in cids
    assert set(cids) <= set(blocks_of(file))
    assert not (full or file.dag.size <= SMALL) or set(cids) == set(blocks_of(file))


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
