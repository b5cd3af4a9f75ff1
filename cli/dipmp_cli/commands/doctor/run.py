"""All checks of `dipmp doctor`, in order: settings, chain, registry, key, pinners, gateways."""

import os
from collections.abc import Iterator, Sequence
from functools import partial

from dipmp_lib.http import Fetcher

from ...session.session import ChainConnection, open_signer
from ...settings import Layers
from ...settings.reader import SettingsReader
from ...settings.settings import ChainSettings, Flags, chain_settings
from .check_result import CheckResult, attempt, fail, warn
from .endpoints import check_endpoints
from .registry import check_balance, check_registry, check_roles
from .storage import check_storage

_CONFIG = "see `dipmp config check`"


def run_checks(flags: Flags, layers: Layers, names: Sequence[str]) -> Iterator[CheckResult]:
    """Yield results as checks finish; `names` are projects whose roles are checked.

    Missing settings are results too; everything that can be checked without them is.
    """
    reader = SettingsReader(layers)
    settings = chain_settings(reader, flags, writes=True)
    pinners = reader.items(flags.pinner, "DIPMP_PINNER")
    if not pinners:
        reader.problem("DIPMP_PINNER (or --pinner) is missing: a pinning service")
    yield from (fail("settings", str(error), error.hint or _CONFIG) for error in reader.errors)
    yield from (warn("settings", text, "dipmp account import NAME") for text in layers.warnings)
    fetcher = Fetcher()
    yield from _chain(settings, fetcher, names)
    gateways = reader.items(flags.gateway, "IPFS_GATEWAY")
    environment = {**os.environ, **reader.layers.secrets}
    yield from check_storage(pinners, gateways, environment, fetcher)


def _chain(settings: ChainSettings, fetcher: Fetcher, names: Sequence[str]) -> Iterator[CheckResult]:
    yield from check_endpoints(settings.rpc_urls, settings.chain_id, fetcher)
    connection = ChainConnection(settings, fetcher) if settings.rpc_urls else None
    known = connection if connection and any(settings.registry.address) else None
    if known:
        step = "check DIPMP_REGISTRY (or --registry)"
        yield from attempt("registry", step, partial(check_registry, known))
    if settings.signer:
        yield from attempt("key", "check DIPMP_SIGNER (or --signer)", partial(_key, settings, connection, known, names))


def _key(
    settings: ChainSettings, connection: ChainConnection | None, known: ChainConnection | None, names: Sequence[str]
) -> Iterator[CheckResult]:
    account = open_signer(settings).address
    if connection:
        yield from attempt("balance", _CONFIG, lambda: check_balance(connection.chain.rpc, account))
    if known:
        yield from attempt("role", _CONFIG, lambda: check_roles(known, account, names))
