"""Planning: claims, entries and their order, and names that the registry would refuse."""

from dataclasses import replace
from pathlib import Path

import pytest

from dipmp_lib.distributions import Distribution, read_distributions
from dipmp_lib.errors import CallRefused, InvalidDistribution, PublishError, RpcError, TransactionError
from dipmp_lib.log.entries import RELEASE, Release
from dipmp_lib.log.limits import SEAL_SECONDS
from dipmp_lib.log.payload import parse_payload
from dipmp_lib.model.names import ProjectName
from dipmp_lib.publish.planning import read_claims, read_permissions, read_projects
from tests.support.fakes.publishing import ACTOR, FakeWriter, listed, plan_of
from tests.support.fakes.registry import REGISTRY, UPLOADED, FakeRegistry, make_project
from tests.support.files.wheels import build_sdist, build_wheel

STRANGER = bytes.fromhex("c3" * 20)
DEMO = ProjectName("demo")


@pytest.fixture
def wheel(tmp_path: Path) -> Distribution:
    return Distribution.from_path(build_wheel(tmp_path))


@pytest.fixture
def sdist(tmp_path: Path) -> Distribution:
    return Distribution.from_path(build_sdist(tmp_path))


def test_a_free_name_is_claimed_with_its_first_release(wheel: Distribution, sdist: Distribution) -> None:
    made = plan_of([wheel, sdist], None)
    [entry] = made.entries
    assert entry.claims
    assert made.claims == (DEMO,)
    assert made.remarks == ("demo is a free name and will belong to you",)
    [call] = made.calls
    assert (call.function, call.arguments[:2]) == ("claim", ("demo", ACTOR))
    assert parse_payload(RELEASE, entry.payload) == Release(">=3.8", (wheel.record, sdist.record))


def test_an_own_project_gets_an_entry(wheel: Distribution) -> None:
    made = plan_of([wheel], make_project("demo", owner=ACTOR))
    [call] = made.calls
    assert (call.function, call.arguments[:2]) == ("append", ("demo", RELEASE))
    assert made.remarks == ()


def test_one_entry_per_release_in_version_order(tmp_path: Path) -> None:
    versions = ["1.10", "1.9", "1.0rc1", "1!0.1"]
    paths = [build_wheel(tmp_path, "demo", version) for version in versions]
    paths += [build_sdist(tmp_path, "demo", "1.9"), build_wheel(tmp_path, "another")]
    made = plan_of(read_distributions(paths), None)
    assert [(entry.project, entry.version, entry.claims, len(entry.dists)) for entry in made.entries] == [
        ("another", "1.0", True, 1),
        ("demo", "1.0rc1", True, 1),
        ("demo", "1.9", False, 2),
        ("demo", "1.10", False, 1),
        ("demo", "1!0.1", False, 1),
    ]
    assert [call.function for call in made.calls] == ["claim", "claim", "append", "append", "append"]


def test_spellings_of_one_version_make_one_release(tmp_path: Path) -> None:
    dists = read_distributions([build_wheel(tmp_path, version="1.0"), build_sdist(tmp_path, version="1.0.0")])
    assert len(plan_of(dists, None).entries) == 1


def test_differing_requires_python_takes_an_entry_each(tmp_path: Path) -> None:
    dists = read_distributions(
        [
            build_wheel(tmp_path, tag="cp311-cp311-any", requires_python=">=3.11"),
            build_wheel(tmp_path, tag="cp312-cp312-any", requires_python=">=3.12"),
            build_sdist(tmp_path, requires_python=">=3.11"),
        ]
    )
    made = plan_of(dists, None)
    releases = [parse_payload(RELEASE, entry.payload) for entry in made.entries]
    assert [(release.requires_python, len(release.files)) for release in releases if isinstance(release, Release)] == [
        (">=3.11", 2),
        (">=3.12", 1),
    ]
    assert [entry.claims for entry in made.entries] == [True, False]
    assert "demo 1.0 takes 2 transactions: its files differ in Requires-Python" in made.remarks


