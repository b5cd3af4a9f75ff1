"""eth_getLogs, for explorers and tools; dipmp itself never reads event logs."""

from collections.abc import Iterator

from ..errors import RpcError
from . import params
from .evm import Evm
from .views import Json, log_views

MAX_LOGS = 10_000


def find_logs(evm: Evm, query: object) -> list[Json]:
    """Return the logs that match a filter object. Raises RpcError for a bad filter or more than MAX_LOGS matches."""
    fields = params.mapping(query)
    addresses = _choices(fields.get("address"), 20)
    topics = [_choices(topic, 32) for topic in params.array(fields.get("topics") or [], 4)]
    found = [log for log in _logs(evm, fields) if _matches(log, addresses, topics)]
    if len(found) > MAX_LOGS:
        raise RpcError(f"query returned more than {MAX_LOGS} results", code=-32005)
    return found


def _choices(value: object, length: int) -> set[str]:
    """Parse one value or a list of alternatives; the empty set stands for "any"."""
    items = [] if value is None else params.array(value, 1000) if isinstance(value, list) else [value]
    return {"0x" + params.data(item, length).hex() for item in items}


def _logs(evm: Evm, fields: dict[str, object]) -> Iterator[Json]:
    if "blockHash" in fields:
        first = last = params.block(evm, {"blockHash": fields["blockHash"]}).block_number
    else:
        first = params.block(evm, fields.get("fromBlock", "latest")).block_number
        last = params.block(evm, fields.get("toBlock", "latest")).block_number
    for header in evm.headers(first, last):
        mined = evm.mined_in(header) if header.bloom else None
        yield from log_views(mined) if mined else ()


def _matches(log: Json, addresses: set[str], topics: list[set[str]]) -> bool:
    if addresses and log["address"].lower() not in addresses:
        return False
    if len(topics) > len(log["topics"]):
        return False
    return all(not wanted or topic in wanted for wanted, topic in zip(topics, log["topics"], strict=False))
