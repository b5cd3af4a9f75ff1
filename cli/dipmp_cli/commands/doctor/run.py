"""Everything in order: settings, chain, registry, key, pinners, gateways. What is missing is said, the rest tried."""

import os
from collections.abc import Iterator, Sequence
from functools import partial

from dipmp_lib.http import Fetcher

from ...session.session import ChainConnection, open_signer
from ...settings import Layers
from ...settings.reader import SettingsReader
from ...settings.settings import ChainSettings, Flags
from .endpoints import endpoint_findings
from .finding import CheckResult, attempt, fail, warn
from .registry import balance_findings, registry_findings, role_findings
from .storage import storage_findings

_CONFIG = "see `dipmp config check`"


def examine(flags: Flags, layers: Layers, names: Sequence[str]) -> Iterator[CheckResult]:
    """Yield findings as they are made; `names` are projects whose roles are looked up."""
    reader = SettingsReader(layers)
    registry = reader.registry(flags.registry)
    urls = reader.rpc_urls(flags.rpc, registry.chain)
    chain_id = reader.chain_id(flags.chain_id, registry.chain)
    signer = reader.required(flags.signer, "--signer", "DIPMP_SIGNER", "the key, as in keystore:NAME")
    pinners = reader.items(flags.pinner, "DIPMP_PINNER")
    if not pinners:
        reader.problem("DIPMP_PINNER (or --pinner) is missing: where to keep the files")
    yield from (fail("settings", str(error), error.hint or _CONFIG) for error in reader.errors)
    yield from (warn("settings", text, "dipmp account import NAME") for text in layers.warnings)
    settings = ChainSettings(
        registry=registry,
        rpc_urls=urls,
        chain_id=chain_id,
        signer=signer,
        password_file=flags.password_file,
        secrets=reader.layers.secrets,
        account=reader.layers.account,
    )
    fetcher = Fetcher()
    yield from _chain(settings, fetcher, names)
    gateways = reader.items(flags.gateway, "IPFS_GATEWAY")
    environment = {**os.environ, **reader.layers.secrets}
    yield from storage_findings(pinners, gateways, environment, fetcher)


def _chain(settings: ChainSettings, fetcher: Fetcher, names: Sequence[str]) -> Iterator[CheckResult]:
    yield from endpoint_findings(settings.rpc_urls, settings.chain_id, fetcher)
    connection = ChainConnection(settings, fetcher) if settings.rpc_urls else None
    known = connection if connection and any(settings.registry.address) else None
    if known:
        step = "check DIPMP_REGISTRY (or --registry)"
        yield from attempt("registry", step, partial(registry_findings, known))
    if settings.signer:
        yield from attempt("key", "check DIPMP_SIGNER (or --signer)", partial(_key, settings, connection, known, names))


def _key(
    settings: ChainSettings, connection: ChainConnection | None, known: ChainConnection | None, names: Sequence[str]
) -> Iterator[CheckResult]:
    account = open_signer(settings).address
    if connection:
        yield from attempt("balance", _CONFIG, lambda: balance_findings(connection.chain.rpc, account))
    if known:
        yield from attempt("role", _CONFIG, lambda: role_findings(known, account, names))
