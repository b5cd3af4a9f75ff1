"""Opens the registry on its chain, the signer, the writer and the publisher that settings name."""

import gc
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

from dipmp_lib.errors import SignerError
from dipmp_lib.ethereum.rpc import HttpRpc, Patience
from dipmp_lib.http import Fetcher
from dipmp_lib.ipfs.gateways.single import SingleGateway
from dipmp_lib.log.log import Log
from dipmp_lib.model.names import ProjectName, RegistryAddress, checksum_address
from dipmp_lib.model.pages import Project, ProjectList
from dipmp_lib.registry import MemoryLogStore
from dipmp_lib.registry.chain import Chain, ChainRegistry, ReadLimits
from dipmp_lib.transactions.signers import PasswordSource, Signer, signer_from_uri

from ..settings.settings import ChainSettings, PublishSettings
from ..terminal.console import can_ask, talk

if TYPE_CHECKING:
    from dipmp_lib.publish import Publisher
    from dipmp_lib.transactions.chain_writer import ChainWriter

RPC_SECONDS = 20.0
"""Deadline of one call, connecting included: simulating a large release takes a node longer than reading does."""

PATIENCE = Patience(hedge=RPC_SECONDS, seconds=3 * RPC_SECONDS)
"""No hedging: a request may carry a transaction, and milliseconds do not matter to a command."""

LIMITS = ReadLimits(pages=100_000, total_bytes=1 << 30, seconds=900.0, log_bytes=1 << 30)
"""A command serves nobody else and has no later refresh in which to continue, so it reads a log to its end."""


class ChainConnection:
    """A registry and its chain. The network is not used before the first read."""

    def __init__(self, settings: ChainSettings, fetcher: Fetcher | None = None) -> None:
        fetcher = fetcher or Fetcher()
        first, *others = (HttpRpc(url, fetcher, deadline=RPC_SECONDS) for url in settings.rpc_urls)
        self.address: RegistryAddress = settings.registry
        self._chain_id = settings.chain_id
        self.chain = Chain(first, settings.chain_id, fallbacks=others, patience=PATIENCE)
        self._store = MemoryLogStore(LIMITS.log_bytes)
        self.registry = self._read(self.chain, self._store)

    def witnesses(self) -> list[ChainRegistry]:
        """Return the registry as each endpoint alone shows it, with a store of its own."""
        chains = (Chain(endpoint, self._chain_id, patience=PATIENCE) for endpoint in self.chain.endpoints)
        return [self._read(chain, MemoryLogStore(LIMITS.log_bytes)) for chain in chains]

    def _read(self, chain: Chain, store: MemoryLogStore) -> ChainRegistry:
        return ChainRegistry({self.address.chain: chain}, store, limits=LIMITS)

    def project(self, name: ProjectName) -> tuple[Project, Log]:
        """Return a project's page and the verified log behind it. Raises as the Registry port says."""
        page = self.registry.project(self.address, name)
        return page, self._log(name)

    def projects(self) -> tuple[ProjectList, Log | None]:
        """Return the project list and the registry's log, None if it is empty. Raises as the Registry port says."""
        page = self.registry.project_list(self.address)
        return page, self._log("") if page.count else None

    def _log(self, name: ProjectName | str) -> Log:
        log = self._store.load(self.address, name)
        assert log is not None  # noqa: S101 - the page was just folded from it
        return log


def open_publisher(settings: PublishSettings, signer: Signer) -> "Publisher":
    """Return the publisher to a registry; the network is not used yet."""
    from dipmp_lib.publish import ProofOptions, Publisher
    from dipmp_lib.transactions.journal import FilePinNotes, state_folder

    fetcher = Fetcher()
    connection = ChainConnection(settings.chain, fetcher)
    return Publisher(
        address=settings.chain.registry,
        actor=signer.address,
        registry=connection.registry,
        writer=open_writer(settings.chain, connection, signer),
        pinners=settings.storage.pinners,
        endpoint_registries=connection.witnesses(),
        notes=FilePinNotes(state_folder(os.environ)),
        gateways=[SingleGateway(url, fetcher) for url in settings.storage.gateways],
        pins=settings.pins,
        proof=ProofOptions(full=settings.full_proof),
    )


def open_signer(settings: ChainSettings) -> Signer:
    """Open the signer, still locked. Raises SignerError."""
    environment = {**os.environ, **settings.secrets}
    passwords = PasswordSource(settings.password_file, environment, _ask_password if can_ask() else None)
    signer = signer_from_uri(settings.signer, passwords=passwords, environment=environment)
    if settings.account and settings.signer.removeprefix("env:") in settings.secrets:
        _check_account(signer, settings.account)
    return signer


def _check_account(signer: Signer, account: str) -> None:
    if signer.address.hex() != account.lower().removeprefix("0x"):
        found = checksum_address(signer.address)
        raise SignerError(f"the configuration file's key belongs to {found}, not to its account {account}")


@contextmanager
def collector_off(package: str) -> Iterator[None]:
    """Import a package with the garbage collector off, then freeze what it allocated.

    web3 has over 800 modules; collecting among them again and again takes a quarter of a whole publish.
    """
    if package in sys.modules:
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def open_writer(settings: ChainSettings, connection: ChainConnection, signer: Signer) -> "ChainWriter":
    """Return a writer to the registry, or to the chain alone if the settings name no registry."""
    with collector_off("web3"):
        from dipmp_lib.transactions.chain_writer import ChainWriter
        from dipmp_lib.transactions.confirm import SendOptions, Waits
        from dipmp_lib.transactions.journal import account_journals, state_folder

    address = settings.registry if any(settings.registry.address) else None
    sending = settings.sending
    options = SendOptions(
        endpoints=connection.chain.endpoints,
        open_journal=account_journals(state_folder(os.environ), wait=sending.wait),
        max_cost=sending.max_cost,
        waits=Waits(finality=sending.finality),
        tell=lambda text: talk().print(f"note: {text}", soft_wrap=True),
    )
    return ChainWriter(connection.chain.rpc, address, signer, chain_id=settings.chain_id, options=options)


def _ask_password(question: str) -> str:
    return str(typer.prompt(question, hide_input=True, err=True))
