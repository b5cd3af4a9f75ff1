"""The prototype's configuration file: `[chain] address private_key gateway account`, `[ipfs] url key secret`.

The file holds the private key and Pinata's secret. They are used under the names of variables, never shown, and never
put into this process's environment.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from .keys import Key, take
from .setting import Setting

KEY_VARIABLE = "DIPMP_CONFIG_KEY"
"""Variable under which the signer finds the private key of a configuration file."""

_CHAIN = {
    "address": Key("DIPMP_REGISTRY"),
    "gateway": Key("ETH_GATEWAY", "texts"),
    "private_key": Key("private_key"),
    "account": Key("account"),
}
_IPFS = {"url": Key("url"), "key": Key("key"), "secret": Key("secret")}
_PRIVATE_KEY = re.compile(r"(?:0x)?[0-9a-fA-F]{64}")
_ACCOUNT = re.compile(r"0x[0-9a-fA-F]{40}")


@dataclass(frozen=True, slots=True)
class SeedConfig:
    """Settings, secrets and account of the two tables."""

    values: Mapping[str, Setting]
    secrets: Mapping[str, str] = field(repr=False)
    account: str


def parse(chain: Mapping[str, object], ipfs: Mapping[str, object], where: str, problems: list[str]) -> SeedConfig:
    """Parse `[chain]` and `[ipfs]`; mistakes are added to `problems`."""
    values = take(chain, _CHAIN, f"[chain] of {where}", problems)
    secrets: dict[str, str] = {}
    key, account = values.pop("private_key", None), values.pop("account", None)
    if key is not None and _PRIVATE_KEY.fullmatch(key.text):
        secrets[KEY_VARIABLE] = key.text
        values["DIPMP_SIGNER"] = Setting(f"env:{KEY_VARIABLE}", key.where)
    elif key is not None:
        problems.append(f"{key.where} is not a private key (64 hexadecimal digits)")
    if account is not None and not _ACCOUNT.fullmatch(account.text):
        problems.append(f"{account.where} is not an address (0x and 40 hexadecimal digits)")
        account = None
    pinner = _pinner(take(ipfs, _IPFS, f"[ipfs] of {where}", problems), secrets, problems)
    return SeedConfig({**values, **pinner}, secrets, account.text if account else "")


def _pinner(ipfs: Mapping[str, Setting], secrets: dict[str, str], problems: list[str]) -> dict[str, Setting]:
    """Return the pinner: Pinata for a key and a secret, a Kubo RPC endpoint for a URL alone."""
    url, key, secret = (ipfs.get(name) for name in ("url", "key", "secret"))
    if (key is None) != (secret is None):
        present = key or secret
        problems.append(f"{present.where if present else ''} is not enough: Pinata needs both key and secret")
    elif key is not None and secret is not None:
        secrets |= {"PINATA_API_KEY": key.text, "PINATA_API_SECRET": secret.text}
        return {"DIPMP_PINNER": Setting("pinata-legacy:", key.where)}
    elif url is not None:
        return {"DIPMP_PINNER": Setting(f"kubo:{url.text}", url.where)}
    return {}
