"""JSON-RPC methods of the embedded node, by name.

Source: ethereum/execution-apis; evm_* as development nodes have them.
Each takes the chain and the request's positional parameters as JSON values, optional ones as optional arguments, and
returns a JSON value. Raises RpcError; server.py refuses a wrong number of parameters.
"""

from collections.abc import Callable, Iterator
from importlib.metadata import version
from typing import Any

from ...errors import RpcError
from . import params
from .evm import BLOCK_GAS, Evm
from .execution import call, estimate
from .proofs import account_proof
from .pyevm import Header
from .transactions import PRIORITY_FEE, effective_gas_price
from .views import Json, block_view, hexed, log_views, receipt_view, transaction_view, word

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


MAX_PROOF_KEYS = 1024
MAX_FEE_BLOCKS = 1024


def get_balance(evm: Evm, address: object, block: object = "latest") -> str:
    """eth_getBalance."""
    return hex(evm.state_at(params.block(evm, block)).get_balance(params.address(address)))


def get_code(evm: Evm, address: object, block: object = "latest") -> str:
    """eth_getCode."""
    return hexed(evm.state_at(params.block(evm, block)).get_code(params.address(address)))


def get_storage_at(evm: Evm, address: object, slot: object, block: object = "latest") -> str:
    """eth_getStorageAt."""
    return word(evm.state_at(params.block(evm, block)).get_storage(params.address(address), params.slot(slot)))


def get_transaction_count(evm: Evm, address: object, block: object = "latest") -> str:
    """eth_getTransactionCount."""
    return hex(evm.state_at(params.block(evm, block)).get_nonce(params.address(address)))


def eth_call(evm: Evm, message: object, block: object = "latest") -> str:
    """eth_call. A call at "pending" runs at the next block's time, any other at its block's."""
    header = evm.next_header() if block == "pending" else params.block(evm, block)
    return hexed(call(evm, params.message(message), header))


def estimate_gas(evm: Evm, message: object, block: object = "pending") -> str:
    """eth_estimateGas. An estimate is for the next block, so "latest" and "pending" mean the same."""
    is_next = isinstance(block, str) and block in {"latest", "pending"}
    header = evm.next_header() if is_next else params.block(evm, block)
    return hex(estimate(evm, params.message(message), header))


def send_raw_transaction(evm: Evm, raw: object) -> str:
    """eth_sendRawTransaction. The transaction is in a block when this returns."""
    return hexed(evm.send(params.data(raw)))


def get_transaction_receipt(evm: Evm, transaction_hash: object) -> Json | None:
    """eth_getTransactionReceipt."""
    mined = evm.mined(params.data(transaction_hash, 32))
    return receipt_view(mined) if mined else None


def get_transaction_by_hash(evm: Evm, transaction_hash: object) -> Json | None:
    """eth_getTransactionByHash."""
    mined = evm.mined(params.data(transaction_hash, 32))
    return transaction_view(mined) if mined else None


def get_block_by_number(evm: Evm, block: object, full: object = False) -> Json | None:  # noqa: FBT002 (positional in JSON-RPC)
    """eth_getBlockByNumber."""
    return _block(evm, params.maybe_block(evm, block), full=bool(full))


def get_block_by_hash(evm: Evm, block_hash: object, full: object = False) -> Json | None:  # noqa: FBT002
    """eth_getBlockByHash."""
    return _block(evm, evm.header_by_hash(params.data(block_hash, 32)), full=bool(full))


def _block(evm: Evm, header: Header | None, *, full: bool) -> Json | None:
    return header and block_view(evm.block(header), evm.mined_in(header), full=full)


def gas_price(evm: Evm) -> str:
    """eth_gasPrice: enough for the next block."""
    return hex(evm.next_header().base_fee_per_gas + PRIORITY_FEE)


def fee_history(evm: Evm, count: object, newest: object, percentiles: object = None) -> Json:
    """eth_feeHistory. A block has one transaction, so every percentile is the tip of that one."""
    wanted = min(params.number(count), MAX_FEE_BLOCKS)
    last = params.block(evm, newest)
    first = max(0, last.block_number - wanted + 1)
    headers = list(evm.headers(first, last.block_number))
    after = evm.header(last.block_number + 1) or evm.next_header()
    history: Json = {
        "oldestBlock": hex(first),
        "baseFeePerGas": [hex(header.base_fee_per_gas) for header in [*headers, after]],
        "gasUsedRatio": [header.gas_used / BLOCK_GAS for header in headers],
        "baseFeePerBlobGas": ["0x1"] * (len(headers) + 1),
        "blobGasUsedRatio": [0.0] * len(headers),
    }
    if percentiles:
        width = len(params.array(percentiles, 100))
        history["reward"] = [[hex(_tip(evm, header))] * width for header in headers]
    return history


def _tip(evm: Evm, header: Header) -> int:
    mined = evm.mined_in(header)
    return effective_gas_price(mined.transaction, header) - header.base_fee_per_gas if mined else 0


def get_proof(evm: Evm, address: object, slots: object, block: object = "latest") -> Json:
    """eth_getProof."""
    keys = [params.slot(slot) for slot in params.array(slots, MAX_PROOF_KEYS)]
    return account_proof(evm.db, params.block(evm, block), params.address(address), keys)


def increase_time(evm: Evm, seconds: object) -> str:
    """evm_increaseTime: returns the whole shift so far."""
    return hex(evm.increase_time(params.number(seconds)))


def mine(evm: Evm, timestamp: object = None) -> str:
    """evm_mine, at `timestamp` if given and later than the head's."""
    evm.mine(None if timestamp is None else params.number(timestamp))
    return "0x0"


METHODS: dict[str, Callable[..., Any]] = {
    "web3_clientVersion": lambda _evm: f"dipmp/{version('dipmp-pkg')}/py-evm/{version('py-evm')}",
    "net_version": lambda evm: str(evm.chain_id),
    "net_listening": lambda _evm: True,
    "eth_chainId": lambda evm: hex(evm.chain_id),
    "eth_accounts": lambda _evm: [],
    "eth_syncing": lambda _evm: False,
    "eth_blockNumber": lambda evm: hex(evm.head.block_number),
    "eth_maxPriorityFeePerGas": lambda _evm: hex(PRIORITY_FEE),
    "eth_gasPrice": gas_price,
    "eth_feeHistory": fee_history,
    "eth_getBalance": get_balance,
    "eth_getCode": get_code,
    "eth_getStorageAt": get_storage_at,
    "eth_getTransactionCount": get_transaction_count,
    "eth_call": eth_call,
    "eth_estimateGas": estimate_gas,
    "eth_sendRawTransaction": send_raw_transaction,
    "eth_getTransactionReceipt": get_transaction_receipt,
    "eth_getTransactionByHash": get_transaction_by_hash,
    "eth_getBlockByNumber": get_block_by_number,
    "eth_getBlockByHash": get_block_by_hash,
    "eth_getLogs": find_logs,
    "eth_getProof": get_proof,
    "evm_increaseTime": increase_time,
    "evm_mine": mine,
}
