"""Keccak-256 as in Ethereum (not NIST SHA3-256), from pycryptodome, which imports in 30 ms without eth_* packages."""

from Crypto.Hash import keccak


def keccak256(data: bytes) -> bytes:
    """Return the 32-byte Keccak-256 digest of `data`."""
    return keccak.new(digest_bits=256, data=data).digest()
