"""Which logs new entries belong to, and how a run and its checkpoint lead to the next one."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from dipmp_lib.log.blob import parse_blob
from dipmp_lib.registry import ArchivedHead, Checkpoint
from dipmp_lib.server.sync.audit import sample
from dipmp_lib.server.sync.scan import SWEEP_SECONDS, ScanResult, conclude, plan, touched
from tests.support.exploring import examples
from tests.support.fakes.chain import ChainSimulator
from tests.support.fakes.registry import make_file
from tests.support.model.contract import project_id

NAMES = ("foo", "bar", "baz")
T = 1_700_000_000.0
BEFORE = Checkpoint(total=5, tip=b"t" * 32, confirmed=T, swept=T)
STORED = {name: ArchivedHead(b"", number, T) for number, name in enumerate(("", *NAMES), 2)}


@settings(max_examples=examples(60))
@given(st.lists(st.sampled_from(NAMES), max_size=12), st.lists(st.sampled_from(NAMES), max_size=12))
def test_new_entries_are_attributed_as_the_contract_wrote_them(before: list[str], after: list[str]) -> None:
    sim = ChainSimulator()
    model = sim.deploy()
    for number, name in enumerate(before):
        sim.release(model, name, f"{name}-{number}.tar.gz")
    lasts = {name: log.last for name in ("", *NAMES) if (log := model.logs.get(project_id(name))) and log.last}
    known = len(model.blobs)
    for number, name in enumerate(after):
        sim.release(model, name, f"{name}-1{number}.tar.gz")
    blobs = [(nonce, parse_blob(raw)) for nonce, raw in enumerate(model.blobs, 1) if nonce > known]
    claimed = {""} if set(after) - set(before) else set()
    assert touched(blobs, lasts) == frozenset(after) | claimed


def test_what_continues_no_known_log_asks_for_a_sweep() -> None:
    sim = ChainSimulator()
    model = sim.deploy()
    sim.release(model, "foo", "foo-1.tar.gz")
    sim.release(model, "foo", "foo-2.tar.gz")
    assert touched([(3, parse_blob(model.blobs[2]))], {"foo": 1}) is None
    assert touched([(3, parse_blob(model.blobs[2]))], {"foo": 2}) == frozenset({"foo"})
    nameless = replace(parse_blob(model.blobs[0]), payload=b"\xff" * 40)
    assert touched([(1, nameless)], {}) is None


def test_without_news_only_the_registry_itself_is_read() -> None:
    work = plan(BEFORE, ScanResult(5, b"t" * 32, ()), STORED, T + 60)
    assert work.names == ("",)
    done = conclude(work.checkpoint, began=T + 60, left=(), failed=(), owed=())
    assert done == replace(BEFORE, confirmed=T + 60)


def test_what_was_left_or_failed_comes_first_and_is_not_covered() -> None:
    behind = replace(BEFORE, behind=frozenset({"baz"}))
    work = plan(behind, ScanResult(5, b"t" * 32, ()), STORED, T + 60)
    assert work.names == ("", "baz")
    done = conclude(work.checkpoint, began=T + 60, left=["baz"], failed=["foo"], owed=["bar"])
    assert (done.behind, done.owed, done.confirmed) == (frozenset({"baz", "foo"}), frozenset({"bar"}), T + 60)


def test_a_sweep_begins_when_nothing_is_known_when_histories_part_and_from_time_to_time() -> None:
    for before, news, now in (
        (None, ScanResult(5, b"t" * 32, None), T),
        (BEFORE, ScanResult(5, b"x" * 32, None), T),
        (BEFORE, ScanResult(5, b"t" * 32, ()), T + SWEEP_SECONDS + 1),
    ):
        work = plan(before, news, STORED, now + 1)
        assert set(work.names) == {"", *NAMES}
        assert work.checkpoint.sweeping == now + 1


def test_a_sweep_goes_on_over_several_runs_and_confirms_only_at_its_end() -> None:
    stored, now = dict(STORED), T + SWEEP_SECONDS + 100
    work = plan(BEFORE, ScanResult(5, b"t" * 32, ()), stored, now)
    stored["foo"] = replace(stored["foo"], confirmed=now + 1)
    half = conclude(work.checkpoint, began=now, left=["bar", "baz"], failed=(), owed=())
    assert (half.confirmed, half.sweeping, half.behind) == (T, now, frozenset())
    work = plan(half, ScanResult(5, b"t" * 32, ()), stored, now + 300)
    assert work.names == ("", "bar", "baz")
    done = conclude(work.checkpoint, began=now + 300, left=(), failed=["baz"], owed=())
    assert (done.confirmed, done.sweeping, done.swept, done.behind) == (now + 300, 0.0, now, frozenset({"baz"}))


def test_a_sample_comes_to_every_file_in_turn() -> None:
    files = [make_file(f"foo-{n}.tar.gz", str(n)) for n in range(8)]
    seen = [file.filename for turn in range(8) for file in sample(files, turn)]
    assert {seen.count(file.filename) for file in files} == {3}
    assert sample([], 3) == []
    assert sample(files[:2], 5) == [files[1], files[0]]
