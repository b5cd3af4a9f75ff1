"""A gateway's URL as operators write it, and as it is used."""

from urllib.parse import urlsplit

from ..errors import InvalidInput, InvalidSettings
from ..http import mask_url
from ..http.url import parse_target


def gateway_base(url: str) -> str:
    """Return `https://host[/prefix]/ipfs` for a gateway given with or without its `/ipfs`. Raises InvalidSettings."""
    base = url.strip().rstrip("/").removesuffix("/ipfs").rstrip("/")
    try:
        parse_target(base)
    except InvalidInput as error:
        raise InvalidSettings([f"{mask_url(base)} is not the URL of a gateway ({error})"]) from None
    if "?" in base or "#" in base:
        raise InvalidSettings([f"the gateway {mask_url(base)} has a query or fragment"])
    return f"{base}/ipfs"


def is_public(base: str) -> bool:
    """Tell whether clients may be sent there: a user and password in the URL are for this server alone."""
    return "@" not in urlsplit(base).netloc
