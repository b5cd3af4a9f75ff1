"""Checks of files against their project: what is skipped, what is refused, and how refusals are raised."""

from pathlib import Path

import pytest

from dipmp_lib.distributions import Distribution
from dipmp_lib.distributions.findings import Finding
from dipmp_lib.errors import Conflict, InvalidDistribution, PublishError
from dipmp_lib.log.limits import SEAL_SECONDS
from dipmp_lib.model.filenames import parse_filename
from dipmp_lib.model.names import ProjectName, checksum_address
from dipmp_lib.model.pages import Note, Status
from dipmp_lib.publish import FileAction
from dipmp_lib.publish.checks import FileChecks, Refusals
from tests.support.fakes.publishing import ACTOR, listed, plan_of
from tests.support.fakes.registry import UPLOADED, make_project
from tests.support.files.wheels import build_sdist, build_wheel

STRANGER = bytes.fromhex("c3" * 20)


@pytest.fixture
def wheel(tmp_path: Path) -> Distribution:
    return Distribution.from_path(build_wheel(tmp_path))


@pytest.fixture
def sdist(tmp_path: Path) -> Distribution:
    return Distribution.from_path(build_sdist(tmp_path))


def test_what_is_published_is_skipped(wheel: Distribution, sdist: Distribution) -> None:
    made = plan_of([wheel, sdist], make_project("demo", listed(wheel), owner=ACTOR))
    assert [(file.action, file.detail) for file in made.files] == [
        (FileAction.SKIP, "already published"),
        (FileAction.ADD, ""),
    ]
    assert made.additions == (sdist,)


def test_skipping_needs_no_permission(wheel: Distribution) -> None:
    """Anybody may run the same command again, also long after the version sealed."""
    project = make_project("demo", listed(wheel), owner=STRANGER, status=Status.ARCHIVED)
    made = plan_of([wheel], project, now=UPLOADED + 100 * SEAL_SECONDS)
    assert made.entries == ()


def test_the_same_bytes_under_another_spelling_are_skipped(tmp_path: Path) -> None:
    dist = Distribution.from_path(build_sdist(tmp_path, filename="Demo-1.0.0.tar.gz"), lenient=True)
    made = plan_of([dist], make_project("demo", listed(dist, filename="demo-1.0.tar.gz"), owner=ACTOR))
    assert made.files[0].detail == "already published as demo-1.0.tar.gz"


@pytest.mark.parametrize("spelling", ["demo-1.0-py3-none-any.whl", "DEMO-1.0.0-py3-none-ANY.whl"])
def test_other_bytes_are_a_conflict_that_shows_both_digests(wheel: Distribution, spelling: str) -> None:
    other = listed(wheel, filename=spelling, sha256=b"\x11" * 32)
    with pytest.raises(Conflict) as caught:
        plan_of([wheel], make_project("demo", other, owner=ACTOR))
    message = str(caught.value)
    assert wheel.dag.sha256.hex() in message
    assert "11" * 32 in message
    assert "demo-1.0-py3-none-any.whl is already published" in message
    assert "raise the version" in caught.value.hint


def test_a_second_sdist_of_a_version_is_a_conflict(tmp_path: Path, sdist: Distribution) -> None:
    other = Distribution.from_path(build_sdist(tmp_path, filename="demo-1.0.zip"), lenient=True)
    with pytest.raises(Conflict, match=r"demo-1.0.zip is already published as demo-1.0.tar.gz with other bytes"):
        plan_of([other], make_project("demo", listed(sdist), owner=ACTOR))


def test_withdrawn_names_stay_taken(wheel: Distribution) -> None:
    note = Note(entry=1, code="withdrawn", filename="demo-1.0-py3-none-any.whl")
    with pytest.raises(InvalidDistribution, match="was published and withdrawn"):
        plan_of([wheel], make_project("demo", owner=ACTOR, notes=(note,)))


@pytest.mark.parametrize(("age", "sealed"), [(0, False), (SEAL_SECONDS, False), (SEAL_SECONDS + 1, True)])
def test_a_version_seals_two_weeks_after_its_first_file(
    wheel: Distribution, sdist: Distribution, age: int, sealed: bool
) -> None:
    later = listed(wheel, filename="demo-1.0-1-py3-none-any.whl", uploaded=UPLOADED + SEAL_SECONDS)
    project = make_project("demo", later, listed(wheel), owner=ACTOR)
    if not sealed:
        assert plan_of([sdist], project, now=UPLOADED + age).additions == (sdist,)
        return
    with pytest.raises(InvalidDistribution) as caught:
        plan_of([sdist], project, now=UPLOADED + age)
    assert str(caught.value) == (
        "demo-1.0.tar.gz: comes too late: version 1.0 of demo sealed on 2023-11-28, "
        "14 days after its first file, and takes no more files"
    )


