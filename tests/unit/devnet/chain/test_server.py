"""Whatever arrives at the endpoint gets an answer, and the node goes on."""

import copy
import json
import socket
from collections.abc import Iterator
from inspect import signature
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dipmp_lib.devnet.chain import server as jsonrpc
from dipmp_lib.devnet.chain.evm import Evm
from dipmp_lib.devnet.chain.methods import METHODS
from dipmp_lib.devnet.chain.server import MAX_BODY
from dipmp_lib.errors import RpcError
from tests.support.systems.embedded_chain import FUNDS, Client, Sender, chain_and_client
from tests.support.waiting import HANGS

pytestmark = pytest.mark.evm

NOT_FINITE = [b'{"method":"eth_chainId","id":%s}' % number for number in (b"NaN", b"-Infinity", b"1e999")]
CALL = {"jsonrpc": "2.0", "id": 1, "method": "eth_chainId", "params": []}


@pytest.fixture(scope="module")
def chain() -> Iterator[tuple[Evm, Client]]:
    with chain_and_client(Sender()) as running:
        yield running


@pytest.fixture
def rpc(chain: tuple[Evm, Client]) -> Iterator[Client]:
    yield chain[1]
    assert chain[1]("eth_chainId") == "0x539"


def test_an_unknown_method(rpc: Client) -> None:
    with pytest.raises(RpcError, match="does not exist") as caught:
        rpc("eth_mining")
    assert caught.value.code == -32601


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("eth_chainId", [1]),
        ("eth_getBalance", []),
        ("eth_getBalance", ["0x" + "00" * 20, "latest", 1]),
        ("eth_getBalance", ["0x" + "00" * 19]),
        ("eth_getBalance", ["0x" + "00" * 20, "newest"]),
        ("eth_getBalance", ["0x" + "00" * 20, None]),
        ("eth_call", [[]]),
        ("eth_call", [{}, []]),
        ("eth_estimateGas", [{}, []]),
        ("eth_estimateGas", [{}, {}]),
        ("eth_call", [{"data": "0x0"}]),
        ("eth_estimateGas", [{}, {"blockHash": {}}]),
        ("eth_sendRawTransaction", ["f86b"]),
        ("eth_getLogs", [{"topics": [None] * 5}]),
        ("eth_getLogs", [{"address": 1}]),
        ("eth_feeHistory", ["many", "latest"]),
        ("eth_feeHistory", [{}, "latest"]),
        ("eth_feeHistory", [1.5, "latest"]),
        ("evm_increaseTime", [-1]),
        ("evm_mine", ["tomorrow"]),
    ],
)
def test_wrong_parameters(rpc: Client, method: str, params: list[object]) -> None:
    with pytest.raises(RpcError) as caught:
        rpc(method, *params)
    assert caught.value.code == -32602


@pytest.mark.parametrize(
    "raw",
    [
        "0x",
        "0x00",
        "0x02",
        "0x01c0",
        "0x02c0",
        "0x03c0",
        "0x04c0",
        "0x05c0",
        "0x7f",
        "0xc0",
        "0xf8",
        "0xbf" + "ff" * 8,
        "0xfb" + "ff" * 40,
    ],
)
def test_wrong_transactions(rpc: Client, raw: str) -> None:
    with pytest.raises(RpcError, match=r"invalid transaction|not supported") as caught:
        rpc("eth_sendRawTransaction", raw)
    assert caught.value.code == -32000


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff",
        b"nul",
        b"1" * 100_000,
        b"[" * 1_000_000,
        b'{"a":' * 500_000,
        b'"' + b"\\u" * 9,
        b"NaN",
        b"1e999",
    ],
)
def test_what_is_not_json(rpc: Client, body: bytes) -> None:
    reply = rpc.post(body).json()
    assert reply["error"]["code"] in {-32700, -32600}
    assert reply["id"] is None


