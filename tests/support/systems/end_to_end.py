"""Complete systems for end-to-end tests: a chain, block storage, a registry, and one index behind two servers."""

import importlib
import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from dipmp_lib.devnet.ipfs.blocks import BlockStore
from dipmp_lib.devnet.ipfs.server import serve_blocks
from tests.support.aws.api_gateway import ApiGateway
from tests.support.programs.anvil import run_anvil
from tests.support.programs.clients import isolated_env
from tests.support.programs.dipmp import SCRIPTS, Publisher, dipmp_dev, program
from tests.support.programs.kubo import running_kubo
from tests.support.programs.required import IPFS

STAGE = "prod"
SERVERS = ("uvicorn", "mangum")


@dataclass(frozen=True)
class World:
    """A running system. `servers` maps a server's name to its origin and stage prefix."""

    name: str
    publish: Publisher
    servers: Mapping[str, str]

    def index_url(self, server: str) -> str:
        """Return the index's URL, as pip takes it."""
        return f"{self.servers[server]}/simple/{self.publish.registry}/"


@contextmanager
def mangum_server(settings: Mapping[str, str]) -> Iterator[str]:
    """Serve the Lambda handlers, composed from `settings` as at a cold start, behind an HTTP API with a stage."""
    before = dict(os.environ)
    os.environ.update(settings)
    try:
        for module in ("functions.simple", "functions.files"):
            sys.modules.pop(module, None)
        handlers = {kind: importlib.import_module(f"functions.{kind}").handler for kind in ("simple", "files")}
    finally:
        os.environ.clear()
        os.environ.update(before)
    with ApiGateway({"/files/": handlers["files"], "/": handlers["simple"]}, stage=STAGE) as gateway:
        yield gateway.url


def server_settings(rpc_url: str, gateway_url: str) -> dict[str, str]:
    """Return the environment of a server that shows a new release at once."""
    return {"ETH_GATEWAY": rpc_url, "IPFS_GATEWAY": gateway_url, "DIPMP_FRESHNESS": "0"}


@contextmanager
def embedded_world(folder: Path) -> Iterator[World]:
    """Run `dipmp dev`: the embedded EVM and block store."""
    with dipmp_dev(folder) as dev, mangum_server(server_settings(dev.rpc_url, dev.gateway_url)) as mangum:
        publisher = Publisher(
            dev.registry, dev.rpc_url, dev.gateway_url, dev.pinner, dev.signer, folder / "publisher", dev.index_url
        )
        yield World("embedded", publisher, {"uvicorn": dev.index_url.partition("/simple/")[0], "mangum": mangum})


def create_registry(publisher: Publisher, *options: str) -> str:
    """Create a registry by the command line, with the publisher's key as its owner; return its address."""
    done = publisher.dipmp("registry", "create", "--yes", "--json", *options)
    assert done.returncode == 0, done.stderr
    return str(json.loads(done.stdout)["registry"])


@contextmanager
def block_storage(folder: Path) -> Iterator[tuple[str, str]]:
    """Run Kubo where it was built (in CI it must be), else the embedded store; yields its RPC and gateway URLs."""
    if IPFS.is_file() or os.environ.get("CI") == "true":
        with running_kubo(folder) as kubo:
            yield kubo.rpc_url, kubo.gateway_url
    else:
        with serve_blocks(BlockStore(folder / "blocks")) as blocks:
            yield blocks.rpc_url, blocks.gateway_url


@contextmanager
def anvil_world(folder: Path) -> Iterator[World]:
    """Run anvil, Kubo (without Go the embedded store) and `dipmp serve`."""
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        chain = stack.enter_context(run_anvil())
        rpc_url, gateway_url = stack.enter_context(block_storage(folder))
        settings = server_settings(chain.url, gateway_url)
        env = isolated_env(folder / "home") | settings
        serve = (SCRIPTS / "dipmp", "serve", "--port", "0", "--quiet")
        origin = stack.enter_context(program(serve, env, folder / "serve.log"))
        mangum = stack.enter_context(mangum_server(settings))
        publisher = Publisher(
            "",
            chain.url,
            gateway_url,
            f"kubo:{rpc_url}",
            "env:DIPMP_TEST_KEY",
            folder / "publisher",
            secrets={"DIPMP_TEST_KEY": chain.keys[0]},
        )
        registry = create_registry(publisher)
        publisher = replace(publisher, registry=registry, index_url=f"{origin}/simple/{registry}/")
        yield World("anvil", publisher, {"uvicorn": origin, "mangum": mangum})


WORLDS = {"embedded": embedded_world, "anvil": anvil_world}
