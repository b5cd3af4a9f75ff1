"""The archive in DynamoDB: what goes in comes out, an older log never replaces a newer one, nobody sees half a log."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import boto3
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dipmp_lib.aws.archive import DynamoArchive
from dipmp_lib.aws.items import KEEP_SECONDS
from dipmp_lib.aws.table import Table
from dipmp_lib.errors import InvalidAddress, StoreError
from dipmp_lib.log.blob import MAX_PAYLOAD
from dipmp_lib.log.log import Log
from dipmp_lib.model.chains import ChainIds
from dipmp_lib.model.names import RegistryAddress
from dipmp_lib.registry import ArchivedHead, ArchivedLog, Checkpoint
from dipmp_lib.telemetry import Event
from tests.support.exploring import examples
from tests.support.fakes.aws import TABLE, fake_aws, items
from tests.support.fakes.telemetry import RecordedTelemetry
from tests.support.files.stored_logs import AT, CHAIN_ID, make_log

pytestmark = pytest.mark.slow

T = 1_700_000_000.0


@pytest.fixture
def telemetry() -> RecordedTelemetry:
    return RecordedTelemetry()


@pytest.fixture
def archive(telemetry: RecordedTelemetry) -> Iterator[DynamoArchive]:
    with fake_aws():
        yield DynamoArchive(Table(TABLE), ChainIds(CHAIN_ID), telemetry)


def count_in(archive: DynamoArchive) -> int:
    stored = archive.load(AT, "foo")
    return len(stored.log.blobs) if stored else 0


def test_what_is_saved_is_loaded_by_anybody(archive: DynamoArchive) -> None:
    assert archive.load(AT, "foo") is None
    assert archive.save(AT, make_log(5), T)
    other = DynamoArchive(Table(TABLE), ChainIds(CHAIN_ID))
    assert other.load(AT, "foo") == ArchivedLog(make_log(5), T)
    assert other.load(AT, "bar") is None
    assert other.load(RegistryAddress(b"\x02" * 20), "foo") is None


def test_the_default_chain_may_be_named(archive: DynamoArchive) -> None:
    archive.save(AT, make_log(2), T)
    assert archive.load(RegistryAddress(AT.address, "base"), "foo") == ArchivedLog(make_log(2), T)
    assert archive.load(RegistryAddress(AT.address, "eth"), "foo") is None
    with pytest.raises(InvalidAddress):
        DynamoArchive(Table(TABLE), ChainIds(None)).load(AT, "foo")


def test_a_long_log_takes_items_below_the_limit_and_comes_back_whole(archive: DynamoArchive) -> None:
    log = make_log(60, payload=MAX_PAYLOAD)
    archive.save(AT, log, T)
    assert archive.load(AT, "foo") == ArchivedLog(log, T)
    assert len([item for item in items() if item["sk"]["S"].startswith("page/")]) > 3


@settings(max_examples=examples(12))
@given(st.lists(st.tuples(st.integers(1, 6), st.sampled_from([b"", b"fork"]), st.integers(0, 500)), max_size=8))
def test_what_is_kept_follows_the_rule_whatever_is_saved(
    archive: DynamoArchive, saves: list[tuple[int, bytes, int]]
) -> None:
    """The model: longer histories win, other histories and slots only if later, beginnings never."""
    boto = boto3.client("dynamodb")
    for item in items():
        boto.delete_item(TableName=TABLE, Key={"pk": item["pk"], "sk": item["sk"]})
    stored: ArchivedLog | None = None
    for count, tag, after in saves:
        log = make_log(count, tag=tag)
        if stored is None or log.extends(stored.log):
            stored = ArchivedLog(log, T + after)
        elif log == stored.log:
            stored = ArchivedLog(log, T + after) if T + after - stored.confirmed >= 60 else stored
        elif not stored.log.extends(log) and T + after > stored.confirmed:
            stored = ArchivedLog(log, T + after)
        archive.save(AT, log, T + after)
        assert archive.load(AT, "foo") == stored


def test_a_beginning_replaces_only_if_the_chain_dropped_the_rest(archive: DynamoArchive) -> None:
    archive.save(AT, make_log(5), T)
    assert not archive.save(AT, make_log(3), T + 1000)
    assert not archive.save(AT, make_log(3), T - 1, truncate=True)
    assert count_in(archive) == 5
    assert archive.save(AT, make_log(3), T + 1000, truncate=True)
    assert archive.load(AT, "foo") == ArchivedLog(make_log(3), T + 1000)


def test_another_history_replaces_a_longer_one_if_it_was_verified_later(archive: DynamoArchive) -> None:
    archive.save(AT, make_log(5), T)
    assert not archive.save(AT, make_log(3, tag=b"fork"), T)
    assert archive.save(AT, make_log(3, tag=b"fork"), T + 1)
    assert archive.load(AT, "foo") == ArchivedLog(make_log(3, tag=b"fork"), T + 1)
    assert not archive.save(AT, make_log(9, tag=b"other"), T - 5)


def test_the_rest_of_the_slot_is_corrected(archive: DynamoArchive) -> None:
    log = make_log(3)
    corrected = replace(log, slot=replace(log.slot, last=77, status=1))
    archive.save(AT, log, T)
    assert not archive.save(AT, corrected, T)
    assert archive.save(AT, corrected, T + 1)
    assert archive.load(AT, "foo") == ArchivedLog(corrected, T + 1)


def test_confirming_costs_one_write_a_minute_at_most(archive: DynamoArchive, monkeypatch: pytest.MonkeyPatch) -> None:
    archive.save(AT, make_log(5), T)
    writes: list[str] = []
    original = Table._call

    def counting(self: Table, operation: str, **arguments: object) -> Any:  # noqa: ANN401
        writes.extend([operation] if operation != "get_item" else [])
        return original(self, operation, **arguments)

    monkeypatch.setattr(Table, "_call", counting)
    for second in range(0, 180, 5):
        archive.save(AT, make_log(5), T + second)
    assert writes == ["update_item"] * 2
    stored = archive.load(AT, "foo")
    assert stored is not None
    assert stored.confirmed == T + 120


def test_appending_writes_the_last_page_only(archive: DynamoArchive) -> None:
    archive.save(AT, make_log(40, payload=MAX_PAYLOAD), T)
    before = {item["sk"]["S"] for item in items()}
    archive.save(AT, make_log(41, payload=MAX_PAYLOAD), T + 1)
    new = {item["sk"]["S"] for item in items()} - before
    assert len(new) == 1
    assert count_in(archive) == 41


def test_pages_outlive_the_heads_that_name_them(archive: DynamoArchive) -> None:
    def expiries(kind: str) -> list[int]:
        return [int(item["expires"]["N"]) for item in items() if item["sk"]["S"].startswith(kind)]

    count, now = 5, T
    for month in range(6):
        now = T + month * KEEP_SECONDS * 0.9
        count += month % 2
        archive.save(AT, make_log(count), now)
        live = max(expiries("page/"))
        assert expiries("log/") == [int(now + KEEP_SECONDS)]
        assert live > expiries("log/")[0]
    assert count_in(archive) == count


def test_a_registry_is_known_once_anything_of_it_is_stored(archive: DynamoArchive) -> None:
    assert not archive.knows(AT)
    archive.save(AT, make_log(1), T)
    assert archive.knows(AT)
    assert not archive.knows(RegistryAddress(AT.address, "eth"))


def test_contents_say_what_is_kept(archive: DynamoArchive) -> None:
    for name in ("foo", "bar"):
        archive.save(AT, make_log(3, name), T)
    stored = archive.contents(AT)
    assert stored == {name: ArchivedHead(make_log(3, name).head, 3, T) for name in ("foo", "bar")}


def test_a_checkpoint_covers_every_log_but_those_behind(archive: DynamoArchive) -> None:
    for name in ("foo", "bar"):
        archive.save(AT, make_log(3, name), T)
    checkpoint = Checkpoint(total=6, tip=bytes(32), confirmed=T + 90, behind=frozenset({"bar", ""}), owed=frozenset())
    archive.set_checkpoint(AT, checkpoint)
    assert archive.checkpoint(AT) == checkpoint
    assert [stored.confirmed for name in ("foo", "bar") if (stored := archive.load(AT, name))] == [T + 90, T]
    archive.set_checkpoint(AT, replace(checkpoint, confirmed=T + 80, total=5))
    assert archive.checkpoint(AT) == checkpoint


def _spoil(sk: str, attribute: str, value: object) -> None:
    boto = boto3.client("dynamodb")
    for item in items():
        if item["sk"]["S"].startswith(sk):
            boto.put_item(TableName=TABLE, Item={**item, attribute: value})


@pytest.mark.parametrize(
    ("sk", "attribute", "value"),
    [
        ("page/", "data", {"B": b"garbage"}),
        ("page/", "data", {"S": "text"}),
        ("log/", "head", {"B": bytes(32)}),
        ("log/", "word", {"B": bytes(32)}),
        ("log/", "pages", {"B": bytes(32)}),
    ],
)
def test_what_does_not_verify_is_told_ignored_and_healed(
    archive: DynamoArchive, telemetry: RecordedTelemetry, sk: str, attribute: str, value: object
) -> None:
    archive.save(AT, make_log(5), T)
    _spoil(sk, attribute, value)
    assert archive.load(AT, "foo") is None
    assert telemetry.events == [Event.STORE_FAILED]
    archive.save(AT, make_log(6), T + 1)
    assert count_in(archive) == 6


def test_foreign_items_are_an_error_that_says_so(archive: DynamoArchive) -> None:
    archive.save(AT, make_log(5), T)
    _spoil("log/", "confirmed", {"S": "soon"})
    with pytest.raises(StoreError, match="not dipmp's"):
        archive.load(AT, "foo")


def test_a_table_that_is_not_there_is_an_error_that_names_no_secret(archive: DynamoArchive) -> None:
    with pytest.raises(StoreError, match="ResourceNotFoundException") as caught:
        DynamoArchive(Table("another"), ChainIds(CHAIN_ID)).load(AT, "foo")
    assert "testing" not in str(caught.value)


def test_a_database_that_is_not_there_is_an_error_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    with fake_aws():
        pass
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    with pytest.raises(StoreError, match="EndpointConnectionError"):
        DynamoArchive(Table(TABLE, lambda: boto3.client("dynamodb")), ChainIds(CHAIN_ID)).load(AT, "foo")


def test_writers_that_never_get_a_turn_give_up(archive: DynamoArchive, monkeypatch: pytest.MonkeyPatch) -> None:
    archive.save(AT, make_log(2), T)
    original = DynamoArchive._replaces

    def overtaken(self: DynamoArchive, registry: RegistryAddress, log: Log, *rest: Any, **more: Any) -> bool:  # noqa: ANN401
        _spoil("log/", "version", {"S": str(threading.get_ident())})
        _spoil("log/", "confirmed", {"N": str(int(T * 1000) + len(items()))})
        return original(self, registry, log, *rest, **more)

    monkeypatch.setattr(DynamoArchive, "_replaces", overtaken)
    with pytest.raises(StoreError, match="others keep writing"):
        archive.save(AT, make_log(4), T + 30)
