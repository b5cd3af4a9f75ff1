"""Puts together what a publish works with: the chain, the key, the pinners and the gateways."""

import os
from dataclasses import dataclass

import typer

from dipmp_lib.chain import Chain, ChainRegistry
from dipmp_lib.gateways import Gateways
from dipmp_lib.http import Fetcher
from dipmp_lib.rpc import HttpRpc
from dipmp_lib.signers import PasswordSource, Signer, signer_from_uri
from dipmp_lib.store import MemoryLogStore
from dipmp_lib.writer.chain_writer import ChainWriter

from .console import can_ask
from .settings import PublishSettings

RPC_SECONDS = 20.0
"""For one call, connecting included: simulating a large release takes a node longer than reading does."""


@dataclass(frozen=True, slots=True)
class Session:
    """One registry, one key. `gateways` is None where none is configured."""

    registry: ChainRegistry
    writer: ChainWriter
    signer: Signer
    gateways: Gateways | None


def open_session(settings: PublishSettings) -> Session:
    """Open everything that the settings name; nothing is asked of the network yet. Raises SignerError."""
    environment = dict(os.environ)
    passwords = PasswordSource(settings.password_file, environment, _ask_password if can_ask() else None)
    signer = signer_from_uri(settings.signer, passwords=passwords, environment=environment)
    fetcher = Fetcher()
    first, *others = (HttpRpc(url, fetcher, deadline=RPC_SECONDS) for url in settings.rpc_urls)
    chain = Chain(first, settings.chain_id, fallbacks=others)
    return Session(
        ChainRegistry({settings.registry.chain: chain}, MemoryLogStore()),
        ChainWriter(chain.rpc, settings.registry, signer, chain_id=settings.chain_id),
        signer,
        Gateways(settings.gateways, fetcher) if settings.gateways else None,
    )


def _ask_password(question: str) -> str:
    return str(typer.prompt(question, hide_input=True, err=True))
