"""Budgets of exchanges, sockets that keep to them, and idle connections."""

import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from dipmp_lib.http import connections
from dipmp_lib.http.connections import (
    FRAMING,
    MAX_ADDRESSES,
    MAX_IDLE,
    MAX_IDLE_PER_ORIGIN,
    MAX_IDLE_SECONDS,
    Budget,
    Connection,
    OverrunError,
    PlainSocket,
    Pool,
    dial,
)
from dipmp_lib.http.url import Origin
from tests.support.fakes.clock import Clock
from tests.support.waiting import HANGS


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("dipmp_lib.http.connections.time.monotonic", clock)
    return clock


@pytest.fixture
def listening() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0), backlog=200) as server:
        yield server


def test_a_budget_ends(clock: Clock) -> None:
    budget = Budget(2.0, 10)
    assert (budget.left(), budget.spent) == (2.0, False)
    clock.now += 1.9999
    assert budget.left() == 0.001  # a socket takes 0 for "do not block"
    clock.now += 0.0001
    assert budget.spent
    with pytest.raises(TimeoutError):
        budget.left()


def test_a_budget_bounds_the_bytes_on_the_wire() -> None:
    budget = Budget(1, 1000)
    budget.took(2000 + FRAMING)
    with pytest.raises(OverrunError):
        budget.took(1)


def test_a_socket_counts_what_it_receives_and_stops_with_its_budget(clock: Clock) -> None:
    ours, theirs = socket.socketpair()
    with theirs, PlainSocket(fileno=ours.detach()) as plain:
        plain.budget = budget = Budget(5, 10)
        theirs.sendall(b"12345")
        assert plain.recv_into(bytearray(100)) == 5
        assert budget.received == 5
        plain.sendall(b"abc")
        assert theirs.recv(10) == b"abc"
        clock.now += 5
        for call in (lambda: plain.recv_into(bytearray(1)), lambda: plain.send(b"x"), lambda: plain.sendall(b"x")):
            with pytest.raises(TimeoutError):
                call()


def addresses(*ports: int) -> list[tuple[object, ...]]:
    return [(socket.AF_INET, socket.SOCK_STREAM, 0, "", ("127.0.0.1", port)) for port in ports]


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
    return port


def test_the_next_address_is_tried(listening: socket.socket, monkeypatch: pytest.MonkeyPatch) -> None:
    port = listening.getsockname()[1]
    monkeypatch.setattr(connections, "_lookup", lambda *_: addresses(closed_port(), port))
    with dial("two.example", 80, Budget(60, 10)) as sock:
        assert sock.getpeername()[1] == port
        assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        assert sock.budget is not None


def test_the_number_of_addresses_is_bounded(listening: socket.socket, monkeypatch: pytest.MonkeyPatch) -> None:
    ports = [closed_port()] * MAX_ADDRESSES + [listening.getsockname()[1]]
    monkeypatch.setattr(connections, "_lookup", lambda *_: addresses(*ports))
    with pytest.raises(ConnectionRefusedError):
        dial("many.example", 80, Budget(60, 10))


def test_a_name_without_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "_lookup", lambda *_: [])
    with pytest.raises(OSError, match="no address"):
        dial("none.example", 80, Budget(60, 10))


