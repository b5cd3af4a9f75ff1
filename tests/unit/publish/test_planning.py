"""The plan: what happens to each file, as a table of situations; pure, so no stand-ins are needed."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dipmp_lib.distributions import Distribution, read_distributions
from dipmp_lib.errors import Conflict, InvalidDistribution, PublishError, TransactionError
from dipmp_lib.log.entries import RELEASE, Release
from dipmp_lib.log.limits import SEAL_SECONDS
from dipmp_lib.log.payload import parse_payload
from dipmp_lib.model.names import ProjectName, checksum_address
from dipmp_lib.model.pages import Note, Project, Status
from dipmp_lib.publish import FileAction, Plan, plan
from tests.support.fakes.publishing import ACTOR, listed
from tests.support.fakes.registry import REGISTRY, UPLOADED, make_project
from tests.support.files.wheels import build_sdist, build_wheel

STRANGER = bytes.fromhex("c3" * 20)
DEMO = ProjectName("demo")


def make_plan(
    dists: Sequence[Distribution],
    project: Project | None,
    *,
    now: int = UPLOADED + 60,
    until: int = 0,
    **known: Any,  # noqa: ANN401
) -> Plan:
    names = sorted({dist.project for dist in dists})
    projects = {name: project if project and project.name == name else None for name in names}
    return plan(dists, projects, now, ACTOR, registry=REGISTRY, publisher_until={DEMO: until}, **known)


@pytest.fixture
def wheel(tmp_path: Path) -> Distribution:
    return Distribution.from_path(build_wheel(tmp_path))


@pytest.fixture
def sdist(tmp_path: Path) -> Distribution:
    return Distribution.from_path(build_sdist(tmp_path))


def test_a_free_name_is_claimed_with_its_first_release(wheel: Distribution, sdist: Distribution) -> None:
    made = make_plan([wheel, sdist], None)
    [entry] = made.entries
    assert entry.claims
    assert made.claims == (DEMO,)
    assert made.remarks == ("demo is a free name and will belong to you",)
    [call] = made.calls
    assert (call.function, call.arguments[:2]) == ("claim", ("demo", ACTOR))
    assert parse_payload(RELEASE, entry.payload) == Release(">=3.8", (wheel.record, sdist.record))


def test_an_own_project_gets_an_entry(wheel: Distribution) -> None:
    made = make_plan([wheel], make_project("demo", owner=ACTOR))
    [call] = made.calls
    assert (call.function, call.arguments[:2]) == ("append", ("demo", RELEASE))
    assert made.remarks == ()


def test_what_is_published_is_skipped(wheel: Distribution, sdist: Distribution) -> None:
    made = make_plan([wheel, sdist], make_project("demo", listed(wheel), owner=ACTOR))
    assert [(file.action, file.detail) for file in made.files] == [
        (FileAction.SKIP, "already published"),
        (FileAction.ADD, ""),
    ]
    assert made.additions == (sdist,)


def test_skipping_needs_no_permission(wheel: Distribution) -> None:
    """Anybody may run the same command again, also long after the version sealed."""
    project = make_project("demo", listed(wheel), owner=STRANGER, status=Status.ARCHIVED)
    made = make_plan([wheel], project, now=UPLOADED + 100 * SEAL_SECONDS)
    assert made.entries == ()


def test_the_same_bytes_under_another_spelling_are_skipped(tmp_path: Path) -> None:
    dist = Distribution.from_path(build_sdist(tmp_path, filename="Demo-1.0.0.tar.gz"), lenient=True)
    made = make_plan([dist], make_project("demo", listed(dist, filename="demo-1.0.tar.gz"), owner=ACTOR))
    assert made.files[0].detail == "already published as demo-1.0.tar.gz"


@pytest.mark.parametrize("spelling", ["demo-1.0-py3-none-any.whl", "DEMO-1.0.0-py3-none-ANY.whl"])
def test_other_bytes_are_a_conflict_that_shows_both_digests(wheel: Distribution, spelling: str) -> None:
    other = listed(wheel, filename=spelling, sha256=b"\x11" * 32)
    with pytest.raises(Conflict) as caught:
        make_plan([wheel], make_project("demo", other, owner=ACTOR))
    message = str(caught.value)
    assert wheel.dag.sha256.hex() in message
    assert "11" * 32 in message
    assert "demo-1.0-py3-none-any.whl is already published" in message
    assert "raise the version" in caught.value.hint


def test_a_second_sdist_of_a_version_is_a_conflict(tmp_path: Path, sdist: Distribution) -> None:
    other = Distribution.from_path(build_sdist(tmp_path, filename="demo-1.0.zip"), lenient=True)
    with pytest.raises(Conflict, match=r"demo-1.0.zip is already published as demo-1.0.tar.gz with other bytes"):
        make_plan([other], make_project("demo", listed(sdist), owner=ACTOR))


def test_withdrawn_names_stay_taken(wheel: Distribution) -> None:
    note = Note(entry=1, code="withdrawn", filename="demo-1.0-py3-none-any.whl")
    with pytest.raises(InvalidDistribution, match="was published and withdrawn"):
        make_plan([wheel], make_project("demo", owner=ACTOR, notes=(note,)))


@pytest.mark.parametrize(("age", "sealed"), [(0, False), (SEAL_SECONDS, False), (SEAL_SECONDS + 1, True)])
def test_a_version_seals_two_weeks_after_its_first_file(
    wheel: Distribution, sdist: Distribution, age: int, sealed: bool
) -> None:
    later = listed(wheel, filename="demo-1.0-1-py3-none-any.whl", uploaded=UPLOADED + SEAL_SECONDS)
    project = make_project("demo", later, listed(wheel), owner=ACTOR)
    if not sealed:
        assert make_plan([sdist], project, now=UPLOADED + age).additions == (sdist,)
        return
    with pytest.raises(InvalidDistribution) as caught:
        make_plan([sdist], project, now=UPLOADED + age)
    assert str(caught.value) == (
        "demo-1.0.tar.gz: comes too late: version 1.0 of demo sealed on 2023-11-28, "
        "14 days after its first file, and takes no more files"
    )


def test_another_version_is_not_sealed(tmp_path: Path, wheel: Distribution) -> None:
    newer = Distribution.from_path(build_wheel(tmp_path, version="1.1"))
    project = make_project("demo", listed(wheel), owner=ACTOR)
    assert make_plan([newer], project, now=UPLOADED + 10 * SEAL_SECONDS).additions == (newer,)


@pytest.mark.parametrize(
    ("until", "text"),
    [(0, "may not publish to it$"), (UPLOADED, "its permission ended on 2023-11-14$"), (UPLOADED + 60, "ended")],
)
def test_neither_owner_nor_publisher(wheel: Distribution, until: int, text: str) -> None:
    with pytest.raises(PublishError, match=text) as caught:
        make_plan([wheel], make_project("demo", owner=STRANGER), until=until)
    assert f"demo belongs to {checksum_address(STRANGER)}, and {checksum_address(ACTOR)} may not" in str(caught.value)


def test_a_publisher_may(wheel: Distribution) -> None:
    assert make_plan([wheel], make_project("demo", owner=STRANGER), until=UPLOADED + 61).additions == (wheel,)


@pytest.mark.parametrize("status", [Status.ARCHIVED, Status.QUARANTINED])
def test_closed_projects(wheel: Distribution, status: Status) -> None:
    with pytest.raises(PublishError, match=rf"demo is {status} \(why\), so nothing can be published") as caught:
        make_plan([wheel], make_project("demo", owner=ACTOR, status=status, status_reason="why"))
    assert "archived" not in status or "dipmp project status demo active" in caught.value.hint
    assert caught.value.hint


def test_a_deprecated_project_is_open(wheel: Distribution) -> None:
    assert make_plan([wheel], make_project("demo", owner=ACTOR, status=Status.DEPRECATED)).entries


def test_all_refusals_come_together(tmp_path: Path, wheel: Distribution, sdist: Distribution) -> None:
    built = build_wheel(tmp_path, tag="cp311-abi3-manylinux_2_28_x86_64")
    late = Distribution.from_path(built)
    other = listed(sdist, sha256=b"\x11" * 32)
    with pytest.raises(InvalidDistribution) as caught:
        make_plan(
            [late, sdist], make_project("demo", listed(wheel), other, owner=STRANGER), now=UPLOADED + 2 * SEAL_SECONDS
        )
    assert [name for name, _ in caught.value.problems] == [late.filename.text, "demo-1.0.tar.gz", "demo"]
    assert caught.value.problems[2][1].startswith("belongs to ")


def test_several_conflicts_are_one(wheel: Distribution, sdist: Distribution) -> None:
    others = [listed(dist, sha256=b"\x11" * 32) for dist in (wheel, sdist)]
    with pytest.raises(Conflict) as caught:
        make_plan([wheel, sdist], make_project("demo", *others, owner=ACTOR))
    assert str(caught.value).count("is already published") == 2


def test_one_entry_per_release_in_version_order(tmp_path: Path) -> None:
    versions = ["1.10", "1.9", "1.0rc1", "1!0.1"]
    paths = [build_wheel(tmp_path, "demo", version) for version in versions]
    paths += [build_sdist(tmp_path, "demo", "1.9"), build_wheel(tmp_path, "another")]
    made = make_plan(read_distributions(paths), None)
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
    assert len(make_plan(dists, None).entries) == 1


def test_differing_requires_python_takes_an_entry_each(tmp_path: Path) -> None:
    dists = read_distributions(
        [
            build_wheel(tmp_path, tag="cp311-cp311-any", requires_python=">=3.11"),
            build_wheel(tmp_path, tag="cp312-cp312-any", requires_python=">=3.12"),
            build_sdist(tmp_path, requires_python=">=3.11"),
        ]
    )
    made = make_plan(dists, None)
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
    made = make_plan(dists, None)
    assert len(made.entries) == 2
    assert [dist for entry in made.entries for dist in entry.dists] == dists
    assert all(len(entry.payload) <= 24_543 for entry in made.entries)
    assert "demo 1.0 takes 2 transactions: its files do not fit one entry" in made.remarks


def test_a_name_that_the_registry_would_not_give_away(tmp_path: Path) -> None:
    dists = read_distributions([build_wheel(tmp_path, "f00"), build_wheel(tmp_path, "demo")])
    refused = TransactionError("the registry refuses the transaction: 'f00' is easily mistaken for 'foo'")
    with pytest.raises(TransactionError) as caught:
        make_plan(dists, None, unclaimable={"f00": refused})
    assert caught.value is refused


def test_two_new_names_that_look_alike(tmp_path: Path) -> None:
    dists = read_distributions([build_wheel(tmp_path, name) for name in ("foo", "f-0o", "bar")])
    with pytest.raises(PublishError, match="foo is easily mistaken for f-0o, and an open registry takes only one"):
        make_plan(dists, None)


def test_what_was_wrong_with_other_files_is_said_with_all_else(wheel: Distribution, sdist: Distribution) -> None:
    earlier = InvalidDistribution([("other.whl", "is empty")], hint="build it again")
    project = make_project("demo", listed(wheel, sha256=b"\x11" * 32), owner=ACTOR)
    with pytest.raises(InvalidDistribution) as caught:
        make_plan([wheel, sdist], project, now=UPLOADED + 2 * SEAL_SECONDS, earlier=earlier)
    assert [name for name, _ in caught.value.problems] == ["other.whl", wheel.filename.text, sdist.filename.text]
    assert all(text.startswith(("is empty", "is already", "comes too late")) for _, text in caught.value.problems)
    with pytest.raises(InvalidDistribution) as caught:
        make_plan([sdist], None, earlier=earlier)
    assert caught.value.problems == earlier.problems
    assert caught.value.hint == "build it again"


def hash_bytes(number: int) -> bytes:
    import hashlib

    return hashlib.sha512(str(number).encode()).digest()
