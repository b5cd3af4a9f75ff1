"""Registry addresses and project names, parsed once at the edge.

Sources: EIP-55 (checksum), EIP-3770 (chain-specific addresses), PEP 503 (normal form).
"""

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import NewType

from ..errors import InvalidAddress, InvalidName
from ..keccak import keccak256

ProjectName = NewType("ProjectName", str)
"""A project name known to be in PEP 503 normal form and at most 128 characters."""

MAX_NAME = 128
_NORMAL_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_LOOSE_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")
_SEPARATORS = re.compile(r"[-_.]+")
_LOOKALIKES = str.maketrans("lio", "110")
_ADDRESS = re.compile(r"(?:([a-z0-9-]{1,32}):)?0[xX]([0-9a-fA-F]{40})")


def checksum_address(address: bytes) -> str:
    """Return 20 bytes as `0x…` with the EIP-55 mixed-case checksum."""
    digits = address.hex()
    digest = keccak256(digits.encode()).hex()
    return "0x" + "".join(d.upper() if int(h, 16) >= 8 else d for d, h in zip(digits, digest, strict=False))


@dataclass(frozen=True)
class RegistryAddress:
    """A registry's 20-byte address on a chain; `chain` is an EIP-3770 short name, "" for the default chain."""

    address: bytes
    chain: str = ""

    @cached_property
    def checksummed(self) -> str:
        """The address as `0x…` with its EIP-55 checksum, without the chain."""
        return checksum_address(self.address)

    def __str__(self) -> str:
        """The canonical form, which URLs use."""
        return f"{self.chain}:{self.checksummed}" if self.chain else self.checksummed


@lru_cache(4096)  # a server is asked for the same few again and again, and the checksum costs a hash
def parse_registry(text: str) -> RegistryAddress:
    """Parse `0x…` or `shortname:0x…`. One-case hex is taken as it is; mixed case must satisfy EIP-55.

    Raises InvalidAddress.
    """
    match = _ADDRESS.fullmatch(text)
    if match is None:
        raise InvalidAddress(
            f"{text[:80]!r} is not a registry address",
            hint="a registry address is 0x and 40 hexadecimal digits, with an optional chain before it (base:0x…)",
        )
    chain, digits = match[1] or "", match[2]
    registry = RegistryAddress(bytes.fromhex(digits), chain)
    if digits not in (digits.lower(), digits.upper(), registry.checksummed[2:]):
        raise InvalidAddress(
            f"the checksum of {text!r} does not match (EIP-55), so at least one character is mistyped",
            hint="copy the address again from where you found it",
        )
    return registry


def normalize_name(text: str) -> str:
    """Return the PEP 503 normal form of `text`, which need not be a valid name."""
    return _SEPARATORS.sub("-", text).lower()


def is_project_name(text: str) -> bool:
    """Tell whether `text` is a PEP 503 normal form of at most 128 characters."""
    return len(text) <= MAX_NAME and _NORMAL_NAME.fullmatch(text) is not None


def skeleton(name: ProjectName) -> str:
    """Return the form of a name that open registries compare: equal for names that are easily confused.

    Mirrors contract/src/ProjectNames.sol, which follows PyPI's rule.
    """
    return name.replace("-", "").translate(_LOOKALIKES)


def parse_project(text: str) -> ProjectName:
    """Normalise a name as people or METADATA spell it (PEP 508 grammar). Raises InvalidName."""
    if len(text) > MAX_NAME or _LOOSE_NAME.fullmatch(text) is None:
        raise InvalidName(
            f"{text[:160]!r} is not a project name",
            hint=f"a name is up to {MAX_NAME} ASCII letters, digits, '-', '_' and '.', and ends in a letter or digit",
        )
    return ProjectName(normalize_name(text))
