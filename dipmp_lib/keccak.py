"""Keccak-256 as Ethereum uses it (not NIST SHA3-256), from pycryptodome: 30 ms to import, no eth_* packages."""

from Crypto.Hash import keccak


def keccak256(data: bytes) -> bytes:
    """Return the 32-byte Keccak-256 digest of `data`."""
    return keccak.new(digest_bits=256, data=data).digest()
