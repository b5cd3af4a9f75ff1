"""Execution of eth_call and eth_estimateGas, on a private copy of a state and without fees (geth's rules)."""

from dataclasses import dataclass
from typing import Any

from eth.exceptions import Revert
from eth.vm.forks.prague import PragueVM
from eth.vm.spoof import SpoofTransaction
from eth_utils.exceptions import ValidationError

from ...errors import Reverted, RpcError
from .evm import BLOCK_GAS, Evm
from .pyevm import Computation, Header
from .transactions import intrinsic_gas

GAS_CAP = 50_000_000
"""The most gas that one eth_call may use (geth's and reth's default)."""

_ERROR_STRING = bytes.fromhex("08c379a0")
# py-evm's exceptions in geth's words, which clients know.
_FAILURES = {
    "OutOfGas": "out of gas",
    "InvalidInstruction": "invalid opcode",
    "InvalidJumpDestination": "invalid jump destination",
    "InsufficientStack": "stack underflow",
    "FullStack": "stack limit reached 1024",
    "WriteProtection": "write protection",
    "ContractCreationCollision": "contract address collision",
}
_ESTIMATE_TOLERANCE = 0.015
_CALL_STIPEND = 2_300


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """The message of eth_call. `to` is b"" for a contract creation; `gas` is None for as much as is allowed."""

    sender: bytes = bytes(20)
    to: bytes = b""
    data: bytes = b""
    value: int = 0
    gas: int | None = None
    access_list: tuple[tuple[bytes, tuple[int, ...]], ...] = ()


def call(evm: Evm, message: Message, header: Header) -> bytes:
    """Run `message` on the state after `header`, at that block's time, and return its output.

    Raises Reverted with the revert data, or RpcError.
    """
    computation, _ = _execute(evm, message, header, min(message.gas or GAS_CAP, GAS_CAP))
    _raise_failure(computation)
    return bytes(computation.output)


def estimate(evm: Evm, message: Message, header: Header) -> int:
    """Return a sufficient gas limit for `message`, at most 1.5 % above the least one. Raises as `call` does."""
    high = min(message.gas or BLOCK_GAS, BLOCK_GAS)
    computation, used = _execute(evm, message, header, high)
    _raise_failure(computation)
    low = used - 1
    # First the gas used, which is exact unless gas is held back or refunded; then with what EIP-150 may hold back.
    guesses = [(used + computation.get_gas_refund() + _CALL_STIPEND) * 64 // 63, used]
    while (high - low) / high > _ESTIMATE_TOLERANCE:
        guess = guesses.pop() if guesses else 0
        middle = guess if low < guess < high else (low + high) // 2
        if _succeeds(evm, message, header, middle):
            high = middle
        else:
            low = middle
    return high


def _succeeds(evm: Evm, message: Message, header: Header, gas: int) -> bool:
    try:
        computation, _ = _execute(evm, message, header, gas)
    except RpcError:
        return False
    return not computation.is_error


def _execute(evm: Evm, message: Message, header: Header, gas: int) -> tuple[Computation, int]:
    """Run `message`; return its computation and the gas used. Raises RpcError where it cannot start."""
    state = evm.state_at(header.copy(base_fee_per_gas=0))
    transaction = _transaction(evm, message, gas, state.get_nonce(message.sender))
    needed = intrinsic_gas(transaction)
    if gas < needed:
        raise RpcError(f"intrinsic gas too low: have {gas}, want {needed}", code=-32000)
    if state.get_balance(message.sender) < message.value:
        raise RpcError("insufficient funds for transfer", code=-32000)
    try:
        computation = state.apply_transaction(transaction)
    except ValidationError as error:
        raise RpcError(f"invalid call: {error}", code=-32000) from error
    spent = gas - computation.get_gas_remaining()
    refund = min(computation.get_gas_refund(), spent // 5)
    return computation, spent - refund + computation.data_floor_gas


def _transaction(evm: Evm, message: Message, gas: int, nonce: int) -> SpoofTransaction:
    builder: Any = PragueVM.get_transaction_builder()
    unsigned = builder.new_unsigned_access_list_transaction(
        chain_id=evm.chain_id,
        nonce=nonce,
        gas_price=0,
        gas=gas,
        to=message.to,
        value=message.value,
        data=message.data,
        access_list=message.access_list,
    )
    return SpoofTransaction(unsigned, from_=message.sender)


def _raise_failure(computation: Computation) -> None:
    if not computation.is_error:
        return
    if isinstance(computation.error, Revert):
        data = bytes(computation.output)
        raise Reverted(f"execution reverted{_reason(data)}", code=3, data="0x" + data.hex())
    name = type(computation.error).__name__
    raise RpcError(_FAILURES.get(name, f"execution failed: {name}"), code=-32000)


def _reason(data: bytes) -> str:
    """Return `: text` for a well-formed Error(string), at most 1,024 bytes of it, else ""."""
    if data[:4] != _ERROR_STRING or int.from_bytes(data[4:36]) != 32:
        return ""
    length = int.from_bytes(data[36:68])
    text = data[68 : 68 + min(length, 1024)]
    return ": " + text.decode("utf-8", "replace") if len(text) == min(length, 1024) else ""
