"""Settings that are kept elsewhere: their names, how long a value is kept, and where it is read."""

import sys
import threading
import time
from collections.abc import Sequence

import boto3
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dipmp_lib.aws.parameters import (
    CachedParameter,
    ExtensionParameters,
    ParameterEndpoints,
    ParameterName,
    parse_parameter,
)
from dipmp_lib.aws.parameters.systems_manager import SystemsManager
from dipmp_lib.errors import InvalidInput, InvalidSettings, SecretError, StoreError, Upstream
from dipmp_lib.ethereum.rpc import Rpc
from dipmp_lib.http import Fetcher
from dipmp_lib.server.settings import Settings
from tests.support.fakes.aws import fake_aws, fresh_clients
from tests.support.fakes.clock import Clock

NAME = ParameterName("/dipmp/prod/eth-gateway")
SECRET = "https://rpc.example/v3/verysecret"


class Store:
    """Parameters that a test changes; `asked` counts."""

    def __init__(self, value: str = SECRET) -> None:
        self.value = value
        self.failure: Upstream | None = None
        self.asked = 0

    def get(self, name: ParameterName) -> str:
        self.asked += 1
        if self.failure:
            raise self.failure
        return self.value


# -- names


@pytest.mark.parametrize("text", ["ssm:/a", "ssm:/dipmp/prod/eth-gateway", "ssm:/a.b_c-D/1"])
def test_a_name(text: str) -> None:
    assert str(parse_parameter(text)) == text


@pytest.mark.parametrize(
    "text",
    ["ssm:", "ssm:/", "ssm:a", "ssm:/a/", "ssm://a", "ssm:/a b", "ssm:/a?x=1", "ssm:/a&b", "ssm:/awsome/x", "ssm:/SSM",
     "ssm:/é", "ssm:/a\n", "/a", "SSM:/a", "ssm:" + "/a" * 16, "ssm:/" + "a" * 1011],
)  # fmt: skip
def test_what_is_no_name(text: str) -> None:
    with pytest.raises(InvalidInput, match="is not ssm:/NAME"):
        parse_parameter(text)


@given(st.text(max_size=60))
def test_names_are_total_and_come_back(text: str) -> None:
    try:
        assert str(parse_parameter("ssm:" + text)) == "ssm:" + text
    except InvalidInput as error:
        assert len(str(error)) < 500  # noqa: PT017 - nothing else may be raised


def test_settings_take_a_name_for_a_list_or_an_item_of_it() -> None:
    env = {
        "ETH_GATEWAY": "https://a.example, ssm:/dipmp/prod/eth-gateway",
        "DIPMP_RPC_base": "ssm:/dipmp/prod/base",
        "IPFS_GATEWAY": "https://g.example",
    }
    assert Settings.from_env(env).chains == {
        "": ("https://a.example", NAME),
        "base": (ParameterName("/dipmp/prod/base"),),
    }


@pytest.mark.parametrize("value", ["ssm:x", "https://a.example,ssm:", "ssm:/a b"])
def test_settings_refuse_what_is_no_name(value: str) -> None:
    with pytest.raises(InvalidSettings) as caught:
        Settings.from_env({"ETH_GATEWAY": value, "IPFS_GATEWAY": "https://g.example"})
    [problem] = caught.value.problems
    assert problem.startswith("ETH_GATEWAY: 'ssm:")


@pytest.mark.parametrize("name", ["IPFS_GATEWAY", "HOST_URL", "DIPMP_PAGES_URL"])
def test_what_clients_are_sent_to_is_no_secret(name: str) -> None:
    env = {"ETH_GATEWAY": "https://a.example", "IPFS_GATEWAY": "https://g.example"}
    with pytest.raises(InvalidSettings, match=f"{name}: clients are sent there, so URL number 1 is no secret"):
        Settings.from_env(env | {name: "ssm:/dipmp/x"})


# -- keeping


def kept(store: Store, clock: Clock) -> CachedParameter:
    return CachedParameter(NAME, store, ttl=300, retry=5, clock=clock)


def test_a_value_is_read_when_it_is_wanted_and_kept() -> None:
    store, clock = Store(), Clock()
    value = kept(store, clock)
    assert store.asked == 0
    assert {value.value() for _ in range(3)} == {SECRET}
    clock.now += 299
    value.value()
    assert store.asked == 1
    clock.now += 1
    value.value()
    assert store.asked == 2


def test_the_value_of_before_is_used_while_no_other_can_be_had() -> None:
    store, clock = Store(), Clock()
    value = kept(store, clock)
    value.value()
    store.failure = SecretError("no")
    clock.now += 300
    assert [value.value() for _ in range(3)] == [SECRET] * 3
    assert store.asked == 2
    store.failure, store.value = None, "https://new.example"
    clock.now += 5
    assert value.value() == "https://new.example"


def test_a_failure_is_remembered_for_a_moment_only() -> None:
    store, clock = Store(), Clock()
    store.failure = SecretError("no such parameter")
    value = kept(store, clock)
    for _ in range(3):
        with pytest.raises(SecretError, match="no such parameter"):
            value.value()
    assert store.asked == 1
    store.failure = None
    clock.now += 5
    assert value.value() == SECRET


