"""One setting at a time, from its flag or else its variable, and every mistake collected."""

import re
from collections.abc import Mapping, Sequence

from dipmp_lib.chains import CHAIN_IDS
from dipmp_lib.errors import DipmpError, InvalidInput, InvalidSettings
from dipmp_lib.http.url import parse_target
from dipmp_lib.names import RegistryAddress, parse_registry

NOWHERE = RegistryAddress(bytes(20))
"""Stands for a registry that is not known."""


class SettingsReader:
    """Reads flags and variables; `errors` grows by what cannot be used. No message shows a URL or a signer."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self.errors: list[DipmpError] = []

    def text(self, flag: str | None, variable: str) -> str:
        """Return the flag, or else the variable, stripped."""
        return (self._environment.get(variable, "") if flag is None else flag).strip()

    def required(self, flag: str | None, option: str, variable: str, what: str) -> str:
        """Return the same, and note that it is missing."""
        text = self.text(flag, variable)
        if not text:
            self.problem(f"{variable} (or {option}) is missing: {what}")
        return text

    def problem(self, text: str) -> None:
        """Note a mistake."""
        self.errors.append(InvalidSettings([text]))

    def registry(self, flag: str | None) -> RegistryAddress:
        """Return the registry's address."""
        text = self.required(flag, "--registry", "DIPMP_REGISTRY", "the registry's address, 0x… or base:0x…")
        try:
            return parse_registry(text) if text else NOWHERE
        except DipmpError as error:
            self.errors.append(error)
            return NOWHERE

    def rpc_urls(self, flags: Sequence[str], chain: str) -> tuple[str, ...]:
        """Return the chain's JSON-RPC URLs."""
        variable = f"DIPMP_RPC_{chain.upper().replace('-', '_')}" if chain else "ETH_GATEWAY"
        urls = self.items(flags, variable)
        if not urls:
            self.problem(f"{variable} (or --rpc) is missing: a comma-separated list of JSON-RPC URLs")
        return tuple(url for number, url in enumerate(urls, 1) if self._is_url(url, f"URL {number} of {variable}"))

    def items(self, flags: Sequence[str], variable: str) -> list[str]:
        """Return the flags, or else the variable's comma-separated items."""
        return _list(flags, self._environment.get(variable, ""))

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
            self.problem(f"DIPMP_CHAIN_ID (or --chain-id) is {text[:40]!r}, not a chain id such as 8453")
            return known
        if known not in (None, int(text)):
            self.problem(f"--chain-id {text} is not the chain {chain!r} of the registry, which is {known}")
        return int(text)

    def index_url(self, flag: str | None, registry: RegistryAddress) -> str:
        """Return where the registry is served, "" where nothing says it."""
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
