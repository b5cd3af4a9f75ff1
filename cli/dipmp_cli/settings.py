"""Settings of `dipmp publish`: flags first, then the environment; every mistake is reported, not just the first."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from dipmp_lib.chains import CHAIN_IDS
from dipmp_lib.errors import DipmpError, InvalidInput, InvalidSettings
from dipmp_lib.gateways import gateway_base
from dipmp_lib.http.url import parse_target
from dipmp_lib.names import RegistryAddress, parse_registry
from dipmp_lib.pinning import Pinner, pinner_from_uri

_NOWHERE = RegistryAddress(bytes(20))


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishSettings:
    """What publishing needs to know.

    `rpc_urls` are JSON-RPC endpoints of one chain, whose id is checked where `chain_id` gives it. `index_url` is where
    a server serves the registry, "" if unknown. `signer` is a signer's URI.
    """

    registry: RegistryAddress
    rpc_urls: tuple[str, ...] = field(repr=False)
    chain_id: int | None
    gateways: tuple[str, ...] = field(repr=False)
    pinners: tuple[Pinner, ...] = field(repr=False)
    signer: str = field(repr=False)
    password_file: Path | None
    index_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Flags:
    """The flags as typed; None or empty where not given."""

    registry: str | None = None
    rpc: Sequence[str] = ()
    chain_id: str | None = None
    gateway: Sequence[str] = ()
    pinner: Sequence[str] = ()
    signer: str | None = None
    password_file: Path | None = None
    index_url: str | None = None


def read_settings(flags: Flags, environment: Mapping[str, str]) -> PublishSettings:
    """Put the settings together. Raises InvalidSettings with every mistake; no message shows a URL or a signer."""
    reader = _Reader(environment)
    registry = reader.registry(flags.registry)
    settings = PublishSettings(
        registry=registry,
        rpc_urls=reader.rpc_urls(flags.rpc, registry.chain),
        chain_id=reader.chain_id(flags.chain_id, registry.chain),
        gateways=reader.gateways(flags.gateway),
        pinners=reader.pinners(flags.pinner),
        signer=reader.required(flags.signer, "--signer", "DIPMP_SIGNER", "keystore:NAME or env:VARIABLE"),
        password_file=flags.password_file,
        index_url=reader.index_url(flags.index_url, registry),
    )
    if len(reader.errors) == 1 and not isinstance(reader.errors[0], InvalidSettings):
        raise reader.errors[0]
    if reader.errors:
        raise InvalidSettings([str(error) for error in reader.errors])
    return settings


class _Reader:
    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self.errors: list[DipmpError] = []

    def text(self, flag: str | None, variable: str) -> str:
        return (self._environment.get(variable, "") if flag is None else flag).strip()

    def required(self, flag: str | None, option: str, variable: str, what: str) -> str:
        text = self.text(flag, variable)
        if not text:
            self.problem(f"{variable} (or {option}) is missing: {what}")
        return text

    def problem(self, text: str) -> None:
        self.errors.append(InvalidSettings([text]))

    def registry(self, flag: str | None) -> RegistryAddress:
        text = self.required(flag, "--registry", "DIPMP_REGISTRY", "the registry's address, 0x… or base:0x…")
        try:
            return parse_registry(text) if text else _NOWHERE
        except DipmpError as error:
            self.errors.append(error)
            return _NOWHERE

    def rpc_urls(self, flags: Sequence[str], chain: str) -> tuple[str, ...]:
        variable = f"DIPMP_RPC_{chain.upper().replace('-', '_')}" if chain else "ETH_GATEWAY"
        urls = _list(flags, self._environment.get(variable, ""))
        if not urls:
            self.problem(f"{variable} (or --rpc) is missing: a comma-separated list of JSON-RPC URLs")
        return tuple(url for number, url in enumerate(urls, 1) if self._is_url(url, f"URL {number} of {variable}"))

    def gateways(self, flags: Sequence[str]) -> tuple[str, ...]:
        gateways = []
        for url in _list(flags, self._environment.get("IPFS_GATEWAY", "")):
            try:
                gateways.append(gateway_base(url))
            except InvalidSettings as error:
                self.errors.append(error)
        return tuple(gateways)

    def pinners(self, flags: Sequence[str]) -> tuple[Pinner, ...]:
        uris = _list(flags, self._environment.get("DIPMP_PINNER", ""))
        if not uris:
            self.problem("DIPMP_PINNER (or --pinner) is missing: where to keep the files, as in kubo:http://HOST:5001")
        pinners = []
        for uri in uris:
            try:
                pinners.append(pinner_from_uri(uri))
            except InvalidSettings as error:
                self.errors.append(error)
        return tuple(pinners)

    def chain_id(self, flag: str | None, chain: str) -> int | None:
        known = CHAIN_IDS.get(chain)
        if chain and known is None:
            self.problem(f"{chain!r} is not the short name of a known chain (EIP-3770)")
        text = "" if chain and flag is None else self.text(flag, "DIPMP_CHAIN_ID")
        if not text:
            return known
        if not re.fullmatch(r"[1-9][0-9]{0,18}", text):
            self.problem(f"DIPMP_CHAIN_ID (or --chain-id) is {text[:40]!r}, not a chain id such as 8453")
            return known
        if known not in (None, int(text)):
            self.problem(f"--chain-id {text} is not the chain {chain!r} of the registry, which is {known}")
        return int(text)

    def index_url(self, flag: str | None, registry: RegistryAddress) -> str:
        text, host = self.text(flag, "DIPMP_INDEX_URL"), self.text(None, "HOST_URL")
        if not text and host:
            text = f"{host.rstrip('/')}/simple/{registry}/"
        return text if text and self._is_url(text, "the index URL") else ""

    def _is_url(self, url: str, what: str) -> bool:
        try:
            parse_target(url)
        except InvalidInput:
            # The value may hold an access key, so it is not repeated.
            self.problem(f"{what} is not an http or https URL")
            return False
        return True


def _list(flags: Sequence[str], variable: str) -> list[str]:
    """Return the flags, or else the variable's comma-separated items."""
    texts = flags or [variable]
    return [item.strip() for text in texts for item in text.split(",") if item.strip()]
