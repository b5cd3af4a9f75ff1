"""Environment of a server: chains, URLs, registries and parameters (`ssm:/…`) as its variables give them."""

import re
from collections.abc import Container

from ..aws.parameters import ParameterName, is_parameter, parse_parameter
from ..environment import CHAIN_ID, VariableReader, is_http_url
from ..errors import InvalidAddress, InvalidInput
from ..model.chains import CHAIN_IDS
from ..model.names import RegistryAddress, parse_registry

_RPC_PREFIX = "DIPMP_RPC_"
_MAX_SECONDS = 3600.0


class EnvReader(VariableReader):
    """Reads a server's variables; where one cannot be used, that is noted and a default returned."""

    def chains(self) -> dict[str, tuple[str | ParameterName, ...]]:
        """Return the endpoints of each chain by short name, "" for the default one."""
        variables = [name for name in sorted(self.layers) if name.startswith(_RPC_PREFIX)]
        chains = {_short_name(variable): self.endpoints(variable) for variable in variables}
        for name in chains:
            if name not in CHAIN_IDS:
                self.problem(f"{_RPC_PREFIX}…: {name[:40]!r} is not the short name of a known chain (EIP-3770)")
        default = self.endpoints(
            "ETH_GATEWAY", required="" if chains else "the JSON-RPC endpoints that the chain is read from"
        )
        return {name: urls for name, urls in {"": default, **chains}.items() if urls}

    def endpoints(self, variable: str, *, required: str = "") -> tuple[str | ParameterName, ...]:
        """Return http(s) URLs, and parameters that hold some; `required` as for `urls`."""
        parameters = {text: self._parameter(variable, text) for text in self.values(variable) if is_parameter(text)}
        items = self.urls(variable, required=required, parameters=parameters)
        return tuple(parameters.get(item) or item for item in items)

    def _parameter(self, variable: str, text: str) -> ParameterName | None:
        try:
            return parse_parameter(text)
        except InvalidInput as error:
            self.problem(f"{variable}: {error}")
            return None

    def urls(self, variable: str, *, required: str = "", parameters: Container[str] = ()) -> tuple[str, ...]:
        """Return http(s) URLs, and those texts that are in `parameters`.

        `required` says what the URLs are for, where there must be one.
        """
        urls = self.values(variable)
        if not urls and required:
            self.problem(f"{variable} is not set: a comma-separated list of URLs, {required}")
        for number, url in enumerate(urls, 1):
            if url in parameters:
                continue
            if is_parameter(url):
                self.problem(f"{variable}: clients are sent there, so URL number {number} is no secret; write it out")
            else:
                self.is_url(url, f"{variable}: URL number {number} does not begin with http:// or https:// and a host")
        return urls

    def url(self, variable: str) -> str:
        """Return one http(s) URL without a slash at its end, or ""."""
        return "".join(url for url in self.urls(variable)[:1] if is_http_url(url)).rstrip("/")

    def registries(self, variable: str) -> tuple[RegistryAddress, ...]:
        """Return registry addresses, each once."""
        found = []
        for text in self.values(variable):
            try:
                found.append(parse_registry(text))
            except InvalidAddress as error:
                self.problem(f"{variable}: {error}")
        return tuple(dict.fromkeys(found))

    def chain_id(self, variable: str) -> int | None:
        """Return a chain id (EIP-155), None where it is not set."""
        what = "a chain id: a whole number above 0, such as 8453"
        text = self.matching(self.value(variable), variable, CHAIN_ID, what)
        return int(text) if text else None

    def name(self, variable: str, pattern: str, what: str) -> str:
        """Return a value that the pattern matches, or "" where it is not set."""
        return self.matching(self.value(variable), variable, pattern, what)

    def seconds(self, variable: str, default: float) -> float:
        """Return a number of seconds up to an hour."""
        text = self.value(variable)
        if not text:
            return default
        if not re.fullmatch(r"[0-9]{1,4}(\.[0-9]{1,6})?", text) or float(text) > _MAX_SECONDS:
            self.problem(f"{variable} is {text[:40]!r}, not a number of seconds from 0 to {_MAX_SECONDS:.0f}")
            return default
        return float(text)


def _short_name(variable: str) -> str:
    """Return a chain's short name from its variable: DIPMP_RPC_ARB_SEP is arb-sep, as a shell allows no hyphen."""
    return variable.removeprefix(_RPC_PREFIX).lower().replace("_", "-")
