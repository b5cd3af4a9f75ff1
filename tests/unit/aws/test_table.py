"""The table's operations against DynamoDB by moto: conditions, and queries of several pages."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from dipmp_lib.aws.client import AwsError
from dipmp_lib.aws.items import text
from dipmp_lib.aws.table import CONFLICT, Table
from tests.support.fakes.aws import TABLE, fake_aws

pytestmark = pytest.mark.slow

PK = "1/0x00"


@pytest.fixture
def table() -> Iterator[Table]:
    with fake_aws():
        yield Table(TABLE)


def item(sk: str, **attributes: str) -> dict[str, Any]:
    return {"pk": text(PK), "sk": text(sk)} | {name: text(value) for name, value in attributes.items()}


def test_what_is_put_is_got(table: Table) -> None:
    assert table.get(PK, "log/foo") is None
    assert not table.any(PK)
    table.put(item("log/foo", word="1"))
    table.put(item("log/foo", word="2"))
    assert table.get(PK, "log/foo", consistent=True) == item("log/foo", word="2")
    assert table.any(PK)
    assert not table.any("1/0x01")


def test_a_condition_that_does_not_hold_changes_nothing(table: Table) -> None:
    table.put(item("log/foo", word="1"), "attribute_not_exists( #pk )")
    with pytest.raises(AwsError) as caught:
        table.put(item("log/foo", word="2"), "attribute_not_exists( #pk )")
    assert caught.value.code == CONFLICT
    table.put(item("log/foo", word="2"), "#word = :before", before=text("1"))
    with pytest.raises(AwsError):
        table.put(item("log/foo", word="3"), "#word = :before", before=text("1"))
    assert table.get(PK, "log/foo") == item("log/foo", word="2")


def test_attributes_are_set_one_by_one(table: Table) -> None:
    table.put(item("log/foo", word="1", version="a", expires="0"))
    table.set(PK, "log/foo", {"word": text("2"), "expires": text("9")}, "#version = :version", version=text("a"))
    assert table.get(PK, "log/foo") == item("log/foo", word="2", version="a", expires="9")
    with pytest.raises(AwsError):
        table.set(PK, "log/foo", {"word": text("3")}, "#version = :version", version=text("b"))
    with pytest.raises(AwsError):
        table.set(PK, "log/none", {"word": text("3")}, "attribute_exists( #pk )")
    assert table.get(PK, "log/none") is None


def test_logs_are_head_items_with_four_attributes(table: Table) -> None:
    names = ("word", "head", "confirmed", "version")
    for sk in ("log/", "log/foo", "page/foo/00", "checkpoint"):
        table.put(item(sk, **dict.fromkeys(names, "x")))
    found = list(table.logs(PK))
    assert [each["sk"]["S"] for each in found] == ["log/", "log/foo"]
    assert all(set(each) == {"sk", "word", "head", "confirmed"} for each in found)


def test_logs_of_more_than_one_answer_are_all_read(table: Table) -> None:
    class Paged:
        """Answers one item at a time, as DynamoDB does with 1 MB."""

        def __init__(self) -> None:
            self.boto = boto3.client("dynamodb")
            self.asked = 0

        def query(self, **arguments: Any) -> Any:  # noqa: ANN401
            self.asked += 1
            return self.boto.query(**arguments, Limit=1)

    for number in range(4):
        table.put(item(f"log/p{number}", word="x"))
    paged = Paged()
    assert [each["sk"]["S"] for each in Table(TABLE, lambda: paged).logs(PK)] == [
        f"log/p{number}" for number in range(4)
    ]
    assert paged.asked >= 4
