"""Listening sockets, their URLs, and Host headers."""

import socket
from contextlib import closing, suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dipmp_lib.errors import InvalidInput
from dipmp_lib.http.listen import LOOPBACK, is_loopback_host, listen, listen_on, url_of


@pytest.mark.parametrize(
    "header", ["localhost", "LocalHost:8000", "127.0.0.1", "127.0.0.1:65535", "[::1]", "[::1]:8000"]
)
def test_host_headers_of_loopback(header: str) -> None:
    assert is_loopback_host(header)


@pytest.mark.parametrize(
    "header",
    [
        *["", ":80", "example.org", "localhost.example.org", "127.0.0.1.example.org", "example.localhost", "192.0.2.1"],
        *[
            "127.0.0.9:1",
            "127.1",
            "2130706433",
            "0x7f.0.0.1",
            "[::]",
            "[::ffff:10.0.0.1]",
            "[localhost]",
            "::1",
            "127.0.0.1:",
        ],
        *["127.0.0.1:123456", "user@127.0.0.1", "127.0.0.1/", "127.0.0.1 ", "127.0.0.1, 127.0.0.1", "localhost\n"],
        "\u066127.0.0.1",
    ],
)
def test_other_host_headers_are_not_loopback(header: str) -> None:
    assert not is_loopback_host(header)


@given(st.text(max_size=40))
def test_any_host_header_is_judged(header: str) -> None:
    is_loopback_host(header)


def test_port_0_takes_a_free_port() -> None:
    with closing(listen_on(0)) as one, closing(listen_on(0)) as other:
        assert one.getsockname()[0] == LOOPBACK
        assert one.getsockname()[1] != other.getsockname()[1]


def test_a_preferred_port_that_is_taken_is_replaced_by_another() -> None:
    with closing(listen_on(0)) as taken:
        port = taken.getsockname()[1]
        with closing(listen_on(0, preferred=port)) as other:
            assert other.getsockname()[1] not in (0, port)


def test_a_preferred_port_that_is_free_is_taken() -> None:
    def gets_it() -> bool:
        with closing(listen_on(0)) as one:
            port: int = one.getsockname()[1]
        with closing(listen_on(0, preferred=port)) as again:
            return bool(again.getsockname()[1] == port)

    assert any(gets_it() for _ in range(5))  # another process may take it in between


def test_a_port_that_was_asked_for_is_taken_or_refused() -> None:
    with closing(listen_on(0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(InvalidInput, match=rf"cannot listen on 127\.0\.0\.1 port {port}") as caught:
            listen_on(port, preferred=0)
    assert "--port 0" in caught.value.hint


@pytest.mark.parametrize(("host", "port"), [("192.0.2.1", 0), ("no-such-host.invalid", 0)])
def test_what_cannot_be_listened_on_is_the_callers_mistake(host: str, port: int) -> None:
    with pytest.raises(InvalidInput, match="cannot listen"):
        listen(host, port)


def test_accepted_connections_do_not_delay_small_packets() -> None:
    with closing(listen_on(0)) as listening:
        assert listening.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_urls_of_both_families() -> None:
    with closing(listen_on(0)) as listening:
        assert url_of(listening) == f"http://127.0.0.1:{listening.getsockname()[1]}"
    with suppress(InvalidInput), closing(listen("::1", 0)) as listening:  # a machine may be without IPv6
        assert url_of(listening) == f"http://[::1]:{listening.getsockname()[1]}"
