"""A server's settings, read once from its environment; every mistake is reported, not just the first."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from ..cache import FRESHNESS
from ..chains import CHAIN_IDS
from ..errors import InvalidInput, InvalidSettings
from ..http.url import parse_target

FINALITIES = ("latest", "safe", "finalized")
_RPC_PREFIX = "DIPMP_RPC_"
_MAX_FRESHNESS = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a server needs to know.

    `chains` maps EIP-3770 short names to JSON-RPC URLs in order of preference; "" is the default chain, whose id is
    checked where `chain_id` gives it. `gateways` are IPFS gateway URLs. `finality` is the block tag that is read.
    `freshness` is how many seconds an answer of the chain is served before the chain is asked again. `host_url` is
    where the server is reached from outside, "" if unknown.
    """

    chains: Mapping[str, tuple[str, ...]] = field(repr=False)
    gateways: tuple[str, ...] = field(repr=False)
    chain_id: int | None = None
    finality: str = "latest"
    freshness: float = FRESHNESS
    host_url: str = ""

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Self:
        """Read ETH_GATEWAY, IPFS_GATEWAY, HOST_URL and DIPMP_*. Raises InvalidSettings, which never shows a URL."""
        problems: list[str] = []
        read = _Reader(env, problems)
        settings = cls(
            chains=read.chains(),
            gateways=read.urls("IPFS_GATEWAY", required="the IPFS gateways that files are fetched from"),
            chain_id=read.chain_id("DIPMP_CHAIN_ID"),
            finality=read.choice("DIPMP_FINALITY", FINALITIES),
            freshness=read.seconds("DIPMP_FRESHNESS", FRESHNESS),
            host_url="".join(read.urls("HOST_URL")[:1]).rstrip("/"),
        )
        if problems:
            raise InvalidSettings(problems)
        return settings


@dataclass(frozen=True, slots=True)
class _Reader:
    env: Mapping[str, str]
    problems: list[str]

    def text(self, name: str) -> str:
        return self.env.get(name, "").strip()

    def chains(self) -> dict[str, tuple[str, ...]]:
        chains = {_short_name(name): self.urls(name) for name in sorted(self.env) if name.startswith(_RPC_PREFIX)}
        for name in chains:
            if name not in CHAIN_IDS:
                self.problems.append(f"{_RPC_PREFIX}…: {name[:40]!r} is not the short name of a known chain (EIP-3770)")
        default = self.urls(
            "ETH_GATEWAY", required="" if chains else "the JSON-RPC endpoints that the chain is read from"
        )
        return {name: urls for name, urls in {"": default, **chains}.items() if urls}

    def urls(self, name: str, *, required: str = "") -> tuple[str, ...]:
        urls = tuple(part.strip() for part in self.text(name).split(",") if part.strip())
        if not urls and required:
            self.problems.append(f"{name} is not set: a comma-separated list of URLs, {required}")
        for number, url in enumerate(urls, 1):
            if not _is_http_url(url):
                # The value may hold an access key, so the message only says which one it is.
                self.problems.append(f"{name}: URL number {number} does not begin with http:// or https:// and a host")
        return urls

    def chain_id(self, name: str) -> int | None:
        text = self.text(name)
        if not text:
            return None
        if not re.fullmatch(r"[1-9][0-9]{0,18}", text):
            self.problems.append(f"{name} is {text[:40]!r}, not a chain id: a whole number above 0, such as 8453")
            return None
        return int(text)

    def choice(self, name: str, choices: tuple[str, ...]) -> str:
        text = self.text(name) or choices[0]
        if text not in choices:
            self.problems.append(f"{name} is {text[:40]!r}, not one of {', '.join(choices)}")
        return text

    def seconds(self, name: str, default: float) -> float:
        text = self.text(name)
        if not text:
            return default
        if not re.fullmatch(r"[0-9]{1,4}(\.[0-9]{1,6})?", text) or float(text) > _MAX_FRESHNESS:
            self.problems.append(f"{name} is {text[:40]!r}, not a number of seconds from 0 to {_MAX_FRESHNESS:.0f}")
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
