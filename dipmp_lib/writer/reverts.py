"""Custom errors of the contract, as sentences. Source: contract/src/IPackageIndex.sol."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from typing import Any

from eth_abi.abi import decode
from eth_utils.address import to_checksum_address

from ..abi import package_index
from ..errors import Reverted, TransactionError
from ..keccak import keccak256

_MAX_DATA = 16_384
_SHOWN = 160


def explain(error: Reverted) -> TransactionError:
    """Return what a refusal of the contract means. Total: unknown or broken revert data is shown, not decoded."""
    name, values = _decode(error.data)
    sentence = _SENTENCES.get(name)
    if sentence is not None:
        text, hint = sentence(*values)
        return TransactionError(f"the registry refuses the transaction: {text}", hint=hint)
    shown = f"{name}({', '.join(f'{value!a}' for value in values)})" if name else error.data or str(error)
    return TransactionError(f"the registry refuses the transaction: {shown[:_SHOWN]}")


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
    for item in package_index().abi:
        if item["type"] == "error":
            types = [parameter["type"] for parameter in item["inputs"]]
            signature = f"{item['name']}({','.join(types)})"
            table[keccak256(signature.encode())[:4]] = (item["name"], types)
    return table


def _not_publisher(caller: str, until: int) -> tuple[str, str]:
    hint = "the project's owner gives the permission with setPublisher"
    if until == 0:
        return f"{caller} is neither the owner of the project nor its publisher", hint
    return f"the permission of {caller} to publish the project ended at {_date(until)}", hint


def _date(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M UTC")


_SENTENCES: dict[str, Callable[..., tuple[str, str]]] = {
    "Error": lambda text: (f"{text[:_SHOWN]!a}", ""),
    "NameTaken": lambda name, owner: (
        f"the name {name[:_SHOWN]!a} was taken meanwhile by {owner}",
        "choose another name, or ask its owner to let you publish",
    ),
    "InvalidName": lambda name: (f"{name[:_SHOWN]!a} is not a project name that it takes", ""),
    "UnknownProject": lambda name: (f"nobody has claimed the name {name[:_SHOWN]!a}", ""),
    "NotOwner": lambda caller, owner: (f"{caller} is not the owner, which is {owner}", ""),
    "NotPublisher": _not_publisher,
    "PayloadTooLong": lambda length, limit: (f"an entry of {length} bytes is longer than {limit}", ""),
    "UnexpectedBlobAddress": lambda _created, _expected: (
        "this chain does not give contracts the addresses that Ethereum does",
        "use a registry on Ethereum, an OP Stack chain, Arbitrum, Scroll or Polygon",
    ),
}
