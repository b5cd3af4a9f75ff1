"""Table of DynamoDB, with the few operations that a log archive needs; each is one call."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from .client import aws, call
from .items import LOG, Item, text

CONFLICT = "ConditionalCheckFailedException"


class Table:
    """A table with the string keys `pk` and `sk`. All methods raise StoreError, for a failed condition AwsError."""

    def __init__(self, name: str, client: Callable[[], Any] | None = None) -> None:
        self._name = name
        self._client = client or partial(aws, "dynamodb")

    def get(self, pk: str, sk: str, *, consistent: bool = False) -> Item | None:
        """Return an item, None where there is none; a `consistent` read sees every earlier write."""
        found = self._call("get_item", Key=_key(pk, sk), ConsistentRead=consistent)
        item: Item | None = found.get("Item")
        return item

    def put(self, item: Item, condition: str = "", **values: Item) -> None:
        """Put an item in place of an older one, if `condition` holds: `#name` is an attribute, `:name` a value."""
        self._call("put_item", Item=item, **_condition(condition, values))

    def set(self, pk: str, sk: str, changes: Item, condition: str, **values: Item) -> None:
        """Set some attributes of an item if `condition` holds."""
        update = "SET " + ", ".join(f"#{name} = :new_{name}" for name in changes)
        given = values | {f"new_{name}": value for name, value in changes.items()}
        arguments = _condition(condition, given)
        arguments["ExpressionAttributeNames"] |= {f"#{name}": name for name in changes}
        self._call("update_item", Key=_key(pk, sk), UpdateExpression=update, **arguments)

    def any(self, pk: str) -> bool:
        """Tell whether a partition has an item."""
        return bool(self._call("query", Limit=1, **_of_partition(pk))["Items"])

    def logs(self, pk: str) -> Iterator[Item]:
        """Yield the head items of a partition, with the attributes `sk`, `word`, `head` and `confirmed` only."""
        wanted = _of_partition(pk, LOG) | {"ProjectionExpression": "sk, #word, #head, #confirmed"}
        wanted["ExpressionAttributeNames"] = {f"#{name}": name for name in ("word", "head", "confirmed")}
        start: dict[str, Any] = {}
        while True:
            answer = self._call("query", **wanted, **start)
            yield from answer["Items"]
            if "LastEvaluatedKey" not in answer:
                return
            start = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}

    def _call(self, operation: str, **arguments: object) -> Any:  # noqa: ANN401 - what boto3 returns
        return call(getattr(self._client(), operation), TableName=self._name, **arguments)


def _key(pk: str, sk: str) -> Item:
    return {"pk": text(pk), "sk": text(sk)}


def _condition(condition: str, values: Item) -> dict[str, Any]:
    """Return the arguments for a condition, with a placeholder for each attribute: many names are reserved words."""
    if not condition:
        return {}
    names = {word: word[1:] for word in condition.replace("(", " ").replace(")", " ").split() if word[0] == "#"}
    arguments: dict[str, Any] = {"ConditionExpression": condition, "ExpressionAttributeNames": names}
    if values:
        arguments["ExpressionAttributeValues"] = {f":{name}": value for name, value in values.items()}
    return arguments


def _of_partition(pk: str, prefix: str = "") -> dict[str, Any]:
    values = {":pk": text(pk)} | ({":prefix": text(prefix)} if prefix else {})
    condition = "pk = :pk" + (" AND begins_with(sk, :prefix)" if prefix else "")
    return {"KeyConditionExpression": condition, "ExpressionAttributeValues": values}
