"""One setting at a time, from its flag or else the layers below, and every mistake collected with its origin."""

import re
from collections.abc import Mapping, Sequence

from dipmp_lib.errors import DipmpError, InvalidAddress, InvalidInput, InvalidSettings
from dipmp_lib.http.url import parse_target
from dipmp_lib.model.chains import CHAIN_IDS
from dipmp_lib.model.names import RegistryAddress, parse_registry

from . import Layers
from .config_file import rpc_variable

NOWHERE = RegistryAddress(bytes(20))
"""Stands for a registry that is not known."""


class SettingsReader:
    """Reads flags and variables; `errors` grows by what cannot be used. No message shows a URL or a signer.

    Variables come from an environment, or from Layers, which also have registries by name.

    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.layers = Layers.of(environment)
        self.errors: list[DipmpError] = [InvalidSettings([problem]) for problem in self.layers.problems]

    def text(self, flag: str | None, variable: str) -> str:
        """Return the flag, or else the variable, stripped."""
        return (self.layers.get(variable, "") if flag is None else flag).strip()

    def required(self, flag: str | None, option: str, variable: str, what: str) -> str:
        """Return the same, and note that it is missing."""
        text = self.text(flag, variable)
        if not text:
            self.problem(f"{variable} (or {option}) is missing: {what}")
        return text

    def problem(self, text: str) -> None:
        """Note a mistake."""
        self.errors.append(InvalidSettings([text]))

    def origin(self, flag: object, option: str, variable: str) -> str:
        """Return where a setting's value comes from, as messages say it."""
        return option if flag else self.layers.where(variable) or variable

    def registry(self, flag: str | None) -> RegistryAddress:
        """Return the registry's address. One that is named in the configuration brings its other settings with it."""
        variable = "DIPMP_REGISTRY"
        name = self.text(flag, variable)
        if self.layers.refused and flag is None and variable not in self.layers.from_variables:
            self.problem(self.layers.refused)
            return NOWHERE
        text, origin = name, self.origin(flag, "--registry", variable)
        if name in self.layers.registries:
            address = self.layers.address(name)
            text, origin = address.text, address.where
            self.layers = self.layers.choosing(name)
        if not self.required(text, "--registry", variable, "the registry's address, 0x… or base:0x…"):
            return NOWHERE
        return self._parsed(text, origin)

    def _parsed(self, text: str, origin: str) -> RegistryAddress:
        try:
            return parse_registry(text)
        except InvalidAddress as error:
            names = ", ".join(self.layers.registries)
            known = f", nor one of your registries: {names}" if names else ""
            self.errors.append(InvalidAddress(f"{error}{known} ({origin})", hint=error.hint))
            return NOWHERE

    def rpc_urls(self, flags: Sequence[str], chain: str) -> tuple[str, ...]:
        """Return the chain's JSON-RPC URLs."""
        variable = rpc_variable(chain)
        urls = self.items(flags, variable)
        if not urls:
            self.problem(f"{variable} (or --rpc) is missing: a comma-separated list of JSON-RPC URLs")
        origin = self.origin(flags, "--rpc", variable)
        return tuple(url for number, url in enumerate(urls, 1) if self._is_url(url, f"URL {number} of {origin}"))

    def items(self, flags: Sequence[str], variable: str) -> list[str]:
        """Return the flags, or else the variable's comma-separated items."""
        return _list(flags, self.layers.get(variable, ""))

    def check(self) -> None:
        """Raise what was noted: the one mistake as it is, several as one InvalidSettings."""
        if len(self.errors) == 1:
            raise self.errors[0]
        if self.errors:
            raise InvalidSettings([str(error) for error in self.errors])

    def chain_id(self, flag: str | None, chain: str) -> int | None:
        """Return the id that the chain must have, None where nothing says it."""
        known = CHAIN_IDS.get(chain)
        if chain and known is None:
            self.problem(f"{chain!r} is not the short name of a known chain (EIP-3770)")
        text = "" if chain and flag is None else self.text(flag, "DIPMP_CHAIN_ID")
        if not text:
            return known
        if not re.fullmatch(r"[1-9][0-9]{0,18}", text):
            origin = self.origin(flag, "--chain-id", "DIPMP_CHAIN_ID")
            self.problem(f"{origin} is {text[:40]!r}, not a chain id such as 8453")
            return known
        if known not in (None, int(text)):
            self.problem(f"--chain-id {text} is not the chain {chain!r} of the registry, which is {known}")
        return int(text)

    def index_url(self, flag: str | None, registry: RegistryAddress) -> str:
        """Return where the registry is served, "" where nothing says it."""
        text, host = self.text(flag, "DIPMP_INDEX_URL"), self.text(None, "HOST_URL")
        origin = self.origin(flag, "--index-url", "DIPMP_INDEX_URL")
        if not text and host:
            text, origin = f"{host.rstrip('/')}/simple/{registry}/", self.layers.where("HOST_URL")
        return text if text and self._is_url(text, f"the index URL ({origin})") else ""

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
