"""UnixFS files: from bytes to a DAG of blocks (`scan`, `blocks`) and back, verified (`read`).

The product profile is `unixfs-v1-2025`: 1 MiB raw leaves, at most 1,024 links in a node, balanced, CIDv1.
Sources: IPIP-499 (profiles), the UnixFS and DAG-PB specifications, docs/content-addressing.md. Pure and streaming.
"""

from .build import FileDag, blocks, scan
from .node import (
    MAX_BLOCK,
    UNIXFS_V0_2015,
    UNIXFS_V1_2025,
    FileNode,
    Link,
    Profile,
    decode_node,
    encode_dag_pb,
    encode_node,
)
from .reader import Leaf, file_size, leaves, read, walk

__all__ = [
    "MAX_BLOCK",
    "UNIXFS_V0_2015",
    "UNIXFS_V1_2025",
    "FileDag",
    "FileNode",
    "Leaf",
    "Link",
    "Profile",
    "blocks",
    "decode_node",
    "encode_dag_pb",
    "encode_node",
    "file_size",
    "leaves",
    "read",
    "scan",
    "walk",
]
