"""Parameters: their names, in settings too, and for how long a value is cached."""

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dipmp_lib.aws.parameters import CachedParameter, ParameterName, parse_parameter
from dipmp_lib.errors import InvalidInput, InvalidSettings, SecretError
from dipmp_lib.server.settings import Settings
from tests.support.fakes.clock import Clock
from tests.support.fakes.parameters import NAME, SECRET, ParameterStore
from tests.support.waiting import HANGS

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


# -- caching


def cached(store: ParameterStore, clock: Clock) -> CachedParameter:
    return CachedParameter(NAME, store, ttl=300, retry=5, clock=clock)


def test_a_value_is_read_when_it_is_wanted_and_cached() -> None:
    store, clock = ParameterStore(), Clock()
    value = cached(store, clock)
    assert store.asked == 0
    assert {value.value() for _ in range(3)} == {SECRET}
    clock.now += 299
    value.value()
    assert store.asked == 1
    clock.now += 1
    value.value()
    assert store.asked == 2


def test_the_last_value_is_used_while_a_new_one_cannot_be_read() -> None:
    store, clock = ParameterStore(), Clock()
    value = cached(store, clock)
    value.value()
    store.failure = SecretError("no")
    clock.now += 300
    assert [value.value() for _ in range(3)] == [SECRET] * 3
    assert store.asked == 2
    store.failure, store.value = None, "https://new.example"
    clock.now += 5
    assert value.value() == "https://new.example"


def test_a_failure_is_remembered_for_a_moment_only() -> None:
    store, clock = ParameterStore(), Clock()
    store.failure = SecretError("no such parameter")
    value = cached(store, clock)
    for _ in range(3):
        with pytest.raises(SecretError, match="no such parameter"):
            value.value()
    assert store.asked == 1
    store.failure = None
    clock.now += 5
    assert value.value() == SECRET


def test_a_doubted_value_is_read_again_but_not_all_the_time() -> None:
    store, clock = ParameterStore(), Clock()
    value = cached(store, clock)
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
    store, clock = ParameterStore(), Clock()
    value = cached(store, clock)
    value.value()
    value.forget()
    assert SECRET not in str(vars(value))
    value.value()
    assert store.asked == 2


def test_of_many_threads_one_asks() -> None:
    asking, gate, together = threading.Event(), threading.Event(), threading.Barrier(17)

    class Slow(ParameterStore):
        def get(self, name: ParameterName) -> str:
            asking.set()
            assert gate.wait(HANGS)
            return super().get(name)

    store = Slow()
    value = CachedParameter(NAME, store, clock=Clock())
    found: list[str] = []

    def read() -> None:
        together.wait()
        found.append(value.value())

    threads = [threading.Thread(target=read) for _ in range(16)]
    for thread in threads:
        thread.start()
    together.wait()
    assert asking.wait(HANGS)
    gate.set()
    for thread in threads:
        thread.join()
    assert (found, store.asked) == ([SECRET] * 16, 1)


@pytest.mark.parametrize("bad", ["", "  ", "x" * 8193])
def test_an_empty_or_huge_value_is_none(bad: str) -> None:
    with pytest.raises(SecretError, match="is empty, or longer than 8192 bytes"):
        CachedParameter(NAME, ParameterStore(bad)).value()


def test_no_value_is_in_a_repr() -> None:
    value = CachedParameter(NAME, ParameterStore())
    value.value()
    assert (str(value), repr(value)) == (str(NAME), f"CachedParameter({NAME})")
