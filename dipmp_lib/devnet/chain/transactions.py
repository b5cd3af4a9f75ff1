"""Rules of a public node's transaction pool, with geth's messages, and prices of gas."""

from eth.exceptions import PyEVMError
from eth.vm.forks.prague import PragueVM
from eth_keys.exceptions import BadSignature
from eth_utils.exceptions import ValidationError
from rlp.exceptions import RLPException

from ...errors import RpcError
from .pyevm import Header, State, Transaction

PRIORITY_FEE = 1_000_000_000
"""The tip that this node suggests, in wei per gas; its blocks are never full."""


def intrinsic_gas(transaction: Transaction) -> int:
    """Return the least gas limit of a transaction (EIP-2028, EIP-2930, EIP-3860, EIP-7623)."""
    zeros = transaction.data.count(0)
    floor = 21_000 + 10 * (zeros + 4 * (len(transaction.data) - zeros))
    return max(int(transaction.intrinsic_gas), int(floor))


def effective_gas_price(transaction: Transaction, header: Header) -> int:
    """Return the price paid in the block of `header`, in wei per gas (EIP-1559)."""
    tip = min(transaction.max_priority_fee_per_gas, transaction.max_fee_per_gas - header.base_fee_per_gas)
    return int(header.base_fee_per_gas + tip)


MAX_TRANSACTION = 131_072
"""Bytes of a raw transaction, geth's limit."""

_BLOB_TYPE = b"\x03"


def decode(raw: bytes) -> Transaction:
    """Decode a signed transaction and recover its sender. Raises RpcError; total on hostile bytes."""
    if len(raw) > MAX_TRANSACTION:
        raise RpcError(f"oversized data: transaction size {len(raw)}, limit {MAX_TRANSACTION}", code=-32000)
    if raw[:1] == _BLOB_TYPE:
        raise RpcError("transaction type not supported", code=-32000)
    try:
        transaction = PragueVM.get_transaction_builder().decode(raw)
        transaction.check_signature_validity()
        len(transaction.sender)  # py-evm recovers the sender at first access, and caches it
    except (RLPException, ValidationError, BadSignature, PyEVMError, ValueError, TypeError, IndexError) as error:
        raise RpcError(f"invalid transaction: {str(error)[:200]}", code=-32000) from error
    return transaction


def check(transaction: Transaction, state: State, header: Header, chain_id: int) -> None:
    """Refuse a transaction that cannot be in the block of `header` on top of `state`. Raises RpcError."""
    nonce, balance = state.get_nonce(transaction.sender), state.get_balance(transaction.sender)
    fee, base_fee = transaction.max_fee_per_gas, header.base_fee_per_gas
    gas, needed, limit = transaction.gas, intrinsic_gas(transaction), header.gas_limit
    cost = gas * fee + transaction.value
    problem = ""
    if transaction.chain_id not in {None, chain_id}:
        problem = f"invalid chain id for signer: have {transaction.chain_id} want {chain_id}"
    elif transaction.nonce != nonce:
        size = "low" if transaction.nonce < nonce else "high"
        problem = f"nonce too {size}: next nonce {nonce}, tx nonce {transaction.nonce}"
    elif gas > limit:
        problem = f"exceeds block gas limit: gas {gas}, limit {limit}"
    elif gas < needed:
        problem = f"intrinsic gas too low: gas {gas}, minimum needed {needed}"
    elif fee < base_fee:
        problem = f"max fee per gas less than block base fee: maxFeePerGas {fee}, baseFee {base_fee}"
    elif balance < cost:
        problem = f"insufficient funds for gas * price + value: balance {balance}, tx cost {cost}"
    if problem:
        raise RpcError(problem, code=-32000)
