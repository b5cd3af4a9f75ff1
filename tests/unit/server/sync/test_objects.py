"""Objects that sync writes: METADATA, tried again until a gateway has it, and large pages."""

import hashlib
from dataclasses import replace

import pytest

from dipmp_lib.model.chains import ChainIds
from dipmp_lib.server.large_pages import LargePages
from dipmp_lib.server.sync.deadline import Deadline
from dipmp_lib.server.sync.objects import ObjectSync
from tests.support.fakes.object_store import MemoryObjects
from tests.support.fakes.registry import make_file, make_project, metadata_of
from tests.support.systems.sync import CHAIN_ID, METADATA, Blocks, SyncWorld

pytestmark = pytest.mark.slow


def test_metadata_that_no_gateway_has_is_tried_again(world: SyncWorld) -> None:
    missing = METADATA["foo-1.0-py3-none-any.whl"]
    del world.gateways.blocks[hashlib.sha256(missing).digest()]
    assert world.sync.run(60).metadata == 0
    checkpoint = world.archive.checkpoint(world.at)
    assert checkpoint is not None
    assert (checkpoint.owed, checkpoint.behind) == (frozenset({"foo"}), frozenset())
    assert world.kept("foo") == (2, world.now)
    world.gateways.blocks[hashlib.sha256(missing).digest()] = b"other bytes"
    world.later(300)
    world.sync.run(60)
    assert world.objects.objects == {}
    world.gateways.blocks[hashlib.sha256(missing).digest()] = missing
    world.later(300)
    assert world.sync.run(60).metadata == 1


def test_pages_too_large_for_a_function_are_written(world: SyncWorld) -> None:
    for batch in range(8):
        world.sim.release(world.model, "big", *(f"big-{batch}-{n}-py3-none-any.whl" for n in range(150)))
    summary = world.cold(
        objects=ObjectSync(world.objects, world.gateways, _Small(world.objects, ChainIds(CHAIN_ID)))
    ).run(60)
    assert summary.large == 1
    assert {key.rpartition("/")[2] for key in world.objects.objects if key.startswith("pages/")} == {
        f"{form}{end}" for form in ("json", "html", "text_html") for end in ("", ".gz")
    }


class _Small(LargePages):
    """Large pages of a server with a low limit."""

    def __init__(self, objects: MemoryObjects, chain_ids: ChainIds) -> None:
        super().__init__(objects, "https://pages.example", "https://index.example", chain_ids)

    def write(self, page: object, limit: int = 100_000) -> bool:
        return super().write(page, limit)  # type: ignore[arg-type]


WHEEL = make_file("foo-1.0-py3-none-any.whl", "1.0")
BODY = metadata_of(WHEEL.filename)
KEY = f"metadata/{hashlib.sha256(BODY).hexdigest()}"


def written(sync: ObjectSync, seconds: float = 60) -> tuple[int, bool, bool]:
    found = sync.run(make_project("foo", WHEEL), Deadline(seconds))
    return found.metadata, found.large, found.complete


def test_metadata_is_written_once_and_cached_for_ever() -> None:
    objects = MemoryObjects()
    sync = ObjectSync(objects, Blocks(BODY), None)
    assert [written(sync), written(sync)] == [(1, False, True), (0, False, True)]
    body, headers = objects.objects[KEY]
    assert (body, headers.cache_control) == (BODY, "public, max-age=31536000, immutable")
    assert [operation for operation, _ in objects.asked] == ["has", "put"]


def test_what_another_process_wrote_is_not_fetched_again() -> None:
    objects = MemoryObjects()
    assert written(ObjectSync(objects, Blocks(BODY), None)) == (1, False, True)
    assert written(ObjectSync(objects, Blocks(), None)) == (0, False, True)


def test_without_time_nothing_is_begun_and_the_page_is_incomplete() -> None:
    objects = MemoryObjects()
    assert written(ObjectSync(objects, Blocks(BODY), None), seconds=0) == (0, False, False)
    assert objects.asked == []


def test_a_bucket_that_is_down_leaves_the_page_incomplete() -> None:
    objects = MemoryObjects()
    objects.down = True
    assert written(ObjectSync(objects, Blocks(BODY), None)) == (0, False, False)


def test_other_bytes_from_a_gateway_are_never_written() -> None:
    objects, gateways = MemoryObjects(), Blocks()
    gateways.blocks[hashlib.sha256(BODY).digest()] = b"other bytes"
    assert written(ObjectSync(objects, gateways, None)) == (0, False, False)
    assert objects.objects == {}


def test_large_pages_are_written_as_policy_shows_them() -> None:
    objects = MemoryObjects()
    hide = lambda project: replace(project, files=project.files[:1])  # noqa: E731
    sync = ObjectSync(objects, Blocks(), _Small(objects, ChainIds(CHAIN_ID)), hide)
    many = make_project("foo", *(make_file(f"foo-{number}.0.tar.gz", f"{number}.0") for number in range(2000)))
    found = sync.run(many, Deadline(60))
    assert (found.large, found.complete, objects.objects) == (False, True, {})
