"""Storing: every file is pinned, and new ones are fetched back through gateways of others."""

from pathlib import Path

import pytest

from dipmp_lib.distributions import Distribution
from dipmp_lib.errors import GatewayError, PinnerError, PublishError
from dipmp_lib.progress import SilentReporter
from dipmp_lib.publish import Storage
from dipmp_lib.transactions.journal import MemoryPinNotes
from tests.support.fakes.clock import Clock
from tests.support.fakes.publishing import FakePinner
from tests.support.fakes.uploads import FakeGateway
from tests.support.files.wheels import build_sdist, build_wheel


@pytest.fixture
def wheel(tmp_path: Path) -> Distribution:
    return Distribution.from_path(build_wheel(tmp_path))


@pytest.fixture
def sdist(tmp_path: Path) -> Distribution:
    return Distribution.from_path(build_sdist(tmp_path))


def pinner(name: str = "a") -> FakePinner:
    return FakePinner(name=name, operator=f"{name}.example")


def test_new_files_are_proven_and_listed_ones_only_pinned(wheel: Distribution, sdist: Distribution) -> None:
    service = pinner()
    gateway = FakeGateway("g", service.blocks)
    Storage(pinners=[service], gateways=[gateway]).store([sdist], [wheel], SilentReporter())
    assert wheel.metadata_dag is not None
    assert set(service.roots) == {sdist.cid, wheel.cid, wheel.metadata_dag.root}
    assert gateway.asked == [sdist.cid]


def test_listed_files_are_pinned_whatever_the_notes_say(sdist: Distribution) -> None:
    service, notes = pinner(), MemoryPinNotes()
    storage = Storage(pinners=[service], notes=notes)
    storage.store([sdist], [], SilentReporter())
    storage.store([sdist], [], SilentReporter())
    assert service.roots == [sdist.cid]
    storage.store([], [sdist], SilentReporter())
    assert service.roots == [sdist.cid] * 2


def test_nothing_to_store_asks_nobody() -> None:
    # All gateways are run by the pinner, which would be an error if anything had to be proven.
    storage = Storage(pinners=[pinner()], gateways=[FakeGateway("g", operator="a.example")])
    storage.store([], [], SilentReporter())


def test_gateways_that_prove_nothing_are_refused_before_anything_is_sent(sdist: Distribution) -> None:
    service = pinner()
    storage = Storage(pinners=[service], gateways=[FakeGateway("g", operator="a.example")])
    with pytest.raises(PublishError, match="proves nothing"):
        storage.store([sdist], [], SilentReporter())
    assert service.events == []


def test_nothing_is_proven_before_enough_pinners_have_it(sdist: Distribution) -> None:
    gateway, full = FakeGateway("g"), pinner("b")
    full.failure = PinnerError("b is full")
    with pytest.raises(PinnerError, match=r"[01] of the 2 pinners"):
        Storage(pinners=[pinner(), full], gateways=[gateway], pins=2).store([sdist], [], SilentReporter())
    assert gateway.asked == []


def test_what_cannot_be_fetched_back_is_an_error(sdist: Distribution) -> None:
    clock = Clock(0.0)
    storage = Storage(pinners=[pinner()], gateways=[FakeGateway("g")], sleep=clock.sleep, clock=clock)
    with pytest.raises(GatewayError, match="cannot be fetched back"):
        storage.store([sdist], [], SilentReporter())
    assert clock.now > 280
