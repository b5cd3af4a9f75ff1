"""Custom errors of the contracts, decoded and put into sentences. Total: whatever a contract reverts with."""

from functools import cache
from typing import Any

from eth_abi.abi import decode
from eth_utils.address import to_checksum_address

from ..abi import package_index, package_index_factory
from ..errors import CallRefused, Reverted
from ..keccak import keccak256
from .calls import Call
from .sentences import SENTENCES, SHOWN

_MAX_DATA = 16_384


def explain(error: Reverted, call: Call | None = None) -> CallRefused:
    """Return what the refusal of a call means. Unknown or broken revert data is shown, not decoded."""
    who = "factory" if call is not None and call.to else "registry"
    name, values = _decode(error.data)
    sentence = SENTENCES.get(name)
    if sentence is not None:
        text, hint = sentence(call.function if call else "", *values)
        return CallRefused(f"the {who} refuses the transaction: {text}", hint=hint)
    return CallRefused(f"the {who} refuses the transaction: {(error.data or str(error))[:SHOWN]}")


def _decode(data: str) -> tuple[str, tuple[Any, ...]]:
    try:
        raw = bytes.fromhex(data.removeprefix("0x"))
        name, types = _errors()[raw[:4]]
        if len(raw) > _MAX_DATA:
            return "", ()
        values = decode(types, raw[4:])
        pairs = zip(types, values, strict=True)
        return name, tuple(to_checksum_address(value) if kind == "address" else value for kind, value in pairs)
    except Exception:  # noqa: BLE001 - whatever a hostile contract reverts with, it must not stop the message
        return "", ()


@cache
def _errors() -> dict[bytes, tuple[str, list[str]]]:
    table = {b"\x08\xc3\x79\xa0": ("Error", ["string"])}
    for item in (*package_index().abi, *package_index_factory().abi):
        if item["type"] == "error":
            types = [parameter["type"] for parameter in item["inputs"]]
            signature = f"{item['name']}({','.join(types)})"
            table[keccak256(signature.encode())[:4]] = (item["name"], types)
    return table
