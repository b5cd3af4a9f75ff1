"""Settings reader of commands: flags first, then the layers below, and every mistake noted with its origin."""

from collections.abc import Mapping, Sequence

from dipmp_lib.environment import CHAIN_ID, VariableReader, split_items
from dipmp_lib.errors import InvalidAddress
from dipmp_lib.model.chains import CHAIN_IDS
from dipmp_lib.model.names import RegistryAddress, parse_registry

from . import Layers
from .config_file import rpc_variable

NOWHERE = RegistryAddress(bytes(20))
"""Stands for a registry that is not known."""
_NO_URL = "is not an http or https URL"


class SettingsReader(VariableReader):
    """Reads flags and variables; no message shows a URL or a signer.

    Variables come from an environment, or from Layers, which also have registries by name.
    """

    layers: Layers

    def __init__(self, environment: Mapping[str, str]) -> None:
        super().__init__(Layers.of(environment))
        for problem in self.layers.problems:
            self.problem(problem)

    def text(self, flag: str | None, variable: str) -> str:
        """Return the flag, or else the variable, without blanks around it."""
        return self.value(variable) if flag is None else flag.strip()

    def required(self, flag: str | None, option: str, variable: str, what: str) -> str:
        """Return the same, and note that it is missing."""
        text = self.text(flag, variable)
        if not text:
            self.problem(f"{variable} (or {option}) is missing: {what}")
        return text

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
        places = ((f"URL {number} of {origin}", url) for number, url in enumerate(urls, 1))
        return tuple(url for place, url in places if self.is_url(url, f"{place} {_NO_URL}"))

    def items(self, flags: Sequence[str], variable: str) -> list[str]:
        """Return the comma-separated items of the flags, or else of the variable."""
        return list(split_items(flags) if flags else self.values(variable))

    def chain_id(self, flag: str | None, chain: str) -> int | None:
        """Return the id that the chain must have, None where nothing says it."""
        known = CHAIN_IDS.get(chain)
        if chain and known is None:
            self.problem(f"{chain!r} is not the short name of a known chain (EIP-3770)")
        given = "" if chain and flag is None else self.text(flag, "DIPMP_CHAIN_ID")
        origin = self.origin(flag, "--chain-id", "DIPMP_CHAIN_ID")
        text = self.matching(given, origin, CHAIN_ID, "a chain id such as 8453")
        if not text:
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
        return text if text and self.is_url(text, f"the index URL ({origin}) {_NO_URL}") else ""