@pytest.mark.parametrize("failure", [socket.gaierror(8, "unknown"), UnicodeError("label too long")])
def test_failures_of_the_resolver_pass_through(failure: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    def lookup(_host: str, _port: int, flags: int) -> object:
        raise socket.gaierror if flags else failure

    monkeypatch.setattr(connections, "_lookup", lookup)
    with pytest.raises(type(failure)):
        dial("name.example", 80, Budget(60, 10))


def test_resolvers_that_hang_are_bounded_in_number(monkeypatch: pytest.MonkeyPatch) -> None:
    hanging, release = threading.Semaphore(0), threading.Event()

    def lookup(_host: str, _port: int, flags: int) -> list[tuple[object, ...]]:
        if flags:
            raise socket.gaierror
        hanging.release()
        release.wait(600)
        return []

    monkeypatch.setattr(connections, "_lookup", lookup)
    monkeypatch.setattr(connections, "_RESOLVERS", threading.BoundedSemaphore(2))
    for _ in range(4):
        with pytest.raises(TimeoutError):
            dial("slow.example", 80, Budget(0.02, 10))
    release.set()
    for thread in threading.enumerate():
        if thread.name == "resolve":
            thread.join(HANGS)
    started = 0
    while hanging.acquire(blocking=False):
        started += 1
    assert started == 2


class Idle:
    """Connections to a listening socket that sends nothing."""

    def __init__(self, listening: socket.socket, stack: ExitStack) -> None:
        self._listening, self._stack = listening, stack
        self.peers: list[socket.socket] = []

    def connection(self, host: str = "127.0.0.1") -> Connection:
        connection = Connection(Origin("http", host, self._listening.getsockname()[1]), None)
        connection.host = "127.0.0.1"
        connection.begin(Budget(60, 10))
        connection.connect()
        self.peers.append(self._stack.enter_context(self._listening.accept()[0]))
        self._stack.callback(connection.close)
        return connection


@pytest.fixture
def idle(listening: socket.socket) -> Iterator[Idle]:
    with ExitStack() as stack:
        yield Idle(listening, stack)


def test_the_connection_used_last_is_taken_first(idle: Idle) -> None:
    pool, one, two = Pool(), idle.connection(), idle.connection()
    pool.give(one)
    pool.give(two)
    assert [pool.take(one.origin) for _ in range(3)] == [two, one, None]


def test_connections_are_kept_by_origin(idle: Idle) -> None:
    pool, one, other = Pool(), idle.connection("one.example"), idle.connection("other.example")
    pool.give(one)
    assert pool.take(other.origin) is None
    assert pool.take(Origin("https", one.origin.host, one.origin.port)) is None
    assert pool.take(one.origin) is one


def test_a_connection_whose_peer_spoke_or_hung_up_is_closed(idle: Idle) -> None:
    pool, spoke, gone = Pool(), idle.connection(), idle.connection()
    idle.peers[0].sendall(b"HTTP/1.1 408 Request Timeout\r\n\r\n")
    idle.peers[1].close()
    for connection in (spoke, gone):
        assert connection.sock is not None
        select_until_readable(connection.sock)
        pool.give(connection)
    assert pool.take(spoke.origin) is None
    assert (spoke.sock, gone.sock) == (None, None)


def select_until_readable(sock: socket.socket) -> None:
    sock.settimeout(60)
    sock.recv(1, socket.MSG_PEEK)


def test_a_connection_does_not_stay_idle_for_long(idle: Idle, clock: Clock) -> None:
    pool, connection = Pool(), idle.connection()
    pool.give(connection)
    clock.now += MAX_IDLE_SECONDS
    assert pool.take(connection.origin) is connection
    pool.give(connection)
    clock.now += MAX_IDLE_SECONDS + 0.1
    assert pool.take(connection.origin) is None
    assert connection.sock is None


def test_few_are_kept_for_an_origin(idle: Idle) -> None:
    pool, made = Pool(), [idle.connection() for _ in range(MAX_IDLE_PER_ORIGIN + 1)]
    for connection in made:
        pool.give(connection)
    assert [connection.sock is None for connection in made] == [False] * MAX_IDLE_PER_ORIGIN + [True]


def test_few_are_kept_together(idle: Idle) -> None:
    pool, made = Pool(), [idle.connection(f"h{number}.example") for number in range(MAX_IDLE + 1)]
    for connection in made:
        pool.give(connection)
    assert [connection.sock is None for connection in made] == [False] * MAX_IDLE + [True]
    pool.close()
    assert all(connection.sock is None for connection in made)
    assert pool.take(made[0].origin) is None
