"""Blocks, transactions, receipts and logs as JSON-RPC shows them (ethereum/execution-apis schemas)."""

from typing import Any

import rlp

from ...keccak import keccak256
from ...model.names import checksum_address
from .evm import Mined
from .pyevm import Block, Header, Log, Transaction
from .transactions import effective_gas_price

Json = dict[str, Any]


def hexed(value: bytes) -> str:
    """Return bytes as DATA."""
    return "0x" + value.hex()


def word(value: int) -> str:
    """Return an integer as 32 bytes of DATA."""
    return f"0x{value:064x}"


def header_view(header: Header) -> Json:
    """Return every field of a Prague header, so that readers can compute the block's hash."""
    return {
        "number": hex(header.block_number),
        "hash": hexed(header.hash),
        "parentHash": hexed(header.parent_hash),
        "nonce": hexed(header.nonce),
        "sha3Uncles": hexed(header.uncles_hash),
        "logsBloom": f"0x{header.bloom:0512x}",
        "transactionsRoot": hexed(header.transaction_root),
        "stateRoot": hexed(header.state_root),
        "receiptsRoot": hexed(header.receipt_root),
        "miner": checksum_address(header.coinbase),
        "difficulty": hex(header.difficulty),
        "extraData": hexed(header.extra_data),
        "gasLimit": hex(header.gas_limit),
        "gasUsed": hex(header.gas_used),
        "timestamp": hex(header.timestamp),
        "mixHash": hexed(header.mix_hash),
        "baseFeePerGas": hex(header.base_fee_per_gas),
        "withdrawalsRoot": hexed(header.withdrawals_root),
        "blobGasUsed": hex(header.blob_gas_used),
        "excessBlobGas": hex(header.excess_blob_gas),
        "parentBeaconBlockRoot": hexed(header.parent_beacon_block_root),
        "requestsHash": hexed(header.requests_hash),
    }


def block_view(block: Block, mined: Mined | None, *, full: bool) -> Json:
    """Return a block with its transaction's hash, or the transaction itself if `full`."""
    shown = [transaction_view(mined) if full else hexed(mined.transaction.hash)] if mined else []
    body = {"size": hex(len(rlp.encode(block))), "uncles": [], "withdrawals": [], "transactions": shown}
    return header_view(block.header) | body


def transaction_view(mined: Mined) -> Json:
    """Return a transaction in its block."""
    transaction, kind = mined.transaction, kind_of(mined.transaction)
    common = {
        "type": hex(kind),
        "nonce": hex(transaction.nonce),
        "value": hex(transaction.value),
        "gas": hex(transaction.gas),
        "input": hexed(transaction.data),
        "gasPrice": hex(effective_gas_price(transaction, mined.header)),
        "r": hex(transaction.r),
        "s": hex(transaction.s),
    }
    if transaction.chain_id is not None:
        common["chainId"] = hex(transaction.chain_id)
    return common | _place(mined, "hash") | _parties(mined) | _typed_fields(transaction, kind)


def kind_of(transaction: Transaction) -> int:
    """Return the EIP-2718 type; 0 for legacy transactions, which have none."""
    return int(transaction.type_id or 0)


def _typed_fields(transaction: Transaction, kind: int) -> Json:
    if kind == 0:
        return {"v": hex(transaction.v)}
    parity = hex(transaction.y_parity)
    entries = [
        {"address": checksum_address(a), "storageKeys": [word(k) for k in keys]} for a, keys in transaction.access_list
    ]
    fields: Json = {"v": parity, "yParity": parity, "accessList": entries}
    if kind >= 2:
        fields["maxFeePerGas"] = hex(transaction.max_fee_per_gas)
        fields["maxPriorityFeePerGas"] = hex(transaction.max_priority_fee_per_gas)
    if kind == 4:
        fields["authorizationList"] = [_authorization(item) for item in transaction.authorization_list]
    return fields


def _authorization(item: Any) -> Json:  # noqa: ANN401 (py-evm's interface lacks the fields of EIP-7702)
    numbers = {"chainId": item.chain_id, "nonce": item.nonce, "yParity": item.y_parity, "r": item.r, "s": item.s}
    return {"address": checksum_address(item.address)} | {key: hex(value) for key, value in numbers.items()}


def _parties(mined: Mined) -> Json:
    transaction = mined.transaction
    return {
        "from": checksum_address(transaction.sender),
        "to": checksum_address(transaction.to) if transaction.to else None,
    }


def _place(mined: Mined, key: str) -> Json:
    return {
        "blockHash": hexed(mined.header.hash),
        "blockNumber": hex(mined.header.block_number),
        "transactionIndex": "0x0",
        key: hexed(mined.transaction.hash),
    }


def receipt_view(mined: Mined) -> Json:
    """Return a transaction's receipt. It is alone in its block, so its gas is the block's."""
    transaction, receipt = mined.transaction, mined.receipt
    created = None if transaction.to else created_address(transaction.sender, transaction.nonce)
    return (
        _place(mined, "transactionHash")
        | _parties(mined)
        | {
            "type": hex(kind_of(transaction)),
            "status": "0x1" if receipt.state_root == b"\x01" else "0x0",
            "gasUsed": hex(receipt.gas_used),
            "cumulativeGasUsed": hex(receipt.gas_used),
            "effectiveGasPrice": hex(effective_gas_price(transaction, mined.header)),
            "contractAddress": created and checksum_address(created),
            "logsBloom": f"0x{receipt.bloom:0512x}",
            "logs": log_views(mined),
        }
    )


def created_address(sender: bytes, nonce: int) -> bytes:
    """Return the address of the contract that `sender` creates with its transaction `nonce`."""
    return keccak256(rlp.encode([sender, nonce]))[12:]


def log_views(mined: Mined) -> list[Json]:
    """Return a transaction's logs."""
    place = _place(mined, "transactionHash") | {"removed": False, "blockTimestamp": hex(mined.header.timestamp)}
    return [place | _log(log, index) for index, log in enumerate(mined.receipt.logs)]


def _log(log: Log, index: int) -> Json:
    return {
        "logIndex": hex(index),
        "address": checksum_address(log.address),
        "topics": [word(topic) for topic in log.topics],
        "data": hexed(log.data),
    }