@pytest.mark.parametrize(
    "request_", [1, "x", None, {}, {"method": 1}, {"method": "eth_chainId", "id": {}}, {"method": ["eth_chainId"]}]
)
def test_what_is_no_request(rpc: Client, request_: object) -> None:
    assert rpc.post(json.dumps(request_).encode()).json()["error"]["code"] == -32600


def test_brackets_in_strings_are_no_nesting(rpc: Client) -> None:
    text = '[{"' * 1000 + '\\"]}'
    assert rpc.post(json.dumps(CALL | {"id": text}).encode()).json() == {
        "jsonrpc": "2.0",
        "id": text,
        "result": "0x539",
    }


def test_named_parameters_are_refused(rpc: Client) -> None:
    assert rpc.post(json.dumps(CALL | {"params": {"a": 1}}).encode()).json()["error"]["code"] == -32602


def test_batches(rpc: Client) -> None:
    batch: list[Any] = [
        CALL,
        CALL | {"id": "b", "method": "eth_nothing"},
        7,
        {"method": "eth_chainId"},
        CALL | {"id": None},
    ]
    replies = rpc.post(json.dumps(batch).encode()).json()
    assert [reply["id"] for reply in replies] == [1, "b", None, None]
    assert replies[0]["result"] == replies[3]["result"] == "0x539"
    assert [reply.get("error", {}).get("code") for reply in replies] == [None, -32601, -32600, None]
    for wrong in ([], [CALL] * 1001):
        assert rpc.post(json.dumps(wrong).encode()).json()["error"]["code"] == -32600


def test_a_notification_has_no_answer(rpc: Client) -> None:
    reply = rpc.post(json.dumps({"jsonrpc": "2.0", "method": "eth_chainId"}).encode())
    assert (reply.status_code, reply.content) == (204, b"")


def test_a_huge_body_is_cut_off(rpc: Client) -> None:
    assert rpc.post(b" " * (MAX_BODY + 1)).status_code == 413
    assert rpc.post(b" " * (MAX_BODY - 100) + json.dumps(CALL).encode()).json()["result"] == "0x539"


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:8545", "127.0.0.1.evil.example", "localhost.evil.example", "127.0.0.2", "[::2]", ""],
)
def test_a_foreign_host_is_refused(rpc: Client, host: str) -> None:
    assert rpc.post(json.dumps(CALL).encode(), Host=host).status_code in {400, 403}


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost:8545", "LOCALHOST", "[::1]:8545"])
def test_every_loopback_name_is_served(rpc: Client, host: str) -> None:
    assert rpc.post(json.dumps(CALL).encode(), Host=host).json()["result"] == "0x539"


@pytest.mark.parametrize("media_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
def test_a_web_pages_simple_request_is_refused(rpc: Client, media_type: str) -> None:
    headers = {"Content-Type": media_type, "Origin": "https://evil.example"}
    assert rpc.post(json.dumps(CALL).encode(), **headers).status_code == 415


def test_other_paths_and_methods(rpc: Client) -> None:
    assert rpc.session.get(rpc.url, timeout=HANGS).status_code == 405
    assert rpc.session.options(rpc.url, timeout=HANGS).status_code == 405
    assert rpc.session.post(rpc.url + "/x", json=CALL, timeout=HANGS).status_code == 404


def test_bytes_that_are_not_http(rpc: Client) -> None:
    port = int(rpc.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=HANGS) as connection:
        connection.sendall(b"\x16\x03\x01" + bytes(200) + b"\r\n\r\n")
        assert connection.recv(100).startswith(b"HTTP/1.1 400")


ACCOUNT, WORD = "0x" + "00" * 20, "0x" + "00" * 32
MESSAGE = {
    "from": ACCOUNT,
    "to": ACCOUNT,
    "data": WORD,
    "value": "0x0",
    "gas": "0xfffff",
    "accessList": [{"address": ACCOUNT, "storageKeys": [WORD]}],
}
CALLS: dict[str, list[Any]] = {
    "eth_call": [MESSAGE, "latest"],
    "eth_estimateGas": [MESSAGE, "pending"],
    "eth_feeHistory": ["0x2", "latest", [10, 50]],
    "eth_getBalance": [ACCOUNT, "latest"],
    "eth_getBlockByHash": [WORD, True],
    "eth_getBlockByNumber": ["latest", True],
    "eth_getCode": [ACCOUNT, {"blockHash": WORD}],
    "eth_getLogs": [{"fromBlock": "0x0", "toBlock": "latest", "address": [ACCOUNT], "topics": [None, [WORD], WORD]}],
    "eth_getProof": [ACCOUNT, ["0x0", WORD], "latest"],
    "eth_getStorageAt": [ACCOUNT, "0x0", {"blockNumber": "0x1"}],
    "eth_getTransactionByHash": [WORD],
    "eth_getTransactionCount": [ACCOUNT, "0x1"],
    "eth_getTransactionReceipt": [WORD],
    "eth_sendRawTransaction": ["0x02c0"],
    "evm_increaseTime": [1],
    "evm_mine": ["0xffffffff"],
}
"""Parameters that each method takes, as many as it can have."""
FIELDS = sorted(MESSAGE.keys() | {"blockHash", "blockNumber", "fromBlock", "toBlock", "address", "topics", "input"})

SCALAR = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=10)
    | st.integers(0, 2**256).map(hex)
    | st.sampled_from(["latest", "pending", "earliest", "0x0", ACCOUNT, WORD])
)
ANY = st.recursive(
    SCALAR,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6) | st.sampled_from(FIELDS), inner, max_size=3)
    ),
)


