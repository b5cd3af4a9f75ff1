"""The plan as a value: its calls, and what a person is told about it."""

from dataclasses import replace
from pathlib import Path

import pytest

from dipmp_lib.distributions import Distribution
from dipmp_lib.log.entries import RELEASE
from dipmp_lib.model.names import ProjectName
from dipmp_lib.publish import FileAction, Plan, PlannedEntry, PlannedFile
from tests.support.fakes.publishing import ACTOR
from tests.support.fakes.registry import REGISTRY
from tests.support.files.wheels import build_wheel

DEMO = ProjectName("demo")


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Distribution:
    return Distribution.from_path(build_wheel(tmp_path_factory.mktemp("plan")))


def entry(*dists: Distribution, claims: bool = False, version: str = "1.0") -> PlannedEntry:
    return PlannedEntry(project=DEMO, version=version, dists=dists, payload=b"payload", claims=claims)


def plan(*entries: PlannedEntry, files: tuple[PlannedFile, ...] = ()) -> Plan:
    return Plan(registry=REGISTRY, actor=ACTOR, files=files, entries=entries)


def test_the_first_entry_claims_and_the_others_append(dist: Distribution) -> None:
    made = plan(entry(dist, claims=True), entry(dist))
    assert [(call.function, call.arguments) for call in made.calls] == [
        ("claim", ("demo", ACTOR, b"payload")),
        ("append", ("demo", RELEASE, b"payload")),
    ]
    assert made.claims == (DEMO,)


def test_files_are_added_or_skipped(dist: Distribution, tmp_path: Path) -> None:
    old = Distribution.from_path(build_wheel(tmp_path, version="0.9"))
    files = (PlannedFile(dist, FileAction.ADD), PlannedFile(old, FileAction.SKIP, "already published"))
    made = plan(entry(dist), files=files)
    assert made.additions == (dist,)
    assert made.skipped == (old,)


def test_an_empty_plan_says_nothing() -> None:
    assert (plan().remarks, plan().calls, plan().additions, plan().claims) == ((), (), (), ())


@pytest.mark.parametrize(
    ("requirements", "reason"),
    [
        ([(">=3.11",), (">=3.12",)], "its files differ in Requires-Python"),
        ([(">=3.11",), (">=3.11",)], "its files do not fit one entry"),
        (
            [(">=3.11",), (">=3.11",), (">=3.12", ">=3.12")],
            "its files differ in Requires-Python, and its files do not fit one entry",
        ),
    ],
)
def test_a_release_in_several_transactions(
    dist: Distribution, requirements: list[tuple[str, ...]], reason: str
) -> None:
    made = plan(*(entry(*(replace(dist, requires_python=each) for each in part)) for part in requirements))
    assert made.remarks == (f"demo 1.0 takes {len(requirements)} transactions: {reason}",)


def test_one_transaction_for_each_of_two_versions_is_no_remark(dist: Distribution) -> None:
    assert plan(entry(dist), entry(dist, version="2.0")).remarks == ()


def test_warnings_are_about_added_files_only(dist: Distribution) -> None:
    odd = replace(dist, warnings=("has no README",))
    made = plan(entry(odd), files=(PlannedFile(odd, FileAction.ADD),))
    assert made.remarks == ("demo-1.0-py3-none-any.whl has no README",)
    assert plan(files=(PlannedFile(odd, FileAction.SKIP),)).remarks == ()
