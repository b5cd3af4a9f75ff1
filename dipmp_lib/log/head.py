"""Heads: 32 bytes that commit to a log's whole history, the registry and the chain it lives on.

Source: docs/log-format.md, "Heads".
"""

from ..keccak import keccak256

REGISTRY_LOG = bytes(32)
"""The id of the registry's own log."""


def project_id(name: str) -> bytes:
    """Return the 32-byte log id of a project; the empty name is the registry log."""
    return keccak256(name.encode()) if name else REGISTRY_LOG


def head0(chain_id: int, registry: bytes, id: bytes) -> bytes:  # noqa: A002 - the specification's word
    """Return the head of an empty log: keccak256(abi.encode(uint256 chain_id, address registry, bytes32 id))."""
    return keccak256(chain_id.to_bytes(32, "big") + registry.rjust(32, b"\0") + id)


def fold_head(head: bytes, raw_blob: bytes) -> bytes:
    """Return the head after one more blob: keccak256(head ‖ keccak256(blob))."""
    return keccak256(head + keccak256(raw_blob))
