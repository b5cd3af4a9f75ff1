"""Real pip and uv against an index whose gateways fail (G1 to G9)."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.faulty.toxics import Toxic, bandwidth, hang, only, override, reset, rewrite, truncate
from tests.support.programs.clients import Environment, Run, make_environment
from tests.support.systems.index_and_gateways import MODES, Lab, Server, file_lab, file_server, is_get, to_client

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with file_lab(tmp_path_factory.mktemp("lab")) as made:
        yield made


@pytest.fixture(params=["pip-newest", "uv"])
def client(request: pytest.FixtureRequest, tmp_path: Path) -> Environment:
    return make_environment(tmp_path / "client", request.param)


def install(server: Server, client: Environment, *names: str) -> Run:
    """Install; what drips or hangs never ends, so a client that is done did not wait for it."""
    return client.install(server.index_url, *(names or ("small-one", "large-one")))


def flipped(body: bytes) -> bytes:
    return body[:-1] + bytes([body[-1] ^ 1]) if body else body


BAD: dict[str, tuple[Toxic, ...]] = {
    "G1-404": (override(404),),
    "G2-504": (override(504),),
    "G3-flipped": (only(is_get, rewrite(flipped)),),
    "G5-drip": (bandwidth(10),),
    "G6-stall": (hang(after=100),),
}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("ways", BAD.values(), ids=BAD)
def test_G1_to_G6_the_next_gateway_serves(lab: Lab, client: Environment, mode: str, ways: tuple[Toxic, ...]) -> None:
    with file_server(lab, mode, ways, ()) as server:
        done = install(server, client)
    assert done.code == 0, done.text
    assert client.run(client.python, "-c", "import small_one, large_one").code == 0


@pytest.mark.parametrize("end", [truncate, reset], ids=["close", "RST"])
def test_G4_redirect_truncated_once_sent_on(lab: Lab, client: Environment, end: type) -> None:
    half = only(lambda r: is_get(r) and to_client(r), end(len(lab.large.data) // 2))
    with file_server(lab, "redirect", (half,), ()) as server:
        done = install(server, client, "large-one")
        if client.client == "pip-newest":
            elsewhere = [r for r in server.gateways[1].requests if is_get(r) and to_client(r)]
            # A reset takes what the client had not read yet with it, and pip resumes only what it has a part of.
            assert [r for r in elsewhere if end is reset or "range" in r.headers], "resumed elsewhere"
    assert done.code == 0, done.text


@pytest.mark.parametrize("end", [truncate(100_000), reset(100_000), hang(100_000)], ids=["close", "RST", "G6"])
def test_G4_G6_stream_resumes_at_the_block(lab: Lab, client: Environment, end: Toxic) -> None:
    with file_server(lab, "stream", (only(is_get, end),), ()) as server:
        done = install(server, client)
        assert not [r for r in server.gateways[1].requests if to_client(r)]
    assert done.code == 0, done.text


@pytest.mark.parametrize("second", [override(404), pytest.param(hang(), marks=pytest.mark.long)], ids=["404", "hang"])
def test_G9_all_dead_is_one_error_and_nothing_installed(lab: Lab, client: Environment, second: Toxic) -> None:
    with file_server(lab, "stream", (override(503),), (second,)) as server:
        done = install(server, client)
    assert done.code != 0
    assert "Traceback" not in done.err
    assert client.run(client.python, "-c", "import small_one").code != 0
    assert client.run(client.python, "-c", "import large_one").code != 0
    left = [p for p in client.folder.rglob("*.whl*") if p.stat().st_size]
    assert not left, left
