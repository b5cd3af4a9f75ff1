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
    """How transactions are sent: for at most `max_cost` wei (None: what the plan says), followed until their block is
    as final as `finality`, and with `wait` after whoever else is sending with the key.
    """

    max_cost: int | None = None
    finality: str = FINALITIES[0]
    wait: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainSettings:
    """What reading and writing a registry needs to know.

    `rpc_urls` are JSON-RPC endpoints of one chain, whose id is checked where `chain_id` gives it. `signer` is a
    signer's URI, "" where nothing is signed. `secrets` are what a signer finds besides the environment, under the names
    of variables; `account` is the address that a signer among them has to have, "" for any.
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
class PublishSettings(ChainSettings):
    """What publishing needs to know besides.

    Of the pinners, `pins` have to keep everything; `full_proof` tells to fetch back every block. `index_url` is where a
    server serves the registry, "" if unknown. `hidden` are variables with secrets, by names that the user chose.
    """

    gateways: tuple[str, ...] = field(repr=False)
    pinners: tuple[Pinner, ...] = field(repr=False)
    pins: int = 1
    full_proof: bool = False
    index_url: str
    hidden: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Flags:
    """The flags as typed; None or empty where not given. `chain` is the short name of a chain without a registry."""

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


def read_settings(flags: Flags, environment: Mapping[str, str]) -> PublishSettings:
    """Put the settings of a publish together. Raises InvalidSettings, or InvalidAddress, with every mistake."""
    reader = SettingsReader(environment)
    registry = reader.registry(flags.registry)
    pinners = read_pinners(reader, flags.pinner)
    settings = PublishSettings(
        registry=registry,
        rpc_urls=reader.rpc_urls(flags.rpc, registry.chain),
        chain_id=reader.chain_id(flags.chain_id, registry.chain),
        gateways=read_gateways(reader, flags.gateway),
        pinners=pinners,
        pins=_pins(reader, flags.pins, len(pinners)),
        full_proof=flags.full_proof,
        signer=reader.required(flags.signer, *_SIGNER),
        password_file=flags.password_file,
        secrets=reader.layers.secrets,
        account=reader.layers.account,
        sending=_sending(reader, flags),
        index_url=reader.index_url(flags.index_url, registry),
        hidden=_hidden(reader, flags),
    )
    reader.check()
    return settings


def read_chain_settings(flags: Flags, environment: Mapping[str, str], *, writes: bool) -> ChainSettings:
    """Put the settings of any other command together; one that writes needs a signer. Raises the same."""
    reader = SettingsReader(environment)
    registry = reader.registry(flags.registry) if flags.chain is None else RegistryAddress(NOWHERE.address, flags.chain)
    settings = ChainSettings(
        registry=registry,
        rpc_urls=reader.rpc_urls(flags.rpc, registry.chain),
        chain_id=reader.chain_id(flags.chain_id, registry.chain),
        signer=reader.required(flags.signer, *_SIGNER) if writes else "",
        password_file=flags.password_file,
        secrets=reader.layers.secrets,
        account=reader.layers.account,
        sending=_sending(reader, flags) if writes else Sending(),
    )
    reader.check()
    return settings


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


def read_gateways(reader: SettingsReader, flags: Sequence[str]) -> tuple[str, ...]:
    """Return the gateways' URLs as they are used."""
    gateways = []
    origin = reader.origin(flags, "--gateway", "IPFS_GATEWAY")
    for url in reader.items(flags, "IPFS_GATEWAY"):
        try:
            gateways.append(gateway_base(url))
        except InvalidSettings as error:
            reader.problem(f"{error} ({origin})")
    return tuple(gateways)


def read_pinners(reader: SettingsReader, flags: Sequence[str]) -> tuple[Pinner, ...]:
    """Return the pinners, at least one."""
    uris = reader.items(flags, "DIPMP_PINNER")
    if not uris:
        reader.problem("DIPMP_PINNER (or --pinner) is missing: where to keep the files, as in kubo:http://HOST:5001")
    pinners: dict[str, Pinner] = {}
    origin = reader.origin(flags, "--pinner", "DIPMP_PINNER")
    for uri in uris:
        try:
            pinner = pinner_from_uri(uri, environment={**reader.layers.secrets, **os.environ})
        except InvalidSettings as error:
            reader.problem(f"{error} ({origin})")
        else:
            if pinners.setdefault(pinner.name, pinner) is not pinner:
                reader.problem(f"the pinner {pinner.name} is given twice, which keeps nothing twice ({origin})")
    return tuple(pinners.values())


def _hidden(reader: SettingsReader, flags: Flags) -> frozenset[str]:
    """Return the variables that the signer and the pinners name for their secrets."""
    scheme, _, held = reader.text(flags.signer, _SIGNER[1]).partition(":")
    named = [variable_of(uri) for uri in reader.items(flags.pinner, "DIPMP_PINNER")]
    return frozenset([*named, held if scheme == "env" else ""]) - {""}


def _pins(reader: SettingsReader, flag: str | None, count: int) -> int:
    """Return how many pinners have to keep everything: two where there are two, unless somebody says otherwise."""
    text = reader.text(flag, "DIPMP_PINS")
    if not text:
        return min(2, max(count, 1))
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:9]) <= max(count, 1):
        origin = reader.origin(flag, "--pins", "DIPMP_PINS")
        reader.problem(f"{origin} is {text[:20]!r}, not a number from 1 to the {count} pinners that are configured")
        return 1
    return int(text)


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