def places(value: object, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the way to every value inside a JSON value, itself first."""
    yield place
    if isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from places(inner, (*place, key))


PLACES = [(method, place) for method, params in CALLS.items() for place in places(params) if place]


def replaced(value: Any, place: tuple[Any, ...], new: object) -> Any:  # noqa: ANN401 - any JSON
    """Return the value with another one at a place."""
    if not place:
        return new
    whole, (key, *inner) = copy.copy(value), place
    whole[key] = replaced(value[key], tuple(inner), new)
    return whole


@pytest.fixture(scope="module")
def evm() -> Iterator[Evm]:
    chain = Evm(alloc={Sender().address: FUNDS})
    yield chain
    chain.close()


def require_answer(evm: Evm, method: str, params: object) -> None:
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params})
    reply = json.loads(jsonrpc.answer(evm, body.encode()))
    assert reply["id"] == 1
    assert "result" in reply or reply["error"]["code"] in {-32000, -32602, 3}, reply


def test_every_method_with_parameters_is_called() -> None:
    assert CALLS.keys() == {name for name, method in METHODS.items() if len(signature(method).parameters) > 1}


@given(method=st.sampled_from(sorted(METHODS)), params=st.lists(ANY, max_size=3))
@example(method="eth_estimateGas", params=[None, []])
def test_any_parameters_are_answered_by_result_or_error(evm: Evm, method: str, params: list[object]) -> None:
    require_answer(evm, method, params)


@given(place=st.sampled_from(PLACES), value=ANY)
@example(place=("eth_estimateGas", (1,)), value=[])
@example(place=("eth_estimateGas", (1,)), value={})
def test_any_value_in_any_place_is_answered_by_result_or_error(
    evm: Evm, place: tuple[str, tuple[Any, ...]], value: object
) -> None:
    method, where = place
    require_answer(evm, method, replaced(CALLS[method], where, value))


@given(st.binary(max_size=300))
def test_any_bytes_are_answered(evm: Evm, body: bytes) -> None:
    assert "error" in json.loads(jsonrpc.answer(evm, body))


@given(data=st.data())
def test_any_damaged_transaction_is_refused(evm: Evm, data: st.DataObject) -> None:
    raw = bytearray(Sender().sign(b"\x42" * 20, nonce=5))
    for _ in range(data.draw(st.integers(1, 4))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    raw = raw[: data.draw(st.integers(0, len(raw)))]
    head = evm.head
    with pytest.raises(RpcError) as caught:
        evm.send(bytes(raw))
    assert caught.value.code == -32000
    assert evm.head is head
