"""Connections, and the idle ones that are kept for the next exchange."""

import http.client
import select
import ssl
import threading
import time
from collections import defaultdict

from .budget import Budget, PlainSocket, TlsSocket
from .dial import dial
from .url import Origin

MAX_IDLE_SECONDS = 20.0
"""Younger than the idle timeout of common load balancers (60 s and more), and short enough for a frozen function."""
MAX_IDLE = 64
MAX_IDLE_PER_ORIGIN = 8


class Connection(http.client.HTTPConnection):
    """One HTTP/1.1 connection whose socket obeys the budget of the exchange under way."""

    sock: PlainSocket | TlsSocket | None

    def __init__(self, origin: Origin, tls: ssl.SSLContext | None) -> None:
        super().__init__(origin.host, origin.port)
        self.default_port = 80 if tls is None else 443
        self.origin = origin
        self.idle_since = 0.0
        self._tls = tls
        self._budget = Budget(0, 0)

    def begin(self, budget: Budget) -> None:
        """Put the connection under `budget`."""
        self._budget = budget
        if self.sock is not None:
            self.sock.budget = budget

    def connect(self) -> None:
        """Open the socket; http.client calls this. Raises OSError."""
        plain = dial(self.host, self.port, self._budget)
        self.sock = plain if self._tls is None else self._wrap(plain, self._tls)

    def _wrap(self, plain: PlainSocket, tls: ssl.SSLContext) -> TlsSocket:
        try:
            plain.settimeout(self._budget.left())  # OpenSSL's whole handshake gets this much
            # A connection cut without close_notify is an error, or a cut body could look complete.
            secure = tls.wrap_socket(plain, server_hostname=self.host, suppress_ragged_eofs=False)
        except BaseException:
            plain.close()
            raise
        if not isinstance(secure, TlsSocket):
            raise TypeError(type(secure))
        secure.budget = self._budget
        return secure

    @property
    def reusable(self) -> bool:
        """Whether it is open, idle for a short time only, and silent: a peer that hung up makes it readable."""
        if self.sock is None or time.monotonic() - self.idle_since > MAX_IDLE_SECONDS:
            return False
        poll = select.poll()
        poll.register(self.sock.fileno(), select.POLLIN | select.POLLHUP | select.POLLERR)
        return not poll.poll(0)


class Pool:
    """Idle connections by origin, last in, first out. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._idle: defaultdict[Origin, list[Connection]] = defaultdict(list)
        self._count = 0

    def take(self, origin: Origin) -> Connection | None:
        """Return a connection that can be used again, or None."""
        while (connection := self._pop(origin)) is not None:
            if connection.reusable:
                return connection
            connection.close()
        return None

    def give(self, connection: Connection) -> None:
        """Keep an idle connection, or close it where there are enough."""
        connection.idle_since = time.monotonic()
        with self._lock:
            kept = self._idle[connection.origin]
            full = self._count >= MAX_IDLE or len(kept) >= MAX_IDLE_PER_ORIGIN
            if not full:
                kept.append(connection)
                self._count += 1
        if full:
            connection.close()

    def close(self) -> None:
        """Close every idle connection."""
        with self._lock:
            idle = [connection for kept in self._idle.values() for connection in kept]
            self._idle.clear()
            self._count = 0
        for connection in idle:
            connection.close()

    def _pop(self, origin: Origin) -> Connection | None:
        with self._lock:
            kept = self._idle.get(origin)
            if not kept:
                return None
            self._count -= 1
            connection = kept.pop()
            if not kept:
                del self._idle[origin]
            return connection
