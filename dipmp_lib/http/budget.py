"""Time and bytes that one exchange may take, enforced where every byte passes: in the socket.

A socket's own timeout bounds one system call, so a peer that drips a byte now and then is never timed out. Here each
call gets what is left of the whole, and each byte received is counted before anything can parse or keep it.
"""

import socket
import ssl
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing_extensions import Buffer  # collections.abc has it from Python 3.12

FRAMING = 256 * 1024
"""Bytes allowed on the wire for status line, headers and chunk framing, on top of twice the body."""


class OverrunError(Exception):
    """A peer sent more than the exchange allows."""


class Budget:
    """What is left of one exchange."""

    def __init__(self, seconds: float, max_bytes: int) -> None:
        self.seconds = seconds
        self.max_bytes = max_bytes
        self.received = 0
        self._ends = time.monotonic() + seconds
        self._wire = 2 * max_bytes + FRAMING

    @property
    def spent(self) -> bool:
        """Whether the time is over."""
        return time.monotonic() >= self._ends

    def left(self) -> float:
        """Return the seconds left, more than 0. Raises TimeoutError."""
        left = self._ends - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return max(left, 0.001)  # a socket takes 0 for "do not block"

    def took(self, count: int) -> None:
        """Count bytes received. Raises OverrunError."""
        self.received += count
        if self.received > self._wire:
            raise OverrunError


class _Budgeted(socket.socket):
    """Overrides the three calls through which http.client moves bytes."""

    budget: Budget | None = None

    def recv_into(self, buffer: "Buffer", nbytes: int | None = None, flags: int = 0) -> int:
        if self.budget is None:
            return super().recv_into(buffer, nbytes or 0, flags)
        self.settimeout(self.budget.left())
        count = super().recv_into(buffer, nbytes or 0, flags)
        self.budget.took(count)
        return count

    def send(self, data: "Buffer", flags: int = 0) -> int:
        self._limit()
        return super().send(data, flags)

    def sendall(self, data: "Buffer", flags: int = 0) -> None:
        self._limit()
        super().sendall(data, flags)

    def _limit(self) -> None:
        if self.budget is not None:
            self.settimeout(self.budget.left())


class PlainSocket(_Budgeted):
    """TCP within a budget."""


class TlsSocket(_Budgeted, ssl.SSLSocket):
    """TLS within a budget; an SSLContext makes these through `sslsocket_class`."""
