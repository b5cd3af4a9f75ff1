"""anvil, a registry and a block store, with a publisher of them."""

import dataclasses
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from dipmp_lib.devnet.ipfs.blocks import BlockStore
from dipmp_lib.devnet.ipfs.server import serve_blocks
from dipmp_lib.ethereum.rpc import HttpRpc
from dipmp_lib.http import Fetcher
from dipmp_lib.log.entries import RELEASE
from dipmp_lib.model.names import ProjectName, parse_registry
from dipmp_lib.registry import MemoryLogStore
from dipmp_lib.registry.chain import Chain, ChainRegistry, ReadLimits
from tests.support.files.wheels import build_wheel
from tests.support.programs.anvil import Anvil, run_anvil
from tests.support.programs.clients import isolated_env
from tests.support.programs.dipmp import Publisher
from tests.support.repository import ROOT
from tests.support.systems.embedded_chain import Client
from tests.support.systems.end_to_end import create_registry

_KEY = "DIPMP_TEST_KEY"


@dataclass(frozen=True)
class PublisherSetup:
    """A publisher, its node, and a client of the node."""

    publisher: Publisher
    chain: Anvil
    node: Client
    folder: Path

    @property
    def state(self) -> Path:
        """The folder of the publisher's journals."""
        return self.publisher.home / "state"

    @property
    def account(self) -> str:
        """The publisher's address."""
        return self.chain.accounts[0]

    def environment(self, **more: str) -> dict[str, str]:
        """Return the publisher's environment variables."""
        publisher = self.publisher
        return (
            isolated_env(publisher.home)
            | dict(publisher.secrets)
            | {
                "DIPMP_REGISTRY": publisher.registry,
                "ETH_GATEWAY": publisher.rpc_url,
                "DIPMP_PINNER": publisher.pinner,
                "DIPMP_SIGNER": publisher.signer,
                "DIPMP_STATE": str(self.state),
                **more,
            }
        )

    def start(self, command: Sequence[str | Path], **more: str) -> "subprocess.Popen[str]":
        """Start `python -m …` as the publisher."""
        return subprocess.Popen(
            [sys.executable, *map(str, command)],
            env=self.environment(**more),
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, command: Sequence[str | Path], **more: str) -> "subprocess.CompletedProcess[str]":
        """Run `python -m …` as the publisher, to its end."""
        process = self.start(command, **more)
        out, err = process.communicate(timeout=120)
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)

    def publish(self, *args: str | Path, **more: str) -> "subprocess.CompletedProcess[str]":
        """Run `dipmp publish --yes`."""
        return self.run(["-m", "dipmp_cli.main", "publish", "--yes", *args], **more)

    def wheel(self, name: str, version: str = "1.0") -> Path:
        """Build a small wheel."""
        folder = self.folder / name
        folder.mkdir(exist_ok=True)
        return build_wheel(folder, name, version)

    def nonce(self, tag: str = "latest") -> int:
        """Return the number of the publisher's included transactions."""
        return int(self.node("eth_getTransactionCount", self.account, tag), 16)

    def releases(self, name: str) -> int:
        """Return the number of RELEASE entries in the project's log, listed or not; 0 without a project."""
        store = MemoryLogStore(1 << 20)
        address = parse_registry(self.publisher.registry)
        chain = Chain(HttpRpc(self.chain.url, Fetcher()))
        registry = ChainRegistry({"": chain}, store, limits=ReadLimits())
        if not any(each == name for each in registry.project_list(address).names):
            return 0
        registry.project(address, ProjectName(name))
        log = store.load(address, ProjectName(name))
        assert log is not None
        return sum(blob.kind == RELEASE for blob in log.blobs)

    def with_rpc(self, *urls: str) -> "PublisherSetup":
        """Return the same with other RPC endpoints."""
        return dataclasses.replace(self, publisher=dataclasses.replace(self.publisher, rpc_url=",".join(urls)))


@contextmanager
def publisher_setup(folder: Path) -> Iterator[PublisherSetup]:
    """Run anvil and the embedded block store, and create a registry."""
    with ExitStack() as stack:
        chain = stack.enter_context(run_anvil())
        blocks = stack.enter_context(serve_blocks(BlockStore(folder / "blocks")))
        publisher = Publisher(
            "", chain.url, "", f"kubo:{blocks.rpc_url}", f"env:{_KEY}", folder / "home", secrets={_KEY: chain.keys[0]}
        )
        publisher = dataclasses.replace(publisher, registry=create_registry(publisher))
        client = Client(chain.url)
        stack.callback(client.close)
        yield PublisherSetup(publisher, chain, client, folder)