def test_another_version_is_not_sealed(tmp_path: Path, wheel: Distribution) -> None:
    newer = Distribution.from_path(build_wheel(tmp_path, version="1.1"))
    project = make_project("demo", listed(wheel), owner=ACTOR)
    assert plan_of([newer], project, now=UPLOADED + 10 * SEAL_SECONDS).additions == (newer,)


@pytest.mark.parametrize(
    ("until", "text"),
    [(0, "may not publish to it$"), (UPLOADED, "its permission ended on 2023-11-14$"), (UPLOADED + 60, "ended")],
)
def test_neither_owner_nor_publisher(wheel: Distribution, until: int, text: str) -> None:
    with pytest.raises(PublishError, match=text) as caught:
        plan_of([wheel], make_project("demo", owner=STRANGER), until=until)
    assert f"demo belongs to {checksum_address(STRANGER)}, and {checksum_address(ACTOR)} may not" in str(caught.value)


def test_a_publisher_may(wheel: Distribution) -> None:
    assert plan_of([wheel], make_project("demo", owner=STRANGER), until=UPLOADED + 61).additions == (wheel,)


@pytest.mark.parametrize("status", [Status.ARCHIVED, Status.QUARANTINED])
def test_closed_projects(wheel: Distribution, status: Status) -> None:
    with pytest.raises(PublishError, match=rf"demo is {status} \(why\), so nothing can be published") as caught:
        plan_of([wheel], make_project("demo", owner=ACTOR, status=status, status_reason="why"))
    assert "archived" not in status or "dipmp project status demo active" in caught.value.hint
    assert caught.value.hint


def test_a_deprecated_project_is_open(wheel: Distribution) -> None:
    assert plan_of([wheel], make_project("demo", owner=ACTOR, status=Status.DEPRECATED)).entries


def test_all_refusals_come_together(tmp_path: Path, wheel: Distribution, sdist: Distribution) -> None:
    built = build_wheel(tmp_path, tag="cp311-abi3-manylinux_2_28_x86_64")
    late = Distribution.from_path(built)
    other = listed(sdist, sha256=b"\x11" * 32)
    with pytest.raises(InvalidDistribution) as caught:
        plan_of(
            [late, sdist], make_project("demo", listed(wheel), other, owner=STRANGER), now=UPLOADED + 2 * SEAL_SECONDS
        )
    assert [name for name, _ in caught.value.problems] == [late.filename.text, "demo-1.0.tar.gz", "demo"]
    assert caught.value.problems[2][1].startswith("belongs to ")


def test_several_conflicts_are_one(wheel: Distribution, sdist: Distribution) -> None:
    others = [listed(dist, sha256=b"\x11" * 32) for dist in (wheel, sdist)]
    with pytest.raises(Conflict) as caught:
        plan_of([wheel, sdist], make_project("demo", *others, owner=ACTOR))
    assert str(caught.value).count("is already published") == 2


def test_a_name_and_digest_are_enough(wheel: Distribution) -> None:
    refusals = Refusals()
    checks = FileChecks(make_project("demo", listed(wheel), owner=ACTOR), UPLOADED + 60, ACTOR, 0, refusals)
    assert checks.name(wheel.filename, wheel.dag.sha256) == (FileAction.SKIP, "already published")
    assert len(refusals) == 0
    assert checks.name(wheel.filename, bytes(32)) == (FileAction.ADD, "")
    [finding] = refusals.findings
    assert finding.subject == wheel.filename.text
    assert finding.clause.startswith("is already published with other bytes")


def test_a_free_name_refuses_nothing() -> None:
    refusals = Refusals()
    checks = FileChecks(None, UPLOADED, ACTOR, 0, refusals)
    assert checks.name(parse_filename("demo-1.0.tar.gz"), bytes(32)) == (FileAction.ADD, "")
    checks.permission(ProjectName("demo"))
    assert refusals.findings == ()
    refusals.check()


def test_findings_are_clauses_about_their_subjects() -> None:
    refusals = Refusals()
    refusals.add("demo", PublishError("demo belongs to 0x00"))
    refusals.add("a.whl", InvalidDistribution([("a.whl", "is empty"), ("b.whl", "is torn")]))
    assert refusals.findings == (
        Finding("demo", "belongs to 0x00"),
        Finding("a.whl", "is empty"),
        Finding("b.whl", "is torn"),
    )
    assert len(refusals) == 2
    with pytest.raises(InvalidDistribution) as caught:
        refusals.check()
    assert caught.value.problems == tuple(finding.problem for finding in refusals.findings)


def test_a_single_error_is_raised_as_it_is() -> None:
    refusals, error = Refusals(), PublishError("demo is archived", hint="open it")
    refusals.add("demo", error)
    with pytest.raises(PublishError) as caught:
        refusals.check()
    assert caught.value is error
