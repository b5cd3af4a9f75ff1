"""A node and a block store in this process, served on loopback to a `dipmp-publish` in another."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from dipmp_lib.devnet.ipfs.blocks import BlockStore
from dipmp_lib.devnet.ipfs.server import serve_blocks
from dipmp_lib.model.names import checksum_address
from tests.support.fakes.node import REGISTRY, FakeNode
from tests.support.fakes.rpc_server import json_rpc
from tests.support.faulty.fault_proxy import FaultProxy
from tests.support.programs.clients import isolated_env

KEY = "4c0883a69102937d6231471b5dbb6204fe512961708279fe5b3d4b2e1f2a5c6d"


class TimedNode(FakeNode):
    """A node at this machine's time, which sums the `seconds` of its answers."""

    def __init__(self) -> None:
        super().__init__()
        self.time = int(time.time())
        self.seconds = 0.0

    def request(self, method: str, params: Sequence[object]) -> object:
        """Answer, and add the time that it took."""
        began = time.perf_counter()
        try:
            return super().request(method, params)
        finally:
            self.seconds += time.perf_counter() - began


@dataclass(frozen=True)
class ServedWorld:
    """The node, and the environment of a publisher."""

    node: TimedNode
    env: dict[str, str]


@contextmanager
def served_world(folder: Path) -> Iterator[ServedWorld]:
    """Serve a node and a block store."""
    folder.mkdir(parents=True, exist_ok=True)
    node = TimedNode()
    with FaultProxy(json_rpc(node)) as rpc, serve_blocks(BlockStore(folder / "blocks")) as blocks:
        env = isolated_env(folder / "home") | {
            "DIPMP_REGISTRY": checksum_address(REGISTRY),
            "ETH_GATEWAY": rpc.url,
            "IPFS_GATEWAY": blocks.gateway_url,
            "DIPMP_PINNER": f"kubo:{blocks.rpc_url}",
            "DIPMP_SIGNER": "env:TEST_KEY",
            "DIPMP_STATE": str(folder / "state"),
            "DIPMP_INDEX_URL": f"http://127.0.0.1:5000/simple/{checksum_address(REGISTRY)}/",
            "TEST_KEY": KEY,
        }
        yield ServedWorld(node, env)
