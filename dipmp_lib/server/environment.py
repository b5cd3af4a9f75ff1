"""Values of an environment, with every mistake noted instead of raised."""

import re
from collections.abc import Container, Mapping
from dataclasses import dataclass

from ..aws.parameters import ParameterName, is_parameter, parse_parameter
from ..errors import InvalidAddress, InvalidInput
from ..http.url import parse_target
from ..model.chains import CHAIN_IDS
from ..model.names import RegistryAddress, parse_registry

_RPC_PREFIX = "DIPMP_RPC_"
_MAX_SECONDS = 3600.0


@dataclass(frozen=True, slots=True)
class EnvReader:
    """Reads settings by name; what is wrong with them is added to `problems`, and a default returned."""

    env: Mapping[str, str]
    problems: list[str]

    def text(self, name: str) -> str:
        """Return the value without blanks around it, "" where it is not set."""
        return self.env.get(name, "").strip()

    def items(self, name: str) -> tuple[str, ...]:
        """Return the parts of a comma-separated value."""
        return tuple(part.strip() for part in self.text(name).split(",") if part.strip())

    def chains(self) -> dict[str, tuple[str | ParameterName, ...]]:
        """Return the endpoints of each chain by short name, "" for the default one."""
        chains = {_short_name(name): self.places(name) for name in sorted(self.env) if name.startswith(_RPC_PREFIX)}
        for name in chains:
            if name not in CHAIN_IDS:
                self.problems.append(f"{_RPC_PREFIX}…: {name[:40]!r} is not the short name of a known chain (EIP-3770)")
        default = self.places(
            "ETH_GATEWAY", required="" if chains else "the JSON-RPC endpoints that the chain is read from"
        )
        return {name: urls for name, urls in {"": default, **chains}.items() if urls}

    def places(self, name: str, *, required: str = "") -> tuple[str | ParameterName, ...]:
        """Return http(s) URLs, and parameters that hold some; `required` as for `urls`."""
        parameters = {text: self._parameter(name, text) for text in self.items(name) if is_parameter(text)}
        items = self.urls(name, required=required, kept=parameters)
        return tuple(parameters.get(item) or item for item in items)

    def _parameter(self, name: str, text: str) -> ParameterName | None:
        try:
            return parse_parameter(text)
        except InvalidInput as error:
            self.problems.append(f"{name}: {error}")
            return None

    def urls(self, name: str, *, required: str = "", kept: Container[str] = ()) -> tuple[str, ...]:
        """Return http(s) URLs, and what is in `kept`; `required` says what for, where there must be one."""
        urls = self.items(name)
        if not urls and required:
            self.problems.append(f"{name} is not set: a comma-separated list of URLs, {required}")
        for number, url in enumerate(urls, 1):
            if is_parameter(url) and url not in kept:
                self.problems.append(
                    f"{name}: clients are sent there, so URL number {number} is no secret; write it out"
                )
            elif url not in kept and not _is_http_url(url):
                # The value may hold an access key, so the message only says which one it is.
                self.problems.append(f"{name}: URL number {number} does not begin with http:// or https:// and a host")
        return urls

    def url(self, name: str) -> str:
        """Return one http(s) URL without a slash at its end, or ""."""
        return "".join(url for url in self.urls(name)[:1] if _is_http_url(url)).rstrip("/")

    def registries(self, name: str) -> tuple[RegistryAddress, ...]:
        """Return registry addresses, each once."""
        found = []
        for text in self.items(name):
            try:
                found.append(parse_registry(text))
            except InvalidAddress as error:
                self.problems.append(f"{name}: {error}")
        return tuple(dict.fromkeys(found))

    def chain_id(self, name: str) -> int | None:
        """Return a chain id (EIP-155), None where it is not set."""
        text = self.text(name)
        if not text:
            return None
        if not re.fullmatch(r"[1-9][0-9]{0,18}", text):
            self.problems.append(f"{name} is {text[:40]!r}, not a chain id: a whole number above 0, such as 8453")
            return None
        return int(text)

    def matching(self, name: str, pattern: str, what: str) -> str:
        """Return a value that the pattern matches, or "" where it is not set."""
        text = self.text(name)
        if text and not re.fullmatch(pattern, text):
            self.problems.append(f"{name} is {text[:80]!r}, not {what}")
            return ""
        return text

    def choice(self, name: str, choices: tuple[str, ...]) -> str:
        """Return one of the words, the first where it is not set."""
        text = self.text(name) or choices[0]
        if text not in choices:
            self.problems.append(f"{name} is {text[:40]!r}, not one of {', '.join(choices)}")
        return text

    def seconds(self, name: str, default: float) -> float:
        """Return a number of seconds up to an hour."""
        text = self.text(name)
        if not text:
            return default
        if not re.fullmatch(r"[0-9]{1,4}(\.[0-9]{1,6})?", text) or float(text) > _MAX_SECONDS:
            self.problems.append(f"{name} is {text[:40]!r}, not a number of seconds from 0 to {_MAX_SECONDS:.0f}")
            return default
        return float(text)


def _short_name(variable: str) -> str:
    """Return a chain's short name from its variable: DIPMP_RPC_BASE_SEP is base-sep, as a shell allows no hyphen."""
    return variable.removeprefix(_RPC_PREFIX).lower().replace("_", "-")


def _is_http_url(url: str) -> bool:
    try:
        parse_target(url)
    except InvalidInput:
        return False
    return True
