"""One refresh of a log: its limits, whom it asks, and answers that no registry gives."""

import pytest

from dipmp_lib.errors import Exhausted, Reverted
from dipmp_lib.log.blob import head0, project_id
from dipmp_lib.registry.chain import Chain, ReadLimits
from dipmp_lib.registry.chain.refresh import DeployedRegistry, NoRegistryError, Refresh
from tests.support.fakes.chain import CHAIN_ID, ChainSimulator
from tests.support.systems.chain_reader import FOO, ChainReader


class Made:
    """Refreshes of `foo`, which has one release, through some endpoints."""

    def __init__(self, *more: ChainSimulator) -> None:
        self.world = ChainReader()
        self.world.publish("1.0")
        self.now = 0.0
        chain = Chain(self.world.sim, CHAIN_ID, fallbacks=more)
        self.deployed = DeployedRegistry(self.world.at, chain, "latest")

    def refresh(self, **limits: float) -> Refresh:
        return Refresh(self.deployed, FOO, ReadLimits(**limits), lambda: self.now)  # type: ignore[arg-type]


def test_calls_are_counted_and_limited() -> None:
    refresh = Made().refresh(pages=2)
    assert not refresh.spent
    refresh.read(0, 0)
    assert (refresh.calls, refresh.spent) == (1, False)
    refresh.read(0, 0)
    assert (refresh.calls, refresh.spent) == (2, True)


def test_bytes_of_pages_are_limited() -> None:
    made = Made()
    refresh = made.refresh()
    size = len(refresh.read(0, 0).page)
    assert size > 0
    for limit, spent in ((size, True), (size + 1, False)):
        refresh = made.refresh(total_bytes=limit)
        refresh.read(0, 0)
        assert refresh.spent is spent


def test_time_is_limited() -> None:
    made = Made()
    refresh = made.refresh(seconds=5.0)
    made.now = 4.9
    assert not refresh.spent
    made.now = 5.0
    assert refresh.spent


def test_a_page_has_no_more_bytes_than_were_asked_for() -> None:
    made = Made()
    whole = made.refresh().read(0, 0)
    newest = made.refresh(page_bytes=len(whole.page) - 1).read(0, 0)
    assert (whole.next, newest.next) == (0, 1)
    assert whole.page.startswith(newest.page)


def test_through_another_endpoint_it_goes_on_with_what_is_left() -> None:
    made = Made(ChainSimulator())
    refresh = made.refresh(pages=3)
    refresh.read(0, 0)
    [second] = refresh.others()
    other = refresh.via(second)
    with pytest.raises(NoRegistryError, match="no contract there answers"):
        other.read(0, 0)
    assert (other.calls, other.key) == (2, (made.world.at, FOO))
    assert refresh.others() == [second], "only what the refresh itself asked counts"


def test_the_empty_head_binds_chain_registry_and_project() -> None:
    made = Made()
    assert made.refresh().empty_head() == head0(CHAIN_ID, made.world.at.address, project_id("foo"))


@pytest.mark.parametrize(
    ("returned", "problem"),
    [
        (b"", "no contract there answers"),
        (Reverted("no", code=3), "refuses to be read"),
        (bytes(31), None),
        (bytes(160), None),
    ],
    ids=["nothing", "reverts", "a byte short", "no offset"],
)
def test_an_answer_that_no_registry_gives(returned: bytes | Reverted, problem: str | None) -> None:
    made = Made()
    made.world.sim.returns[made.world.at.address] = returned
    with pytest.raises(NoRegistryError, match=problem):
        made.refresh().read(0, 0)


def test_a_contract_that_uses_up_its_gas_has_not_answered() -> None:
    made = Made()

    def exhaust(method: str, result: object) -> object:
        raise Exhausted("out of gas", code=-32000)

    made.world.sim.answer = exhaust
    with pytest.raises(Exhausted):
        made.refresh().read(0, 0)
