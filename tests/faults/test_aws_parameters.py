"""`ETH_GATEWAY=ssm:/name` on Lambda: an extension that is slow, not ready, refuses, lies, sends too much or dies."""

import json
import sys
import time
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

import pytest

from dipmp_lib.aws.archive import DynamoArchive
from dipmp_lib.aws.table import Table
from dipmp_lib.model.chains import ChainIds
from dipmp_lib.model.names import ProjectName, RegistryAddress
from dipmp_lib.registry import MemoryLogStore
from dipmp_lib.registry.chain import Chain, ChainRegistry
from dipmp_lib.server.app import create_app
from dipmp_lib.server.compose import build
from dipmp_lib.server.settings import Settings
from tests.support.fakes.aws import TABLE, fake_aws
from tests.support.fakes.chain import ChainSimulator
from tests.support.fakes.rpc_server import json_rpc
from tests.support.faulty.fault_proxy import FaultProxy, Reply
from tests.support.faulty.toxics import Request, Toxic, bandwidth, endless, first, hang, head, override, reset
from tests.support.programs.asgi import request
from tests.support.waiting import HANGS

CHAIN_ID = 31337
PATH = "/dipmp/test/eth-gateway"
TOKEN = "the-session-token"
NOT_READY = override(400, b"not ready to serve traffic, please wait")


class Extension:
    """Answers with `value`."""

    def __init__(self) -> None:
        self.value = ""

    def __call__(self, asked: Request) -> Reply:
        parts = urlsplit(asked.path)
        assert parts.path == "/systemsmanager/parameters/get"
        assert parse_qs(parts.query) == {"name": [PATH], "withDecryption": ["true"]}
        assert asked.headers["x-aws-parameters-secrets-token"] == TOKEN
        return 200, json.dumps({"Parameter": {"Name": PATH, "Value": self.value}}).encode()


class Key:
    """A provider that serves the chain at one path, its key, and refuses all others."""

    def __init__(self, sim: ChainSimulator, key: str) -> None:
        self.key = key
        self._answer = json_rpc(sim)

    def __call__(self, asked: Request) -> Reply:
        return self._answer(asked) if asked.path == f"/{self.key}" else (401, b'{"error": "bad key"}')


@pytest.fixture
def sim() -> ChainSimulator:
    made = ChainSimulator(CHAIN_ID)
    made.release(made.deploy(), "foo", "foo-1.0-py3-none-any.whl")
    return made


@pytest.fixture
def at(sim: ChainSimulator) -> RegistryAddress:
    return sim.address_of(next(iter(sim.registries.values())))


@pytest.fixture
def provider(sim: ChainSimulator) -> Key:
    return Key(sim, "first-key")


@pytest.fixture
def rpc(provider: Key) -> Iterator[FaultProxy]:
    with FaultProxy(provider) as proxy:
        yield proxy


@pytest.fixture
def extension() -> Extension:
    return Extension()


@pytest.fixture
def door(extension: Extension, rpc: FaultProxy, monkeypatch: pytest.MonkeyPatch) -> Iterator[FaultProxy]:
    extension.value = f"{rpc.url}/first-key"
    with FaultProxy(extension) as proxy:
        monkeypatch.setenv("PARAMETERS_SECRETS_EXTENSION_HTTP_PORT", str(proxy.port))
        monkeypatch.setenv("AWS_SESSION_TOKEN", TOKEN)
        yield proxy


@pytest.fixture
def archive(sim: ChainSimulator, at: RegistryAddress) -> Iterator[None]:
    """The last known good log, of some minutes ago."""
    with fake_aws():
        memory = MemoryLogStore()
        ChainRegistry({"": Chain(sim, CHAIN_ID)}, memory).project(at, ProjectName("foo"))
        log = memory.load(at, "foo")
        assert log is not None
        DynamoArchive(Table(TABLE), ChainIds(CHAIN_ID)).save(at, log, time.time() - 300)
        yield


class Server:
    """A function's application; `at` is the registry."""

    def __init__(self, at: RegistryAddress, **more: str) -> None:
        env = {
            "ETH_GATEWAY": f"ssm:{PATH}",
            "IPFS_GATEWAY": "http://127.0.0.1:1/ipfs",
            "DIPMP_CHAIN_ID": str(CHAIN_ID),
            "DIPMP_FRESHNESS": "0",
            "AWS_LAMBDA_FUNCTION_NAME": "simple",
            **more,
        }
        self._app = create_app(build(Settings.from_env(env)))
        self._path = f"/simple/{at}/foo/"

    def get(self) -> tuple[int, str, str]:
        """Return status, why the page is stale, and the body."""
        answer = request(self._app, self._path)
        return answer.status, answer.headers.get("x-dipmp-stale", ""), answer.body.decode()


