"""URLs of requests: parsed, and masked for messages."""

import base64
import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from ..errors import InvalidInput

_VISIBLE = re.compile(r"[!-~]+")  # RFC 3986 knows no blanks, controls or non-ASCII characters
_HOST = re.compile(r"(?=.{1,253}\Z)(?:[0-9a-f:.]+|(?:[a-z0-9_-]{1,63}\.)*[a-z0-9_-]{1,63}\.?)")
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Origin:
    """Origin of a URL (RFC 6454): scheme, host in lower case without brackets, port."""

    scheme: str
    host: str
    port: int

    @property
    def is_loopback(self) -> bool:
        """Whether the host is `localhost` or a loopback address (RFC 6890); no name is resolved."""
        host = self.host.rstrip(".")
        try:
            return ipaddress.ip_address(host).is_loopback
        except ValueError:
            return host == "localhost"

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}" + ("" if self.port == _PORTS[self.scheme] else f":{self.port}")


@dataclass(frozen=True, slots=True)
class ParsedUrl:
    """A parsed URL. `str()` shows no user, path or query, since each of them may be a secret."""

    origin: Origin
    path: str
    authorization: str

    def __str__(self) -> str:
        return str(self.origin) + ("" if self.path == "/" else "/…")


def parse_target(url: str) -> ParsedUrl:
    """Parse an absolute http(s) URL; a user and password become Basic authorization. Raises InvalidInput."""
    try:
        parts = urlsplit(url if _VISIBLE.fullmatch(url) else "")
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise InvalidInput("a URL cannot be parsed", hint=_HINT) from None
    if parts.scheme not in _PORTS or _HOST.fullmatch(host) is None or port == 0:
        raise InvalidInput("a URL is not an absolute http or https URL", hint=_HINT)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return ParsedUrl(
        Origin(parts.scheme, host, port or _PORTS[parts.scheme]), path, _basic(parts.username, parts.password)
    )


def mask_url(url: str) -> str:
    """Return scheme, host and port of `url`, with … for the rest, for messages."""
    try:
        return str(parse_target(url))
    except InvalidInput:
        return "(not a URL)"


_HINT = "write it as https://host/path"


def _basic(user: str | None, password: str | None) -> str:
    if user is None:
        return ""
    pair = f"{unquote(user)}:{unquote(password or '')}"
    return "Basic " + base64.b64encode(pair.encode()).decode()
