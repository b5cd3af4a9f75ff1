"""The audit of files: which are chosen, and what each gateway delivers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dipmp_lib.server.sync.audit import audit, sample
from dipmp_lib.server.sync.deadline import Deadline
from dipmp_lib.telemetry import Event
from tests.support.fakes.registry import make_file
from tests.support.fakes.telemetry import RecordedTelemetry
from tests.support.systems.sync import Blocks, SyncWorld

pytestmark = pytest.mark.slow


def test_files_are_audited_on_each_gateway_alone(world: SyncWorld) -> None:
    world.sync.run(60)
    has, lacks = Blocks(b"foo-1.0-py3-none-any.whl", b"bar-1.0.tar.gz"), Blocks()
    seen = set()
    for _ in range(4):
        summary = world.cold(gateways={"good": has, "empty": lacks}).run(60)
        assert (summary.audited, summary.gateways, summary.missing) == (1, {"good": 1, "empty": 0}, [])
        seen.update(world.cold(gateways={"empty": lacks}).run(60).missing)
        world.later(60)
    assert seen == {f"{world.at}/foo/foo-1.0-py3-none-any.whl", f"{world.at}/bar/bar-1.0.tar.gz"}


FILES = [make_file(f"demo_pkg-{number}.0.tar.gz", f"{number}.0") for number in range(5)]


@given(st.integers(0, 20), st.integers(1, 7), st.integers(0, 1000))
def test_over_consecutive_turns_every_file_comes_as_often(size: int, count: int, turn: int) -> None:
    files = [make_file(f"demo_pkg-{number}.0.tar.gz", f"{number}.0") for number in range(size)]
    taken = [file for each in range(turn, turn + size) for file in sample(files, each, count)]
    assert all(taken.count(file) == min(count, size) for file in files)


def test_a_sample_has_no_file_twice() -> None:
    assert sample(FILES, 1, 3) == [FILES[3], FILES[4], FILES[0]]
    assert len(set(sample(FILES, 7, 99))) == len(FILES)
    assert sample([], 3) == []


def test_a_file_that_no_gateway_delivers_is_missing_and_told() -> None:
    telemetry = RecordedTelemetry()
    gateways = {"a": Blocks(FILES[0].filename.encode()), "b": Blocks()}
    found = audit(FILES[:2], gateways, Deadline(60), telemetry)
    assert (found.files, found.missing, found.delivered) == (2, [FILES[1].filename], {"a": 1, "b": 0})
    assert telemetry.events == [Event.FILE_MISSING]
    assert telemetry.facts == [{"filename": FILES[1].filename}]


def test_after_the_deadline_no_file_is_begun() -> None:
    found = audit(FILES, {"a": Blocks()}, Deadline(0))
    assert (found.files, found.missing, found.delivered) == (0, [], {"a": 0})
