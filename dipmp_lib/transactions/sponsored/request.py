"""Requests to append: values, typed data (EIP-712) and files. Source: contract/src/IPackageIndex.sol."""

import json
import re
from dataclasses import dataclass, fields
from typing import Any, Self

from ...errors import DipmpError, InvalidInput
from ...http.strict_json import parse
from ...log.blob import MAX_PAYLOAD
from ...model.names import ProjectName, checksum_address, is_project_name, parse_registry

MAX_FILE = 131_072
"""Most bytes of a file: the longest payload in hexadecimal, and the other members."""
_FORMAT = "dipmp append request 1"
_HEX = re.compile(r"0x((?:[0-9a-f]{2})*)")
_MAX_NUMBER = 2**63 - 1
_DOMAIN = ("string name", "string version", "uint256 chainId", "address verifyingContract")
_APPEND = ("address signer", "string name", "uint8 kind", "bytes payload", "bytes32 head", "uint256 deadline")


@dataclass(frozen=True, slots=True, kw_only=True)
class UnsignedAppend:
    """An entry for a project's log, valid on top of `head` (32 bytes) until `deadline` (unix seconds)."""

    chain_id: int
    registry: bytes
    project: ProjectName
    kind: int
    payload: bytes
    signer: bytes
    head: bytes
    deadline: int

    @property
    def typed_data(self) -> dict[str, Any]:
        """The typed data to sign, in the JSON form of EIP-712."""
        domain = {"name": "dipmp", "version": "1", "chainId": self.chain_id}
        message = {"signer": checksum_address(self.signer), "name": self.project, "kind": self.kind}
        return {
            "types": {"EIP712Domain": _members(_DOMAIN), "Append": _members(_APPEND)},
            "primaryType": "Append",
            "domain": {**domain, "verifyingContract": checksum_address(self.registry)},
            "message": {
                **message,
                "payload": _hex(self.payload),
                "head": _hex(self.head),
                "deadline": self.deadline,
            },
        }

    def signed(self, signature: bytes) -> "SignedAppend":
        """Return the request with its signature, r ‖ s ‖ v."""
        own = {field.name: getattr(self, field.name) for field in fields(UnsignedAppend)}
        return SignedAppend(**own, signature=signature)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedAppend(UnsignedAppend):
    """A request with its signature (65 bytes), which is not checked here."""

    signature: bytes

    def document(self) -> str:
        """Return the request as a file's text, JSON. Nothing in it is secret."""
        facts = {
            "format": _FORMAT,
            "chain_id": self.chain_id,
            "registry": checksum_address(self.registry),
            "project": self.project,
            "kind": self.kind,
            "payload": _hex(self.payload),
            "signer": checksum_address(self.signer),
            "head": _hex(self.head),
            "deadline": self.deadline,
            "signature": _hex(self.signature),
        }
        return json.dumps(facts, indent=1) + "\n"

    @classmethod
    def of(cls, facts: dict[str, Any]) -> Self:
        """Return the request of a document. Raises InvalidInput, ValueError, KeyError, TypeError."""
        own = {field.name for field in fields(cls)}
        if set(facts) != {"format", *own} or facts["format"] != _FORMAT or not is_project_name(facts["project"]):
            raise InvalidInput("it has other members")
        return cls(
            chain_id=_number(facts["chain_id"]),
            registry=_address(facts["registry"]),
            project=ProjectName(facts["project"]),
            kind=_number(facts["kind"], 0x7F),
            payload=_bytes(facts["payload"], range(MAX_PAYLOAD + 1)),
            signer=_address(facts["signer"]),
            head=_bytes(facts["head"], range(32, 33)),
            deadline=_number(facts["deadline"]),
            signature=_bytes(facts["signature"], range(65, 66)),
        )


def parse_request(data: bytes) -> SignedAppend:
    """Parse a file's bytes. Raises InvalidInput; `examine` checks the signature."""
    try:
        facts = parse(data[: MAX_FILE + 1]) if len(data) <= MAX_FILE else None
        if isinstance(facts, dict):
            return SignedAppend.of(facts)
    except (DipmpError, ValueError, KeyError, TypeError):
        pass
    raise InvalidInput(
        "the file is not a signed request that this version of dipmp reads",
        hint="dipmp publish --sign-only FILE writes them",
    )


def _members(texts: tuple[str, ...]) -> list[dict[str, str]]:
    return [dict(zip(("type", "name"), text.split(), strict=True)) for text in texts]


def _hex(data: bytes) -> str:
    return f"0x{data.hex()}"


def _bytes(value: object, lengths: range) -> bytes:
    match = _HEX.fullmatch(value) if isinstance(value, str) else None
    if match is None or len(match[1]) // 2 not in lengths:
        raise InvalidInput("it has bytes of another length")
    return bytes.fromhex(match[1])


def _number(value: object, largest: int = _MAX_NUMBER) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value <= largest:
        raise InvalidInput("it has a number out of range")
    return value


def _address(value: object) -> bytes:
    found = parse_registry(value) if isinstance(value, str) else None
    if found is None or found.chain:
        raise InvalidInput("it has another kind of address")
    return found.address
