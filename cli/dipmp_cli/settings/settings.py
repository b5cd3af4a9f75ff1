"""Settings of the commands that use a chain: flags first, then the layers below; every mistake is reported at once."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from dipmp_lib.errors import InvalidSettings
from dipmp_lib.ipfs.gateways import gateway_base
from dipmp_lib.ipfs.pinning import Pinner, pinner_from_uri, variable_of
from dipmp_lib.model.names import RegistryAddress
from dipmp_lib.transactions import FINALITIES, parse_money

from .reader import NOWHERE, SettingsReader

_SIGNER = ("--signer", "DIPMP_SIGNER", "keystore:NAME, kms:KEY, rpc:URL or env:VARIABLE")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """Limits of sending: at most `max_cost` wei (None: the plan's highest cost), until the block is as final as
    `finality`; with `wait`, after another process that sends with the same key.
    """

    max_cost: int | None = None
    finality: str = FINALITIES[0]
    wait: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainSettings:
    """Settings for reading and writing a registry.

    `rpc_urls` are JSON-RPC endpoints of one chain, whose id must be `chain_id` unless that is None. `signer` is a
    signer's URI, "" for commands that sign nothing. `secrets` complement the environment for signers and pinners, by
    variable; `account` is the address that a signer among them must have, "" for any.
    """

    registry: RegistryAddress
    rpc_urls: tuple[str, ...] = field(repr=False)
    chain_id: int | None
    signer: str = field(repr=False)
    password_file: Path | None
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    account: str = ""
    sending: Sending = Sending()


@dataclass(frozen=True, slots=True, kw_only=True)
class StorageSettings:
    """Gateways to fetch from, as base URLs, and pinners to send to."""

    gateways: tuple[str, ...] = field(repr=False)
    pinners: tuple[Pinner, ...] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishSettings:
    """Settings for publishing.

    `pins` of the pinners must keep everything; `full_proof` fetches back every block. `index_url` is the URL of the
    registry on a server, "" if unknown. `hidden` names the variables in which the user keeps secrets.
    """

    chain: ChainSettings
    storage: StorageSettings
    pins: int
    full_proof: bool
    index_url: str
    hidden: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplicaSettings:
    """Settings for replicating a registry's files."""

    chain: ChainSettings
    storage: StorageSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Flags:
    """The flags as typed; None or empty if not given. `chain` is the short name of a chain without a registry."""

    registry: str | None = None
    chain: str | None = None
    rpc: Sequence[str] = ()
    chain_id: str | None = None
    gateway: Sequence[str] = ()
    pinner: Sequence[str] = ()
    signer: str | None = None
    password_file: Path | None = None
    index_url: str | None = None
    pins: str | None = None
    full_proof: bool = False
    max_cost: str | None = None
    finality: str | None = None
    wait: bool = False


def read_chain_settings(flags: Flags, environment: Mapping[str, str], *, writes: bool) -> ChainSettings:
    """Return the settings of a command that reads a registry or, with a signer, `writes` to it.

    Raises InvalidSettings, or InvalidAddress, with every mistake.
    """
    reader = SettingsReader(environment)
    settings = chain_settings(reader, flags, writes=writes)
    reader.check()
    return settings


def read_publish_settings(flags: Flags, environment: Mapping[str, str]) -> PublishSettings:
    """Return the settings of a publish. Raises as `read_chain_settings` does."""
    reader = SettingsReader(environment)
    chain = chain_settings(reader, flags, writes=True)
    storage = StorageSettings(pinners=_pinners(reader, flags.pinner), gateways=_gateways(reader, flags.gateway))
    settings = PublishSettings(
        chain=chain,
        storage=storage,
        pins=_pins(reader, flags.pins, len(storage.pinners)),
        full_proof=flags.full_proof,
        index_url=reader.index_url(flags.index_url, chain.registry),
        hidden=_hidden(reader, flags),
    )
    reader.check()
    return settings


def read_replica_settings(flags: Flags, environment: Mapping[str, str]) -> ReplicaSettings:
    """Return the settings of a replication, which needs a gateway. Raises as `read_chain_settings` does."""
    reader = SettingsReader(environment)
    chain = chain_settings(reader, flags, writes=False)
    if not reader.items(flags.gateway, "IPFS_GATEWAY"):
        reader.problem("IPFS_GATEWAY (or --gateway) is missing: a gateway to fetch from, e.g. https://HOST/ipfs")
    storage = StorageSettings(pinners=_pinners(reader, flags.pinner), gateways=_gateways(reader, flags.gateway))
    reader.check()
    return ReplicaSettings(chain=chain, storage=storage)


def chain_settings(reader: SettingsReader, flags: Flags, *, writes: bool) -> ChainSettings:
    """Return the settings of a registry and its chain; mistakes are noted in the reader."""
    # The registry comes first: one that is named in the configuration brings other settings with it.
    registry = reader.registry(flags.registry) if flags.chain is None else RegistryAddress(NOWHERE.address, flags.chain)
    return ChainSettings(
        registry=registry,
        rpc_urls=reader.rpc_urls(flags.rpc, registry.chain),
        chain_id=reader.chain_id(flags.chain_id, registry.chain),
        signer=reader.required(flags.signer, *_SIGNER) if writes else "",
        password_file=flags.password_file,
        secrets=reader.layers.secrets,
        account=reader.layers.account,
        sending=_sending(reader, flags) if writes else Sending(),
    )


def _sending(reader: SettingsReader, flags: Flags) -> Sending:
    finality = reader.text(flags.finality, "DIPMP_FINALITY") or FINALITIES[0]
    if finality not in FINALITIES:
        reader.problem(f"DIPMP_FINALITY (or --finality) is {finality[:40]!r}, not one of {', '.join(FINALITIES)}")
    amount = reader.text(flags.max_cost, "DIPMP_MAX_COST")
    try:
        max_cost = parse_money(amount) if amount else None
    except ValueError:
        reader.problem(f"DIPMP_MAX_COST (or --max-cost) is {amount[:40]!r}, not an amount such as 0.002")
        max_cost = None
    return Sending(max_cost=max_cost, finality=finality, wait=flags.wait)


def _gateways(reader: SettingsReader, flags: Sequence[str]) -> tuple[str, ...]:
    gateways = []
    origin = reader.origin(flags, "--gateway", "IPFS_GATEWAY")
    for url in reader.items(flags, "IPFS_GATEWAY"):
        try:
            gateways.append(gateway_base(url))
        except InvalidSettings as error:
            reader.problem(f"{error} ({origin})")
    return tuple(gateways)


def _pinners(reader: SettingsReader, flags: Sequence[str]) -> tuple[Pinner, ...]:
    """Return the pinners; none, or one that is given twice, is a mistake."""
    uris = reader.items(flags, "DIPMP_PINNER")
    if not uris:
        reader.problem("DIPMP_PINNER (or --pinner) is missing: a pinning service, e.g. kubo:http://HOST:5001")
    pinners: dict[str, Pinner] = {}
    origin = reader.origin(flags, "--pinner", "DIPMP_PINNER")
    for uri in uris:
        try:
            pinner = pinner_from_uri(uri, environment={**reader.layers.secrets, **os.environ})
        except InvalidSettings as error:
            reader.problem(f"{error} ({origin})")
        else:
            if pinners.setdefault(pinner.name, pinner) is not pinner:
                reader.problem(f"the pinner {pinner.name} is given twice, which does not count as two ({origin})")
    return tuple(pinners.values())


def _hidden(reader: SettingsReader, flags: Flags) -> frozenset[str]:
    """Return the variables that the signer and the pinners name for their secrets."""
    scheme, _, variable = reader.text(flags.signer, _SIGNER[1]).partition(":")
    named = [variable_of(uri) for uri in reader.items(flags.pinner, "DIPMP_PINNER")]
    return frozenset([*named, variable if scheme == "env" else ""]) - {""}


def _pins(reader: SettingsReader, flag: str | None, count: int) -> int:
    """Return how many pinners must keep everything: by default two, or all if there are fewer."""
    text = reader.text(flag, "DIPMP_PINS")
    if not text:
        return min(2, max(count, 1))
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:9]) <= max(count, 1):
        origin = reader.origin(flag, "--pins", "DIPMP_PINS")
        reader.problem(f"{origin} is {text[:20]!r}, not a number from 1 to the {count} pinners that are configured")
        return 1
    return int(text)
