"""Development node on loopback: chain, registry, funded key, block store, gateway and index server."""

import socket
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Self

from ..http.listen import LOOPBACK, listen_on, url_of
from ..model.names import checksum_address
from ..server.app import create_app
from ..server.compose import build
from ..server.settings import Settings
from ..server.uvicorn import background
from .chain.evm import DEV_CHAIN_ID, Evm
from .chain.server import serve_rpc
from .ipfs.blocks import BlockStore
from .ipfs.server import BlockServer, serve_blocks
from .registry import ensure_registry
from .statedir import StateDir, persistent_state, temporary_state

FUNDS = 10_000 * 10**18
"""The key's balance on a new chain, in wei."""


class DevNode:
    """A node that runs while its `with` block does, and keeps its data in the directory `state`, None for nowhere.

    `port` is the index server's, 0 for a free one; the other endpoints take free ones, those of the last run where
    `state` has them. Entering raises InvalidInput where the port is taken or the state directory is in use.
    """

    index_url: str
    registry: str
    rpc_url: str
    gateway_url: str
    pinner: str
    signer: str
    evm: Evm
    store: BlockStore

    def __init__(self, *, port: int = 0, state: Path | None = None, chain_id: int = DEV_CHAIN_ID) -> None:
        self._port = port
        self._state = state
        self._chain_id = chain_id
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            index = stack.enter_context(listen_on(self._port))
            state = stack.enter_context(persistent_state(self._state) if self._state else temporary_state())
            ports = state.ports()
            self._start_chain(stack, state)
            rpc = listen_on(0, preferred=ports.get("rpc", 0))
            self.rpc_url = stack.enter_context(serve_rpc(self.evm, rpc))
            blocks = self._start_blocks(stack, state, ports.get("gateway", 0))
            state.remember({"rpc": rpc.getsockname()[1], "gateway": blocks})
            self.index_url = f"{self._start_index(stack, index)}/simple/{self.registry}/"
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def endpoints(self) -> dict[str, str]:
        """Return the settings of publishers and installers by name."""
        names = ("index_url", "registry", "rpc_url", "gateway_url", "pinner", "signer")
        return {name: getattr(self, name) for name in names}

    def _start_chain(self, stack: ExitStack, state: StateDir) -> None:
        signer = state.signer()
        self.signer = f"keystore:{state.keystore}"
        evm = Evm(state.chain, chain_id=self._chain_id, alloc={signer.address: FUNDS})
        self.evm = stack.enter_context(closing(evm))
        self.registry = checksum_address(ensure_registry(evm, signer))

    def _start_blocks(self, stack: ExitStack, state: StateDir, preferred: int) -> int:
        self.store = BlockStore(state.blocks)
        server = stack.enter_context(_serve_blocks(self.store, preferred))
        self.gateway_url = f"{server.gateway_url}/ipfs"
        self.pinner = f"kubo:{server.rpc_url}"
        return int(server.gateway_url.rpartition(":")[2])

    def _start_index(self, stack: ExitStack, listening: socket.socket) -> str:
        settings = {
            "ETH_GATEWAY": self.rpc_url,
            "IPFS_GATEWAY": self.gateway_url,
            "DIPMP_CHAIN_ID": str(self._chain_id),
            "DIPMP_PINNED": self.registry,
            "HOST_URL": url_of(listening),
            # Reading this chain costs nothing, so a new release is listed at once.
            "DIPMP_FRESHNESS": "0",
        }
        return stack.enter_context(background(create_app(build(Settings.from_env(settings))), listening))


def _serve_blocks(store: BlockStore, preferred: int) -> BlockServer:
    try:
        return serve_blocks(store, LOOPBACK, preferred)
    except OSError:
        return serve_blocks(store, LOOPBACK, 0)
