"""Listening sockets on loopback, and what keeps web pages in the user's browser away from them."""

import re
import socket

from ..errors import InvalidInput
from ..web.server import listen

LOOPBACK = "127.0.0.1"
_HOST = re.compile(r"(?:127\.0\.0\.1|localhost|\[::1\])(?::[0-9]{1,5})?", re.I)


def is_loopback_host(header: str) -> bool:
    """Tell whether a Host header names loopback; another name means DNS rebinding."""
    return _HOST.fullmatch(header) is not None


def listen_on(port: int, *, preferred: int = 0) -> socket.socket:
    """Return a listening loopback socket on `port`; where that is 0, on `preferred` if it is free, else on any.

    Raises InvalidInput where `port` is taken.
    """
    listening = _preferred(preferred) if preferred and not port else None
    return listening or listen(LOOPBACK, port)


def _preferred(port: int) -> socket.socket | None:
    try:
        return listen(LOOPBACK, port)
    except InvalidInput:
        return None
