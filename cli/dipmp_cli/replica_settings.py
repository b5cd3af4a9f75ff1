"""The settings of `dipmp replicate`: a registry to read, gateways to fetch from, pinners to send to."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from dipmp_lib.pinning import Pinner

from .environment import SettingsReader
from .settings import ChainSettings, Flags, read_gateways, read_pinners


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplicaSettings(ChainSettings):
    """What replicating needs to know besides reading."""

    gateways: tuple[str, ...] = field(repr=False)
    pinners: tuple[Pinner, ...] = field(repr=False)


def read_replica_settings(flags: Flags, environment: Mapping[str, str]) -> ReplicaSettings:
    """Put the settings together. Raises InvalidSettings, or InvalidAddress, with every mistake."""
    reader = SettingsReader(environment)
    registry = reader.registry(flags.registry)
    gateways = read_gateways(reader, flags.gateway)
    if not gateways and not reader.errors:
        reader.problem("IPFS_GATEWAY (or --gateway) is missing: where to fetch from, as in https://HOST/ipfs")
    settings = ReplicaSettings(
        registry=registry,
        rpc_urls=reader.rpc_urls(flags.rpc, registry.chain),
        chain_id=reader.chain_id(flags.chain_id, registry.chain),
        gateways=gateways,
        pinners=read_pinners(reader, flags.pinner),
        signer="",
        password_file=None,
        secrets=reader.layers.secrets,
    )
    reader.check()
    return settings
