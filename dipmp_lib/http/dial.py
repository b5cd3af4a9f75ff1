"""From a host name to a connected socket, within a budget."""

import socket
import threading
from collections.abc import Sequence
from concurrent.futures import Future

from .budget import Budget, PlainSocket

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
    """Resolve in a thread of its own, because getaddrinfo cannot be given a deadline and retries for many seconds."""
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
