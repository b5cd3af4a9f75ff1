"""Sockets under a budget of time and bytes, HTTP/1.1 connections, and the pool of idle ones."""

import http.client
import select
import socket
import ssl
import threading
import time
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import Future
from typing import TYPE_CHECKING

from .url import Origin

if TYPE_CHECKING:
    from typing_extensions import Buffer  # collections.abc has it from Python 3.12

FRAMING = 256 * 1024
"""Bytes allowed on the wire for status line, headers and chunk framing, on top of twice the body."""


class OverrunError(Exception):
    """A peer sent more bytes than the budget allows."""


class Budget:
    """Budget of one exchange: seconds in all, and bytes of the body."""

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
    """Overrides the three methods by which http.client sends and receives."""

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


MAX_ADDRESSES = 6
_RESOLVERS = threading.BoundedSemaphore(16)
_Addresses = Sequence[tuple[socket.AddressFamily, socket.SocketKind, int, str, tuple[object, ...]]]


def dial(host: str, port: int, budget: Budget) -> PlainSocket:
    """Connect to the first of the host's addresses that answers. Raises OSError.

    The time left is shared among the addresses left, so that one dead address cannot use it up.
    """
    addresses = _resolve(host, port, budget)[:MAX_ADDRESSES]
    failure = OSError("no address")
    for index, (family, kind, protocol, _, address) in enumerate(addresses):
        sock = PlainSocket(family, kind, protocol)
        try:
            sock.settimeout(budget.left() / (len(addresses) - index))
            sock.connect(address)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except OSError as error:
            sock.close()
            failure = error
        else:
            sock.budget = budget
            return sock
    raise failure


def _resolve(host: str, port: int, budget: Budget) -> _Addresses:
    """Resolve in a thread of its own, because getaddrinfo takes no deadline and retries for many seconds."""
    try:
        return _lookup(host, port, socket.AI_NUMERICHOST)
    except socket.gaierror:
        pass
    if not _RESOLVERS.acquire(timeout=budget.left()):
        raise TimeoutError
    answer: Future[_Addresses] = Future()
    threading.Thread(target=_resolve_into, args=(answer, host, port), name="resolve", daemon=True).start()
    return answer.result(budget.left())


def _resolve_into(answer: Future[_Addresses], host: str, port: int) -> None:
    try:
        answer.set_result(_lookup(host, port, 0))
    except (OSError, UnicodeError) as error:
        answer.set_exception(error)
    finally:
        _RESOLVERS.release()


def _lookup(host: str, port: int, flags: int) -> _Addresses:
    return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=flags)


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
        """Set the budget of the next exchange."""
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
        """Pool an idle connection, or close it where the pool is full."""
        connection.idle_since = time.monotonic()
        with self._lock:
            pooled = self._idle[connection.origin]
            full = self._count >= MAX_IDLE or len(pooled) >= MAX_IDLE_PER_ORIGIN
            if not full:
                pooled.append(connection)
                self._count += 1
        if full:
            connection.close()

    def close(self) -> None:
        """Close every idle connection."""
        with self._lock:
            idle = [connection for pooled in self._idle.values() for connection in pooled]
            self._idle.clear()
            self._count = 0
        for connection in idle:
            connection.close()

    def _pop(self, origin: Origin) -> Connection | None:
        with self._lock:
            pooled = self._idle.get(origin)
            if not pooled:
                return None
            self._count -= 1
            connection = pooled.pop()
            if not pooled:
                del self._idle[origin]
            return connection
