"""Reading back from several endpoints: whom to believe about what is on chain."""

from pathlib import Path

import pytest

from dipmp_lib.distributions import read_distributions
from dipmp_lib.errors import RpcError, TransactionError
from dipmp_lib.model.pages import File
from dipmp_lib.progress import SilentReporter
from dipmp_lib.publish import Plan, make_plan
from dipmp_lib.publish.readback import ATTEMPTS, read_back
from tests.support.fakes.publishing import ACTOR
from tests.support.fakes.registry import REGISTRY, FakeRegistry, make_project
from tests.support.files.wheels import build_wheel


class Case:
    """A plan, and registries that list what it adds, or do not."""

    def __init__(self, folder: Path) -> None:
        [self.dist] = read_distributions([build_wheel(folder)])
        self.plan: Plan = make_plan(
            [self.dist], {self.dist.project: None}, 1_700_000_000, ACTOR, registry=REGISTRY, publisher_until={}
        )
        self.slept: list[float] = []

    def listing(self) -> FakeRegistry:
        record = self.dist.record
        file = File(
            filename=record.filename,
            version=self.dist.version,
            size=record.size,
            sha256=record.sha256,
            dag_root=record.dag_root,
            metadata_sha256=record.metadata_sha256,
            requires_python=self.dist.requires_python,
            uploaded=1_700_000_000,
            publisher=ACTOR,
            entry=1,
        )
        return FakeRegistry(make_project(self.dist.project, file, owner=ACTOR))

    def read(self, *registries: FakeRegistry) -> None:
        read_back(self.plan, registries, SilentReporter(), self.slept.append)


@pytest.fixture
def case(tmp_path: Path) -> Case:
    return Case(tmp_path)


class Broken(FakeRegistry):
    """A registry whose endpoint cannot be asked."""

    def project(self, *_: object) -> None:  # type: ignore[override]
        raise RpcError("refused")


def test_two_that_list_it_are_enough(case: Case) -> None:
    case.read(case.listing(), case.listing())
    case.read(case.listing(), FakeRegistry(), case.listing())
    assert case.slept == []


def test_P6_one_that_lists_it_is_not_enough_when_another_does_not(case: Case) -> None:  # noqa: N802
    with pytest.raises(TransactionError, match=r"does not list demo-1\.0-py3-none-any\.whl as it was sent") as caught:
        case.read(case.listing(), FakeRegistry())
    assert "says what is not so" in caught.value.hint
    assert len(case.slept) == ATTEMPTS - 1


def test_those_that_cannot_be_asked_do_not_count(case: Case) -> None:
    case.read(Broken(), case.listing())
    assert case.slept == []
    with pytest.raises(RpcError, match="refused"):
        case.read(Broken(), Broken())


def test_one_that_lags_is_waited_for(case: Case) -> None:
    late = FakeRegistry()

    def sleep(seconds: float) -> None:
        case.slept.append(seconds)
        if len(case.slept) == 2:
            late.put(case.listing().project(REGISTRY, case.dist.project))

    read_back(case.plan, [case.listing(), late], SilentReporter(), sleep)
    assert case.slept == [0.5, 1.0]
