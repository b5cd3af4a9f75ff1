"""Listening sockets, and the check of Host headers that keeps web pages in a browser away from those on loopback."""

import re
import socket

from ..errors import InvalidInput
from .url import Origin

LOOPBACK = "127.0.0.1"
_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[0-9a-z.-]+)(?::[0-9]{1,5})?")


def is_loopback_host(header: str) -> bool:
    """Tell whether a Host header (RFC 9110, 7.2) names loopback; another name means DNS rebinding."""
    match = _HOST.fullmatch(header.lower())
    return match is not None and Origin("http", match[1].strip("[]"), 80).is_loopback


def listen_on(port: int, *, preferred: int = 0) -> socket.socket:
    """Return a socket that listens on loopback at `port`; where that is 0, at `preferred` if free, else at any port.

    Raises InvalidInput where `port` is taken.
    """
    listening = _preferred(preferred) if preferred and not port else None
    return listening or listen(LOOPBACK, port)


def _preferred(port: int) -> socket.socket | None:
    try:
        return listen(LOOPBACK, port)
    except InvalidInput:
        return None


def listen(host: str, port: int) -> socket.socket:
    """Return a listening socket; port 0 takes a free port. Raises InvalidInput."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listening = socket.create_server((host, port), family=family, backlog=1024)
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InvalidInput(
            f"cannot listen on {host} port {port}: {reason}", hint="--port 0 takes a free port"
        ) from error
    # Accepted connections inherit it. asyncio sets it only on sockets that name their protocol, unlike this one, and
    # without it the second packet of an answer waits 40 ms for the client's delayed acknowledgement.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening


def url_of(listening: socket.socket) -> str:
    """Return `http://host:port` of a listening socket."""
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
