"""The index that is mirrored: which URLs may be asked, and who gets the credentials."""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field

from ..errors import InvalidInput, InvalidSettings, SourceError
from ..http import mask_url
from ..http.url import Origin, parse_target


@dataclass(frozen=True, slots=True)
class Source:
    """An index by its URL, which ends in `/` and holds no user. `authorization` goes to `origin` alone."""

    url: str
    origin: Origin
    authorization: str = field(repr=False)

    def headers(self, url: str) -> Mapping[str, str]:
        """Return what a request for `url` carries. Raises SourceError for a URL that must not be asked.

        Only https is asked; plain http and hosts of this machine only where the index itself is on this machine, so
        that a page cannot make this machine talk to itself. A URL with a user in it is refused: a page that names one
        could only send somebody's credentials somewhere.
        """
        try:
            target = parse_target(url)
        except InvalidInput:
            raise SourceError(f"{self} names a URL that cannot be asked") from None
        if target.authorization:
            raise SourceError(f"{self} leads to a URL on {target.origin} that carries credentials")
        if target.origin.scheme != "https" and not is_loopback(target.origin):
            raise SourceError(f"{self} leads to {target.origin}, which is not https")
        if is_loopback(target.origin) and not is_loopback(self.origin):
            raise SourceError(f"{self} leads to {target.origin}, on this very machine")
        return {"Authorization": self.authorization} if self.authorization and target.origin == self.origin else {}

    def __str__(self) -> str:
        return mask_url(self.url)


def parse_source(url: str) -> Source:
    """Parse an index's URL, https or on loopback, whose user and password become the credentials.

    Raises InvalidSettings, whose message shows neither.
    """
    try:
        target = parse_target(url.strip())
    except InvalidInput as error:
        raise InvalidSettings([f"the URL of the index to mirror cannot be used ({error})"]) from None
    if "?" in url or "#" in url:
        raise InvalidSettings([f"the URL of the index {mask_url(url)} has a query or fragment"])
    if target.origin.scheme != "https" and not is_loopback(target.origin):
        raise InvalidSettings([f"the index {target.origin} is not https, so anybody on the way could change it"])
    return Source(f"{target.origin}{target.path.rstrip('/')}/", target.origin, target.authorization)


def is_loopback(origin: Origin) -> bool:
    """Tell whether the host is this machine, by its name or address alone; no name is resolved."""
    host = origin.host.rstrip(".")
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
