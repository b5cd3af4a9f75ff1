"""What is kept for when no chain can be read, and what is served from it."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from dipmp_lib.aws.archive import DynamoArchive
from dipmp_lib.aws.client import aws
from dipmp_lib.aws.table import Table
from dipmp_lib.chains import ChainIds
from dipmp_lib.store import Kept
from tests.support.fakeaws import TABLE, fake_aws
from tests.support.storedlogs import AT, CHAIN_ID, make_log

T = 1_700_000_000.0


@pytest.fixture
def archive() -> Iterator[DynamoArchive]:
    with fake_aws():
        yield DynamoArchive(Table(TABLE), ChainIds(CHAIN_ID))


def count_in(archive: DynamoArchive) -> int:
    kept = archive.load(AT, "foo")
    return len(kept.log.blobs) if kept else 0


def test_C3_of_concurrent_writers_the_newest_log_stays_and_readers_see_whole_ones(archive: DynamoArchive) -> None:
    """C3: six writers with logs of every age, shuffled; readers meanwhile see verified logs that only grow."""
    aws("dynamodb")
    rising: list[int] = []
    failures: list[BaseException] = []
    done = threading.Event()

    def write(start: int) -> None:
        try:
            for step in range(12):
                count = 1 + (start * 7 + step * 5) % 12
                archive.save(AT, make_log(count), T + 61 * count)
        except BaseException as error:  # noqa: BLE001 - whatever it is, the test shows it
            failures.append(error)

    def read() -> None:
        while not done.is_set():
            rising.append(count_in(archive))

    writers = [threading.Thread(target=write, args=(number,)) for number in range(6)]
    reader = threading.Thread(target=read)
    for thread in (reader, *writers):
        thread.start()
    for thread in writers:
        thread.join(60)
    done.set()
    reader.join(60)
    assert failures == []
    assert rising == sorted(rising)
    assert count_in(archive) == 12
    print(f"C3: 72 writes by 6 writers, {len(rising)} reads meanwhile, each whole, none older than the one before")


def test_C3_a_writer_that_was_overtaken_compares_again(archive: DynamoArchive, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between an older writer's look at the head item and its write, a newer log arrives."""
    archive.save(AT, make_log(2), T)
    original = Table.put
    raced: list[bool] = []

    def overtaken(self: Table, item: Any, condition: str = "", **values: Any) -> None:  # noqa: ANN401
        if item["sk"]["S"] == "log/foo" and not raced:
            raced.append(True)
            archive.save(AT, make_log(9), T + 90)
        original(self, item, condition, **values)

    monkeypatch.setattr(Table, "put", overtaken)
    assert not archive.save(AT, make_log(4), T + 30)
    assert archive.load(AT, "foo") == Kept(make_log(9), T + 90)
