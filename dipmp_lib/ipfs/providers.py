"""Operators of gateways and pinning services, by host: a service's own gateway is no proof that it stores content.

Two hosts of one registrable domain have one operator. Without the public suffix list that domain is guessed: the last
two labels, or three below the second-level domains that countries use for registrations. Too wide a guess takes two
operators for one, which demands one more gateway as proof and never accepts one too many.
"""

import ipaddress

from ..http.url import parse_target

_REGISTRATIONS = frozenset({"ac", "co", "com", "edu", "gov", "go", "ne", "net", "or", "org"})
_FAMILIES = (
    ("4everland.io", "4everland.dev", "4everland.xyz", "4everland.link"),
    ("filebase.com", "filebase.io", "myfilebase.com"),
    ("ipfs.io", "dweb.link", "trustless-gateway.link", "ipfs.tech"),
    ("lighthouse.storage", "lighthouseweb3.xyz"),
    ("pinata.cloud", "mypinata.cloud"),
)
_OTHER_NAMES = {name: family[0] for family in _FAMILIES for name in family}


def provider_of(url: str) -> str:
    """Return the operator of an absolute http(s) URL, "" for hosts of a private network. Raises InvalidInput."""
    host = parse_target(url).origin.host.rstrip(".")
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return _operator_of_name(host)
    return str(address) if address.is_global else ""


def _operator_of_name(host: str) -> str:
    labels = host.split(".")
    if len(labels) == 1 or labels[-1] in ("local", "localhost", "internal", "test", "invalid"):
        return ""
    width = 3 if len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _REGISTRATIONS else 2
    domain = ".".join(labels[-width:])
    return _OTHER_NAMES.get(domain, domain)
