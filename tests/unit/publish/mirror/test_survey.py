"""The survey of chosen files against the registry, and their publish project by project."""

from collections.abc import Sequence
from pathlib import Path
from typing import cast

import pytest

from dipmp_lib.distributions import Distribution, read_distributions
from dipmp_lib.distributions.findings import Finding
from dipmp_lib.errors import CallRefused, RpcError, TransactionError
from dipmp_lib.log.limits import SEAL_SECONDS
from dipmp_lib.model.pages import Project, Status
from dipmp_lib.progress import SilentReporter
from dipmp_lib.publish import Published, Publisher
from dipmp_lib.publish.mirror.page_parser import SourceFile
from dipmp_lib.publish.mirror.survey import Survey, publish_each, survey
from dipmp_lib.registry.port import Registry
from dipmp_lib.transactions import Call, Writer
from tests.support.fakes.publishing import ACTOR, FakePinner, FakeWriter, listed
from tests.support.fakes.registry import REGISTRY, UPLOADED, FakeRegistry, make_file, make_project
from tests.support.files.source_files import source_file
from tests.support.files.wheels import build_wheel

STRANGER = bytes.fromhex("c3" * 20)


class World:
    """A publisher over a registry in memory, whose time is two days after the first uploads."""

    def __init__(self, *projects: Project) -> None:
        self.registry = FakeRegistry(make_project("unrelated"), *projects)
        self.writer, self.pinner = FakeWriter(), FakePinner()
        self.now = UPLOADED + 2 * 86_400
        self.publisher = Publisher(
            address=REGISTRY,
            actor=ACTOR,
            registry=cast("Registry", self.registry),
            writer=cast("Writer", self.writer),
            pinners=[self.pinner],
            clock=lambda: self.now,
            sleep=lambda _: None,
        )

    def survey(self, *files: SourceFile) -> Survey:
        return survey(self.publisher, files, SilentReporter())

    def publish(self, dists: Sequence[Distribution]) -> list[Published | Finding]:
        return list(publish_each(self.publisher, dists, SilentReporter()))

    def lists(self, *dists: Distribution) -> None:
        """Let the registry list a project's files when its transaction is sent."""
        by_project: dict[str, Distribution] = {dist.project: dist for dist in dists}
        self.writer.on_send = lambda call: self.registry.put(
            make_project(call.project, listed(by_project[call.project]), owner=ACTOR)
        )


def texts(refusals: Sequence[Finding]) -> list[str]:
    return [str(refusal) for refusal in refusals]


def test_new_listed_and_conflicting_files() -> None:
    old, other, new = (source_file(f"a-1.0-{build}-py3-none-any.whl", content=b"%d" % build) for build in (1, 2, 3))
    page = make_project(
        "a",
        make_file(old.filename.text, "1.0", sha256=old.sha256),
        make_file(other.filename.text, "1.0", sha256=bytes(32)),
        owner=ACTOR,
    )
    found = World(page).survey(old, other, new)
    assert (found.listed, found.new) == ((old,), (new,))
    [refusal] = found.refusals
    assert refusal.subject == other.filename.text
    assert refusal.clause.startswith("is already published with other bytes")
    assert found.remarks == ()


def test_a_sealed_version_takes_no_more_files() -> None:
    world = World(make_project("a", make_file("a-1.0.tar.gz", "1.0"), owner=ACTOR))
    world.now += SEAL_SECONDS
    found = world.survey(source_file("a-1.0-py3-none-any.whl"), source_file("a-2.0.tar.gz"))
    assert [file.filename.text for file in found.new] == ["a-2.0.tar.gz"]
    assert "comes too late" in found.refusals[0].clause


@pytest.mark.parametrize(("until", "allowed"), [(0, False), (UPLOADED, False), (UPLOADED + 10 * 86_400, True)])
def test_projects_of_others_need_a_permission(until: int, allowed: bool) -> None:
    world = World(make_project("a", owner=STRANGER))
    world.writer.until["a"] = until
    found = world.survey(source_file("a-1.0.tar.gz"), source_file("a-2.0.tar.gz"))
    assert len(found.new) == (2 if allowed else 0)
    assert [each.subject for each in found.refusals] == ([] if allowed else ["a"])


def test_a_project_whose_files_are_all_listed_needs_none() -> None:
    file = source_file("a-1.0.tar.gz")
    page = make_project(
        "a", make_file("a-1.0.tar.gz", "1.0", sha256=file.sha256), owner=STRANGER, status=Status.ARCHIVED
    )
    found = World(page).survey(file)
    assert (found.listed, found.refusals) == ((file,), ())


def test_free_names_that_the_registry_would_not_give_away() -> None:
    world = World()
    world.writer.unclaimable["a"] = CallRefused("a is easily mistaken for 'b'")
    found = world.survey(source_file("a-1.0.tar.gz"), source_file("lib-1.0.tar.gz"))
    assert [file.filename.text for file in found.new] == ["lib-1.0.tar.gz"]
    assert texts(found.refusals) == ["a is easily mistaken for 'b'"]


def test_free_names_that_look_alike_are_a_remark() -> None:
    found = World().survey(source_file("foo-1.0.tar.gz"), source_file("f00-1.0.tar.gz"))
    assert len(found.new) == 2
    assert found.remarks == ("f00 is easily mistaken for foo: an open registry takes only foo",)


def test_a_registry_that_cannot_be_asked_stops_the_survey() -> None:
    world = World()
    world.registry.failure = RpcError("no endpoint answers")
    with pytest.raises(RpcError):
        world.survey(source_file("a-1.0.tar.gz"))


@pytest.fixture
def dists(tmp_path: Path) -> tuple[Distribution, ...]:
    return read_distributions([build_wheel(tmp_path, name) for name in ("first", "second", "third")])


def results(outcomes: Sequence[Published | Finding]) -> list[str]:
    return [str(each) if isinstance(each, Finding) else each.entry.project for each in outcomes]


def test_projects_are_published_one_after_the_other(dists: tuple[Distribution, ...]) -> None:
    world = World()
    world.lists(*dists)
    assert results(world.publish(dists)) == ["first", "second", "third"]
    assert [call.project for call in world.writer.sent] == ["first", "second", "third"]


def test_what_appeared_meanwhile_is_refused_or_skipped_and_stops_nothing(dists: tuple[Distribution, ...]) -> None:
    first, second, third = dists
    world = World(
        make_project("first", listed(first, sha256=bytes(32)), owner=ACTOR),
        make_project("second", listed(second), owner=ACTOR),
    )
    world.lists(third)
    conflict, published = results(world.publish(dists))
    assert conflict.startswith("first first-1.0-py3-none-any.whl is already published with other bytes")
    assert published == "third"
    assert [call.project for call in world.writer.sent] == ["third"]


def test_a_refused_claim_stops_nothing(dists: tuple[Distribution, ...]) -> None:
    world = World()
    world.lists(*dists)
    include = world.writer.on_send

    def refuse_first(call: Call) -> None:
        if call.project == "first":
            raise CallRefused("first was claimed by another account")
        include(call)

    world.writer.on_send = refuse_first
    assert results(world.publish(dists)) == ["first was claimed by another account", "second", "third"]


def test_an_error_that_would_meet_the_next_one_too_stops_it(dists: tuple[Distribution, ...]) -> None:
    world = World()

    def fail(_call: Call) -> None:
        raise TransactionError("not enough money")

    world.writer.on_send = fail
    with pytest.raises(TransactionError, match="not enough money"):
        world.publish(dists)
    assert world.writer.sent == []
