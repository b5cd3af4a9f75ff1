"""Accounts that act on a registry: keys, ERC-1271 wallets, and a contract that makes many calls in one transaction.

Written as bytecode, so that the embedded EVM needs no compiler.
"""

from tests.support.model.signing import address_of, sign

_MAGIC = bytes.fromhex("1626ba7e")  # IERC1271.isValidSignature.selector
_RETURN_WORD = bytes.fromhex("5f5260205ff3")  # of the word on the stack

# Accepts a signature that begins with the digest, so that tests see whether both arrive unchanged.
CAREFUL_WALLET = bytes.fromhex("600435" + "606435" + "14" + "63") + _MAGIC + bytes.fromhex("0260e01b") + _RETURN_WORD

LYING_WALLETS = {
    "says true": bytes.fromhex("6001") + _RETURN_WORD,
    "adds to the magic value": bytes.fromhex("63") + _MAGIC + bytes.fromhex("60e01b600117") + _RETURN_WORD,
    "says the magic value as a number": bytes.fromhex("63") + _MAGIC + _RETURN_WORD,
    "says the magic value in four bytes": bytes.fromhex("63") + _MAGIC + bytes.fromhex("60e01b5f5260045ff3"),
    "says nothing": bytes.fromhex("00"),
    "reverts with the magic value": bytes.fromhex("63") + _MAGIC + bytes.fromhex("60e01b5f5260205ffd"),
    "fails": bytes.fromhex("fe"),
}

# Calls with data `target u256 ‖ rounds u256 ‖ length u256 ‖ first call ‖ second call`: makes both calls, so many times,
# and reverts as they revert.
ALTERNATOR = bytes.fromhex(
    "602035"  # rounds
    "5b8015603f57"  # loop: leave when none is left
    "604035806060"
    "5f37"  # the first call's data to memory
    "5f5f915f5f5f355af1"  # call the target
    "15604157"
    "6040356060018036038091"
    "5f37"  # the second call's data to memory
    "5f5f915f5f5f355af1"
    "15604157"
    "60019003600356"
    "5b00"
    "5b3d5f5f3e3d5ffd"  # pass the failure on
)


def initcode(code: bytes) -> bytes:
    """Return the creation code of a contract with this code."""
    return b"\x61" + len(code).to_bytes(2, "big") + bytes.fromhex("80600a3d393df3") + code


def careful(digest: bytes, signature: bytes) -> bool:
    """Return whether CAREFUL_WALLET accepts."""
    return signature[:32].ljust(32, b"\0") == digest


def alternate(target: bytes, rounds: int, first: bytes, second: bytes) -> bytes:
    """Return the call data for ALTERNATOR."""
    return target.rjust(32, b"\0") + rounds.to_bytes(32, "big") + len(first).to_bytes(32, "big") + first + second


class Key:
    """A private key and its address."""

    def __init__(self, seed: int) -> None:
        self._secret = (0xD1 << 200 | seed + 1).to_bytes(32, "big")
        self.address = address_of(self._secret)

    def sign(self, digest: bytes) -> bytes:
        """Return r ‖ s ‖ v."""
        return sign(self._secret, digest)
