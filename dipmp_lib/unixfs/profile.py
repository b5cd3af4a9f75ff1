"""How a file is cut and hashed. Every field changes the CID, so a profile is part of a file's identity (IPIP-499)."""

from dataclasses import dataclass

from ..cid import DAG_PB, RAW, Cid
from .node import FileNode, encode_node


@dataclass(frozen=True, slots=True)
class Profile:
    """A balanced layout: leaves of `chunk` bytes, nodes of at most `width` links.

    Leaves are raw blocks, or dag-pb nodes where `raw_leaves` is false; `cid_version` is that of dag-pb CIDs.
    """

    chunk: int
    width: int
    cid_version: int = 1
    raw_leaves: bool = True

    def leaf(self, chunk: bytes) -> bytes:
        """Return the block that carries one chunk of the file."""
        return chunk if self.raw_leaves else encode_node(FileNode(chunk))

    def leaf_size(self, length: int) -> int:
        """Return the size of the block that carries a chunk of `length` bytes."""
        return length if self.raw_leaves else len(encode_node(FileNode(bytes(length))))

    def leaf_cid(self, digest: bytes) -> Cid:
        """Return the CID of a leaf with this sha2-256."""
        return Cid(RAW, digest) if self.raw_leaves else self.node_cid(digest)

    def node_cid(self, digest: bytes) -> Cid:
        """Return the CID of a dag-pb node with this sha2-256."""
        return Cid(DAG_PB, digest, self.cid_version)


UNIXFS_V1_2025 = Profile(chunk=1 << 20, width=1024)
"""What dipmp publishes."""

UNIXFS_V0_2015 = Profile(chunk=256 << 10, width=174, cid_version=0, raw_leaves=False)
"""What Kubo's `ipfs add` does when it is told nothing; here only as a second measure of the importer."""