def test_a_release_that_does_not_fit_is_split(tmp_path: Path) -> None:
    one = Distribution.from_path(build_wheel(tmp_path))
    dists = []
    for number in range(450):
        # Only names and digests matter here: 64 random bytes each cannot be deflated away.
        text = f"demo-1.0-{number}-py3-none-any.whl"
        digest = number.to_bytes(2) * 3 + hash_bytes(number)
        filename = replace(one.filename, text=text, build=str(number), key=(*one.filename.key[:3], str(number)))
        dag = replace(one.dag, sha256=digest[:32])
        metadata_dag = replace(one.dag, sha256=hash_bytes(number + 10_000)[:32])
        dists.append(replace(one, filename=filename, dag=dag, metadata_dag=metadata_dag))
    made = plan_of(dists, None)
    assert len(made.entries) == 2
    assert [dist for entry in made.entries for dist in entry.dists] == dists
    assert all(len(entry.payload) <= 24_543 for entry in made.entries)
    assert "demo 1.0 takes 2 transactions: its files do not fit one entry" in made.remarks


def test_a_name_that_the_registry_would_not_give_away(tmp_path: Path) -> None:
    dists = read_distributions([build_wheel(tmp_path, "f00"), build_wheel(tmp_path, "demo")])
    refused = TransactionError("the registry refuses the transaction: 'f00' is easily mistaken for 'foo'")
    with pytest.raises(TransactionError) as caught:
        plan_of(dists, None, unclaimable={"f00": refused})
    assert caught.value is refused


def test_two_new_names_that_look_alike(tmp_path: Path) -> None:
    dists = read_distributions([build_wheel(tmp_path, name) for name in ("foo", "f-0o", "bar")])
    with pytest.raises(PublishError, match="foo is easily mistaken for f-0o, and an open registry takes only one"):
        plan_of(dists, None)


def test_those_who_publish_one_by_one_may_plan_both(tmp_path: Path) -> None:
    dists = read_distributions([build_wheel(tmp_path, name) for name in ("foo", "f-0o")])
    assert plan_of(dists, None, partly=True).claims == ("f-0o", "foo")


def test_reading_what_a_plan_needs() -> None:
    own, other = make_project("own", owner=ACTOR), make_project("other", owner=STRANGER)
    refused = CallRefused("only curators claim")
    writer = FakeWriter(until={"other": 77, "own": 88}, unclaimable={"free-2": refused})
    names = [ProjectName(name) for name in ("own", "other", "free-1", "free-2", "own")]
    projects = read_projects(FakeRegistry(own, other), REGISTRY, names)
    assert projects == {"free-1": None, "free-2": None, "other": other, "own": own}
    assert read_claims(writer, projects) == {"free-2": refused}
    assert read_permissions(writer, projects, ACTOR) == {"other": 77}


def test_a_registry_that_cannot_be_asked_makes_no_name_free() -> None:
    registry = FakeRegistry()
    registry.failure = RpcError("no endpoint answers")
    with pytest.raises(RpcError):
        read_projects(registry, REGISTRY, [DEMO])


def test_what_was_wrong_with_other_files_is_said_with_all_else(wheel: Distribution, sdist: Distribution) -> None:
    earlier = InvalidDistribution([("other.whl", "is empty")], hint="build it again")
    project = make_project("demo", listed(wheel, sha256=b"\x11" * 32), owner=ACTOR)
    with pytest.raises(InvalidDistribution) as caught:
        plan_of([wheel, sdist], project, now=UPLOADED + 2 * SEAL_SECONDS, earlier=earlier)
    assert [name for name, _ in caught.value.problems] == ["other.whl", wheel.filename.text, sdist.filename.text]
    assert all(text.startswith(("is empty", "is already", "comes too late")) for _, text in caught.value.problems)
    with pytest.raises(InvalidDistribution) as caught:
        plan_of([sdist], None, earlier=earlier)
    assert caught.value.problems == earlier.problems
    assert caught.value.hint == "build it again"


def hash_bytes(number: int) -> bytes:
    import hashlib

    return hashlib.sha512(str(number).encode()).digest()
