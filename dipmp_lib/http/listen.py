"""Listening sockets, and the check of Host headers that keeps web pages in a browser away from those on loopback."""

import re
import socket

from ..errors import InvalidInput

LOOPBACK = "127.0.0.1"
_HOST = re.compile(r"(?:127\.0\.0\.1|localhost|\[::1\])(?::[0-9]{1,5})?", re.I)
"""The names under which servers here are reached. Other addresses of 127.0.0.0/8 are not among them."""


def is_loopback_host(header: str) -> bool:
    """Tell whether a Host header (RFC 9110, 7.2) names loopback; another name means DNS rebinding."""
    return _HOST.fullmatch(header) is not None


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