def test_the_value_is_read_at_the_first_request_and_once(at: RegistryAddress, door: FaultProxy) -> None:
    server = Server(at)
    assert door.requests == []
    assert [server.get()[0] for _ in range(3)] == [200] * 3
    assert len(door.requests) == 1


def test_an_extension_that_is_not_ready_yet_is_asked_again(at: RegistryAddress, door: FaultProxy) -> None:
    door.toxics = [first(3, NOT_READY)]
    assert Server(at).get()[0] == 200
    assert len(door.requests) == 4


def test_two_endpoints_in_one_value_are_two(
    at: RegistryAddress, door: FaultProxy, extension: Extension, rpc: FaultProxy
) -> None:
    extension.value = f"http://127.0.0.1:1/dead,{rpc.url}/first-key"
    assert Server(at).get()[0] == 200


def test_a_parameter_beside_a_url_is_not_needed(at: RegistryAddress, door: FaultProxy, rpc: FaultProxy) -> None:
    door.toxics = [override(403)]
    assert Server(at, ETH_GATEWAY=f"ssm:{PATH},{rpc.url}/first-key").get()[0] == 200


FAULTS: dict[str, Toxic] = {
    "slow": hang(),
    "dripping": bandwidth(5),
    "never ready": NOT_READY,
    "refused": override(403, b"first-key"),
    "unknown": override(400, b"an unexpected error occurred: first-key"),
    "broken": reset(),
    "huge": endless(head(200, 10**9), b"first-key" * 1000),
    "lying length": override(200, b"{}", {"Content-Length": "70000"}),
    "no JSON": override(200, b"first-key"),
    "another parameter": override(200, b'{"Parameter": {"Name": "/other", "Value": "http://127.0.0.1:1/first-key"}}'),
    "a number": override(200, b'{"Parameter": {"Name": "%s", "Value": 7}}' % PATH.encode()),
    "a list": override(200, b"[1]"),
    "deep": override(200, b"[" * 5000),
    "no URL": override(200, b'{"Parameter": {"Name": "%s", "Value": "first-key"}}' % PATH.encode()),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_page_of_the_last_known_good_store_is_served_without_the_secret(
    at: RegistryAddress, door: FaultProxy, archive: None, fault: str, capfd: pytest.CaptureFixture[str]
) -> None:
    door.toxics = [FAULTS[fault]]
    server = Server(at, DIPMP_TABLE=TABLE, DIPMP_LOG="json")
    status, stale, body = server.get()
    assert (status, stale) == (200, "the chain could not be asked")
    assert "foo-1.0-py3-none-any.whl" in body
    asked = len(door.requests)
    assert server.get()[0] == 200
    assert len(door.requests) == asked  # not again within seconds
    out, err = capfd.readouterr()
    assert "RpcFailed" in out
    assert "first-key" not in out + err


@pytest.mark.parametrize("fault", ["refused", "no JSON", "no URL"])
def test_without_a_stored_page_it_is_503_and_shows_nothing(at: RegistryAddress, door: FaultProxy, fault: str) -> None:
    door.toxics = [FAULTS[fault]]
    status, _, body = Server(at).get()
    assert status == 503
    assert "first-key" not in body
    assert f"ssm:{PATH}" in json.loads(body)["detail"]


def test_an_extension_that_dies_after_the_first_request_is_not_missed(at: RegistryAddress, door: FaultProxy) -> None:
    server = Server(at)
    assert server.get()[0] == 200
    door.refuse()
    assert server.get()[0] == 200


def test_a_rotated_value_is_used_without_a_restart(
    at: RegistryAddress, door: FaultProxy, extension: Extension, provider: Key, rpc: FaultProxy
) -> None:
    server = Server(at)
    assert server.get()[:2] == (200, "")
    provider.key, extension.value = "second-key", f"{rpc.url}/second-key"
    ends = time.monotonic() + HANGS
    while server.get()[1]:  # stale, until the value is asked for again
        assert time.monotonic() < ends
        time.sleep(1.5)  # seldom enough that no breaker opens
    assert len(door.requests) == 2
    assert rpc.requests[-1].path == "/second-key"


def test_a_snapshot_holds_no_value_and_no_connection(
    at: RegistryAddress, door: FaultProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    hooks: list[Callable[[], None]] = []
    module = SimpleNamespace(register_before_snapshot=hooks.append, register_after_restore=hooks.append)
    monkeypatch.setitem(sys.modules, "snapshot_restore_py", module)
    server = Server(at)
    assert server.get()[0] == 200
    assert len(hooks) == 4
    for hook in hooks:
        hook()
    monkeypatch.setenv("AWS_SESSION_TOKEN", "of-another-environment")
    door.toxics = [override(403)]
    assert server.get()[1] == "the chain could not be asked"
    assert door.requests[-1].headers["x-aws-parameters-secrets-token"] == "of-another-environment"
