"""A publish whose pinners or gateways misbehave sends no transaction, and one that works sends it last: P7 and P8."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from dipmp_lib.distributions import Distribution, read_distributions
from dipmp_lib.errors import DipmpError, GatewayError, PinnerError, PinnerRefused
from dipmp_lib.http import Fetcher
from dipmp_lib.ipfs.gateways.single import SingleGateway
from dipmp_lib.publish import ProofOptions, Storage
from dipmp_lib.transactions.journal import MemoryPinNotes
from tests.support.fakes.clock import Clock
from tests.support.fakes.pinners import FakePsa
from tests.support.fakes.uploads import Recorder
from tests.support.faulty.fault_proxy import FaultProxy
from tests.support.faulty.toxics import override, rewrite
from tests.support.files.wheels import build_sdist, build_wheel
from tests.support.systems.pinning_service import CANARY, Service, service


@dataclass
class World:
    """Pinata, a Pinning Service that fetches from it, and a gateway of somebody else to what Pinata has."""

    pinata: Service
    psa: Service
    gateway: FaultProxy
    dists: tuple[Distribution, ...]
    notes: MemoryPinNotes
    reporter: Recorder

    def store(self, pins: int = 2) -> None:
        clock = Clock()
        Storage(
            pinners=[self.psa.pinner, self.pinata.pinner],
            gateways=[SingleGateway(self.gateway.url, Fetcher())],
            pins=pins,
            proof=ProofOptions(seconds=60),
            notes=self.notes,
            sleep=clock.sleep,
            clock=clock,
        ).store(self.dists, (), self.reporter)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    dists = read_distributions([build_wheel(tmp_path), build_sdist(tmp_path)])
    with ExitStack() as stack:
        pinata = stack.enter_context(service("pinata"))
        psa = stack.enter_context(service("psa", source=pinata.vault))
        gateway = stack.enter_context(FaultProxy(pinata.vault.gateway))
        yield World(pinata, psa, gateway, dists, MemoryPinNotes(), Recorder())


def stops(world: World, kind: type[DipmpError], words: str) -> DipmpError:
    with pytest.raises(kind, match=words) as caught:
        world.store()
    assert "so nothing was written on chain" in str(caught.value)
    assert caught.value.hint
    assert CANARY not in str(caught.value) + caught.value.hint + repr(world.notes.facts)
    return caught.value


def test_P7_both_keep_everything_and_the_gateway_shows_it(world: World) -> None:
    world.store()
    roots = {root for dist in world.dists for root in (dist.cid, dist.metadata_dag and dist.metadata_dag.root) if root}
    assert set(world.pinata.pinned) == set(world.psa.pinned) == roots
    assert set(world.pinata.vault.asked) == roots
    assert world.pinata.fake is not None
    assert world.pinata.fake.refused == []
    assert world.psa.fake is not None
    assert world.psa.fake.refused == []
    proofs = [facts for key, facts in world.notes.facts.items() if key.startswith("proof ")]
    assert {facts["gateways"] for facts in proofs} == {f"{world.gateway.url} (1)"}


def test_P7_one_refused_pinner_is_one_too_few(world: World) -> None:
    world.psa.proxy.toxics = [override(401, b'{"error": {"reason": "UNAUTHORIZED"}}')]
    error = stops(world, PinnerRefused, r"of the 2 pinners that are needed.*psa:http://127\.0\.0\.1.* answered 401")
    assert "check the credentials" in error.hint
    assert world.pinata.vault.asked == []


def test_P7_one_refused_pinner_is_told_where_one_is_enough(world: World) -> None:
    world.psa.proxy.toxics = [override(403)]
    world.store(pins=1)
    [note] = world.reporter.notes
    assert "answered 403" in note


def test_P7_queued_for_ever_is_one_too_few(world: World) -> None:
    assert isinstance(world.psa.fake, FakePsa)
    world.psa.fake.steps = ["queued"]
    stops(world, PinnerError, "only queued after 600 s, and that is not pinned")


def test_P8_another_cid_is_one_too_few(world: World) -> None:
    assert world.pinata.fake is not None
    world.pinata.fake.keep_cid = "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku"
    stops(world, PinnerError, r"pinata: says that it keeps bafkreihdw.* instead of baf")


def test_P8_pinned_but_not_retrievable(world: World) -> None:
    world.pinata.vault.forgetful = True
    error = stops(world, GatewayError, r"was pinned, but cannot be fetched back")
    assert world.gateway.url in str(error)
    assert "answered 404" in str(error)


def test_P8_metadata_alone_is_missing(world: World) -> None:
    metadata = next(dist.metadata_dag.root for dist in world.dists if dist.metadata_dag)
    keep = world.pinata.vault.gateway
    world.pinata.vault.gateway = lambda request: (404, b"") if str(metadata) in request.path else keep(request)  # type: ignore[method-assign]
    with FaultProxy(world.pinata.vault.gateway) as gateway:
        world.gateway = gateway
        stops(world, GatewayError, r"\.whl\.metadata was pinned, but cannot be fetched back")


def test_P8_a_gateway_with_other_bytes(world: World) -> None:
    world.gateway.toxics = [rewrite(lambda body: body[:-1] + bytes([body[-1] ^ 1]))]
    stops(world, GatewayError, "sent other bytes than those of the block")
    assert len(world.gateway.requests) == 1


def test_P8_a_captive_portal_instead_of_a_gateway(world: World) -> None:
    world.gateway.toxics = [override(200, b"<html>log in</html>", {"Content-Type": "text/html"})]
    stops(world, GatewayError, "does not serve raw blocks, but 'text/html'")