def test_a_doubted_value_is_read_again_but_not_all_the_time() -> None:
    store, clock = Store(), Clock()
    value = kept(store, clock)
    value.value()
    clock.now += 60
    assert [value.doubt(SECRET) for _ in range(5)] == [False] * 5
    assert store.asked == 2
    store.value = "https://new.example"
    clock.now += 5
    assert value.doubt(SECRET)
    assert value.value() == "https://new.example"
    clock.now += 5
    assert value.doubt(SECRET)  # whoever comes late with the old one only learns the new one
    assert store.asked == 3


def test_a_forgotten_value_is_read_again() -> None:
    store, clock = Store(), Clock()
    value = kept(store, clock)
    value.value()
    value.forget()
    assert SECRET not in str(vars(value))
    value.value()
    assert store.asked == 2


def test_of_many_threads_one_asks() -> None:
    class Slow(Store):
        def get(self, name: ParameterName) -> str:
            time.sleep(0.2)
            return super().get(name)

    store = Slow()
    value = CachedParameter(NAME, store)
    found: list[str] = []
    threads = [threading.Thread(target=lambda: found.append(value.value())) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (found, store.asked) == ([SECRET] * 16, 1)


@pytest.mark.parametrize("bad", ["", "  ", "x" * 8193])
def test_an_empty_or_huge_value_is_none(bad: str) -> None:
    with pytest.raises(SecretError, match="is empty, or longer than 8192 bytes"):
        CachedParameter(NAME, Store(bad)).value()


def test_no_value_is_in_a_repr() -> None:
    value = CachedParameter(NAME, Store())
    value.value()
    assert (str(value), repr(value)) == (str(NAME), f"CachedParameter({NAME})")


# -- endpoints


class Node:
    """Answers as long as its key is the right one."""

    def __init__(self, url: str) -> None:
        self.url = url

    def request(self, method: str, params: Sequence[object]) -> object:
        if "old" in self.url:
            raise SecretError("401")
        return self.url


def test_a_list_is_as_many_endpoints() -> None:
    store = Store("https://a.example, https://b.example/key ,")
    endpoints = ParameterEndpoints(CachedParameter(NAME, store), Fetcher())
    rpcs = endpoints.rpcs(lambda rpc: rpc)
    assert [str(rpc) for rpc in rpcs] == [f"{NAME} (1)", f"{NAME} (2)"]
    assert endpoints.rpcs(lambda rpc: rpc) is rpcs


def test_one_that_cannot_be_found_says_so_when_it_is_asked() -> None:
    store = Store()
    store.failure = SecretError("the extension is not there")
    [rpc] = ParameterEndpoints(CachedParameter(NAME, store), Fetcher()).rpcs(lambda rpc: rpc)
    with pytest.raises(SecretError, match="the extension is not there"):
        rpc.request("eth_chainId", [])


def checked(rpc: Rpc) -> Rpc:
    """Put a node in the place of an endpoint over HTTP."""
    return Node(rpc._url)  # type: ignore[attr-defined]


def test_another_url_is_tried_at_once_when_the_old_one_fails() -> None:
    store, clock = Store("https://old.example"), Clock()
    [rpc] = ParameterEndpoints(kept(store, clock), Fetcher()).rpcs(checked)
    with pytest.raises(SecretError, match="401"):
        rpc.request("x", [])
    store.value = "https://new.example"
    clock.now += 5
    assert rpc.request("x", []) == "https://new.example"


def test_a_list_that_became_longer_is_seen() -> None:
    store, clock = Store("https://a.example"), Clock()
    endpoints = ParameterEndpoints(kept(store, clock), Fetcher())
    assert len(endpoints.rpcs(checked)) == 1
    store.value = "https://a.example,https://b.example"
    clock.now += 300
    assert [rpc.request("x", []) for rpc in endpoints.rpcs(checked)] == ["https://a.example", "https://b.example"]


@pytest.mark.parametrize("value", ["verysecret", "ftp://h/verysecret", "ssm:/verysecret", ",", "http://h," * 17])
def test_a_value_that_is_no_url_is_not_shown(value: str) -> None:
    [rpc] = ParameterEndpoints(CachedParameter(NAME, Store(value)), Fetcher()).rpcs(checked)
    with pytest.raises(SecretError, match="is not one to 16 http") as caught:
        rpc.request("x", [])
    assert "verysecret" not in str(caught.value)


# -- by boto3


def test_systems_manager_by_boto3() -> None:
    with fake_aws():
        boto3.client("ssm").put_parameter(Name=NAME.path, Value=SECRET, Type="SecureString")
        assert SystemsManager().get(NAME) == SECRET
        with pytest.raises(SecretError, match="ParameterNotFound"):
            SystemsManager().get(ParameterName("/none"))


def test_without_boto3_it_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "boto3", None)
    with fresh_clients(), pytest.raises(StoreError, match=r"^boto3 is not installed$") as caught:
        SystemsManager().get(NAME)
    assert caught.value.hint == "pip install 'dipmp-pkg[aws]'"


def test_without_an_extension_it_is_one_sentence() -> None:
    env = {"PARAMETERS_SECRETS_EXTENSION_HTTP_PORT": "1"}
    with pytest.raises(SecretError, match=r"^http://localhost:1/… refuses the connection"):
        ExtensionParameters(Fetcher(), env).get(NAME)
