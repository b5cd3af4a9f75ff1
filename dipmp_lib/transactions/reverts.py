"""Custom errors of the contracts, decoded and put into sentences; total on any revert data."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from typing import Any

from eth_abi.abi import decode
from eth_utils.address import to_checksum_address

from ..errors import CallRefused, Reverted
from ..ethereum.abi import package_index, package_index_factory
from ..keccak import keccak256
from ..log.limits import MAX_REASON
from .calls import Call

Sentence = Callable[..., tuple[str, str]]

SHOWN = 160
"""Characters of a text from the chain that a message repeats."""

_NOBODY = "0x" + "0" * 40
_LAST_DATE = 253_402_300_799
_AGAIN = "run the command again: it reads the registry anew"
_OURS = "this should not happen: please report it, with the command"


def _quoted(text: str) -> str:
    return ascii(text[:SHOWN])


def _date(seconds: int) -> str:
    if seconds > _LAST_DATE:
        return "the end of time"
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M UTC")


def _not_owner(function: str, caller: str, owner: str) -> tuple[str, str]:
    if function == "claim":
        return (
            f"names in this registry are claimed by its owner {owner} alone, because it is curated",
            "ask the registry's owner to claim the name for you",
        )
    what = "registry" if function == "transferRegistry" else "project"
    return f"{caller} does not own the {what}, {owner} does", "use the owner's key (--signer), or ask the owner"


def _not_publisher(_function: str, caller: str, until: int) -> tuple[str, str]:
    hint = "the owner gives the permission with: dipmp project publishers add"
    if until == 0:
        return f"{caller} is neither the owner of the project nor its publisher", hint
    return f"the permission of {caller} to publish the project ended at {_date(until)}", hint


def _not_offered(_function: str, caller: str, offered: str) -> tuple[str, str]:
    to = "nobody" if offered == _NOBODY else offered
    return f"it is offered to {to}, not to {caller}", "its owner has to offer it to you first"


def _not_guardian(_function: str, caller: str, guardian: str) -> tuple[str, str]:
    if guardian == _NOBODY:
        return "the registry has no guardian, or none any more", "nobody can quarantine projects in this registry"
    return f"{caller} is not the registry's guardian, {guardian} is", "use the guardian's key (--signer)"


def _releases_closed(_function: str, status: int) -> tuple[str, str]:
    if status & 0x80:
        return "the project is quarantined, and takes no releases", "ask the registry's guardian why"
    return "the project is archived, and takes no releases", "its owner opens it with: dipmp project status NAME active"


def _zero_address(function: str) -> tuple[str, str]:
    if function == "setPublisher":
        return "the zero address cannot publish", "give the publisher's address"
    return "the zero address cannot be an owner", "give an address whose key somebody holds"


SENTENCES: dict[str, Sentence] = {
    "Error": lambda _, text: (_quoted(text), ""),
    "InvalidName": lambda _, name: (
        f"{_quoted(name)} is not a project name that it takes",
        "a name is up to 128 lower-case letters and digits, with single hyphens between them",
    ),
    "NameTaken": lambda _, name, owner: (
        f"the name {_quoted(name)} is taken: it belongs to {owner}",
        "choose another name, or ask its owner to let you publish",
    ),
    "ConfusableName": lambda _, name, holder: (
        f"the name {_quoted(name)} is easily mistaken for {_quoted(holder)}, which is taken",
        "choose a name that differs in more than hyphens, l, i and 1, or o and 0",
    ),
    "UnknownProject": lambda _, name: (
        f"nobody has claimed the name {_quoted(name)}",
        "claim it first: dipmp project claim",
    ),
    "ZeroAddress": _zero_address,
    "NotOwner": _not_owner,
    "NotPublisher": _not_publisher,
    "NotOffered": _not_offered,
    "NotGuardian": _not_guardian,
    "InvalidKind": lambda _, kind: (f"entries of kind 0x{kind:02x} are not appended by anybody", _OURS),
    "PayloadTooLong": lambda _, length, limit: (
        f"an entry of {length} bytes is longer than {limit}",
        "name fewer files at once",
    ),
    "ReleasesClosed": _releases_closed,
    "InvalidStatus": lambda _, status: (
        f"the status 0x{status:02x} has the bit that belongs to the guardian",
        "an owner sets active, archived or deprecated",
    ),
    "ReasonTooLong": lambda _, length, limit: (
        f"a reason of {length} bytes is longer than {limit}",
        f"a reason has at most {MAX_REASON} characters, fewer where they are not ASCII",
    ),
    "SignatureExpired": lambda _, deadline, time: (
        f"the signature held until {_date(deadline)}, and the chain is at {_date(time)}",
        "sign again",
    ),
    "InvalidSignature": lambda _, signer, head: (
        f"the signature is not one of {signer} over this entry on top of the head 0x{head.hex()}",
        "somebody may have appended meanwhile: sign again",
    ),
    "OwnerIsNoPublisher": lambda _, owner: (
        f"{owner} owns the project, and so may publish already",
        "give the address of another key",
    ),
    "AlreadyExpired": lambda _, until, time: (
        f"the permission would end at {_date(until)}, and the chain is at {_date(time)} already",
        "give a later --until",
    ),
    "NotARevocation": lambda _, until: (
        f"only a revocation says since when a key was compromised, and this permission lasts until {_date(until)}",
        "use: dipmp project publishers revoke",
    ),
    "InvalidCompromisedSince": lambda _, since, earliest, latest: (
        f"the key cannot be compromised since {_date(since)}, only since {_date(earliest)} to {_date(latest)}",
        "give a --compromised-since in the last 30 days; yank what is older",
    ),
    "TooManyTransfers": lambda _, name: (
        f"{_quoted(name)} has changed hands 255 times, and cannot once more",
        "its owner can still add publishers",
    ),
    "NotARegistry": lambda _, called: (
        f"{called} is the code that all registries share, and not a registry",
        "give the address of a registry; dipmp registry create makes one",
    ),
    "UnexpectedBlobAddress": lambda _, _created, _expected: (
        "this chain does not give contracts the addresses that Ethereum does",
        "use a registry on Ethereum, an OP Stack chain, Arbitrum, Scroll or Polygon",
    ),
    "InvalidMode": lambda _, mode: (f"there is no mode {mode} of a registry", _OURS),
    "RegistryExists": lambda _, registry: (
        f"the registry {registry} has these very arguments",
        "give another --salt to make one more",
    ),
    "CreationFailed": lambda _, registry: (f"the registry {registry} could not be created", _AGAIN),
}
"""Sentence and hint by the error's name."""


_MAX_DATA = 16_384


def explain(error: Reverted, call: Call | None = None) -> CallRefused:
    """Return a reverted call's error as a sentence. Unknown or broken revert data is shown, not decoded."""
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
    except Exception:  # noqa: BLE001 - no revert data of a hostile contract may stop the message
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
