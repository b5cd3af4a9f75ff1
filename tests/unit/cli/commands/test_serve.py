"""`dipmp serve` as a process."""

import http.client
import os
import signal
import socket
import subprocess
import sys
from urllib.parse import urlsplit

import pytest

from dipmp_lib.errors import InvalidInput
from dipmp_lib.http.listen import listen, url_of
from tests.support.repository import ROOT
from tests.support.systems.embedded_chain import killed
from tests.support.waiting import HANGS

pytestmark = pytest.mark.slow

CODE = "import typer; from dipmp_cli.commands.serve import serve_command; typer.run(serve_command)"
ENV = {"ETH_GATEWAY": "http://127.0.0.1:9", "IPFS_GATEWAY": "http://127.0.0.1:9/ipfs"}


def start(*arguments: str, **env: str) -> subprocess.Popen[str]:
    paths = os.pathsep.join([str(ROOT), str(ROOT / "cli")])
    return subprocess.Popen(
        [sys.executable, "-c", CODE, *arguments],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": paths, **ENV, **env},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_until_a_signal(stop: signal.Signals) -> None:
    with killed(start("--port", "0")) as server:
        assert server.stdout is not None
        url = server.stdout.readline().strip()
        connection = http.client.HTTPConnection("127.0.0.1", urlsplit(url).port, timeout=HANGS)
        connection.request("GET", "/healthz")
        assert connection.getresponse().status == 200
        connection.close()
        server.send_signal(stop)
        out, err = server.communicate(timeout=HANGS)
    assert url.startswith("http://127.0.0.1:")
    assert out == ""  # the request log and all other talk go to stderr
    assert f"{url}/simple/{{registry}}/" in err
    assert '"GET /healthz HTTP/1.1" 200' in err
    assert "Traceback" not in err


def test_quiet_and_public_url() -> None:
    with killed(start("--port", "0", "--quiet", HOST_URL="https://index.example/")) as server:
        assert server.stdout is not None
        assert server.stdout.readline().strip() == "https://index.example"
        server.send_signal(signal.SIGTERM)
        out, err = server.communicate(timeout=HANGS)
    assert out == ""
    assert err.startswith("A registry's index is at https://index.example/simple/")


def test_a_taken_port_is_one_sentence() -> None:
    with listen("127.0.0.1", 0) as taken:
        port = urlsplit(url_of(taken)).port or 0
        with pytest.raises(
            InvalidInput, match=f"cannot listen on 127.0.0.1 port {port}: Address already in use"
        ) as caught:
            listen("127.0.0.1", port)
    assert "--port 0" in caught.value.hint


@pytest.mark.parametrize("host", ["not a host", "256.1.1.1", ""])
def test_a_host_that_is_none(host: str) -> None:
    if host:
        with pytest.raises(InvalidInput, match="cannot listen on"):
            listen(host, 0)
    else:
        with listen(host, 0) as everywhere:
            assert url_of(everywhere).startswith("http://0.0.0.0:")


@pytest.mark.skipif(not socket.has_ipv6, reason="no IPv6 on this machine")
def test_ipv6() -> None:
    try:
        listening = listen("::1", 0)
    except InvalidInput:
        pytest.skip("no IPv6 loopback")
    with listening:
        assert url_of(listening).startswith("http://[::1]:")
