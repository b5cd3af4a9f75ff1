"""One JSON-RPC endpoint: what is an answer, what is an error, what is neither."""

import json
from collections.abc import Mapping
from typing import cast

import pytest

from dipmp_lib.errors import DipmpError, Exhausted, Malformed, MalformedAnswer, Reverted, RpcError, Upstream
from dipmp_lib.ethereum.rpc import HttpRpc
from dipmp_lib.http import Answer, Fetcher
from tests.support.faulty.fault_server import FaultServer, Peer

URL = "https://rpc.example/v3/s3cret"


class CannedFetcher:
    """Answers every request with the same bytes; `ID` in them becomes the id asked with."""

    def __init__(self, body: bytes | str, status: int = 200) -> None:
        self.body = body.encode() if isinstance(body, str) else body
        self.status = status
        self.asked: list[Mapping[str, object]] = []

    def fetch(self, _method: str, _url: str, *, body: bytes, **_limits: object) -> Answer:
        self.asked.append(json.loads(body))
        return Answer(self.status, {}, self.body.replace(b"ID", str(self.asked[-1]["id"]).encode()))


def ask(body: bytes | str, status: int = 200) -> object:
    return HttpRpc(URL, cast("Fetcher", CannedFetcher(body, status))).request("eth_call", [])


def result(value: str) -> str:
    return f'{{"jsonrpc":"2.0","id":ID,"result":{value}}}'


def error(value: str) -> str:
    return f'{{"jsonrpc":"2.0","id":ID,"error":{value}}}'


def test_results() -> None:
    assert ask(result('"0x"')) == "0x"
    assert ask(result("null")) is None
    assert ask(result('{"a":[1,2.5,"\\u00e9"]}')) == {"a": [1, 2.5, "é"]}
    assert ask(' {"id":ID, "extra":0, "result":1, "jsonrpc":"2.0"} \n') == 1


def test_what_is_sent() -> None:
    fetcher = CannedFetcher(result("1"))
    rpc = HttpRpc(URL, cast("Fetcher", fetcher))
    rpc.request("eth_getCode", ["0x", "latest"])
    rpc.request("eth_chainId", ())
    assert [set(call) for call in fetcher.asked] == [{"jsonrpc", "id", "method", "params"}] * 2
    assert fetcher.asked[0]["params"] == ["0x", "latest"]
    assert fetcher.asked[0]["id"] != fetcher.asked[1]["id"]


MALFORMED = {
    "empty": b"",
    "html": b"<html><h1>captive portal</h1></html>",
    "text": b"ok",
    "truncated": b'{"jsonrpc":"2.0","id":ID,"result":"0x',
    "trailing": result("1").encode() + b"{}",
    "two answers": (result("1") * 2).encode(),
    "batch": b"[" + result("1").encode() + b"]",
    "null": b"null",
    "number": b"1",
    "string": b'"0x"',
    "not an object": b"[]",
    "no version": b'{"id":ID,"result":1}',
    "version 1": b'{"jsonrpc":"1.0","id":ID,"result":1}',
    "version number": b'{"jsonrpc":2.0,"id":ID,"result":1}',
    "no id": b'{"jsonrpc":"2.0","result":1}',
    "wrong id": b'{"jsonrpc":"2.0","id":987654,"result":1}',
    "id text": b'{"jsonrpc":"2.0","id":"ID","result":1}',
    "id float": b'{"jsonrpc":"2.0","id":ID.0,"result":1}',
    "id true": b'{"jsonrpc":"2.0","id":true,"result":1}',
    "id null with result": b'{"jsonrpc":"2.0","id":null,"result":1}',
    "neither": b'{"jsonrpc":"2.0","id":ID}',
    "both": b'{"jsonrpc":"2.0","id":ID,"result":1,"error":{"code":1,"message":""}}',
    "result and error null": b'{"jsonrpc":"2.0","id":ID,"result":1,"error":null}',
    "error null": error("null").encode(),
    "error text": error('"boom"').encode(),
    "error without code": error('{"message":"boom"}').encode(),
    "error code text": error('{"code":"3","message":"boom"}').encode(),
    "error code bool": error('{"code":true,"message":"boom"}').encode(),
    "error without message": error('{"code":3}').encode(),
    "error message number": error('{"code":3,"message":7}').encode(),
    "duplicate result": b'{"jsonrpc":"2.0","id":ID,"result":1,"result":2}',
    "duplicate deep": result('{"a":1,"a":1}').encode(),
    "NaN": result("NaN").encode(),
    "Infinity": result("-Infinity").encode(),
    "1e999": result("1e999").encode(),
    "huge integer": result("9" * 5000).encode(),
    "deep lists": result("[" * 50_000 + "]" * 50_000).encode(),
    "deep objects": result('{"a":' * 20_000 + "1" + "}" * 20_000).encode(),
    "many values": result("[" + "0," * 200_000 + "0]").encode(),
    "single quotes": b"{'jsonrpc':'2.0','id':ID,'result':1}",
    "comment": result("1 /* one */").encode(),
    "trailing comma": b'{"jsonrpc":"2.0","id":ID,"result":1,}',
    "control in string": result('"\n"').encode(),
    "bad utf-8": result('"\xff"').encode("latin-1"),
    "utf-16": result("1").encode("utf-16"),
    "bom": b"\xef\xbb\xbf" + result("1").encode(),
    "NUL": b"\0",
}


@pytest.mark.parametrize("name", MALFORMED)
def test_malformed_answers(name: str) -> None:
    with pytest.raises(MalformedAnswer) as caught:
        ask(MALFORMED[name])
    assert str(caught.value).startswith("https://rpc.example/… did not answer in JSON-RPC")
    assert len(str(caught.value)) < 200
    with pytest.raises(RpcError, match="HTTP status 502"):
        ask(MALFORMED[name], status=502)


def test_errors_are_told_apart() -> None:
    for text, code, data in [
        ('{"code":3,"message":"execution reverted: no","data":"0x08C379A0"}', 3, "0x08c379a0"),
        ('{"code":3,"message":"execution reverted"}', 3, ""),
        ('{"code":-32015,"message":"VM execution error.","data":"Reverted 0xab"}', -32015, None),
        ('{"code":-32000,"message":"execution reverted","data":"0x"}', -32000, "0x"),
        ('{"code":-32000,"message":"invalid opcode: INVALID","data":{"x":1}}', -32000, ""),
        ('{"code":3,"message":"execution reverted","data":"0xabc"}', 3, ""),
    ]:
        with pytest.raises(RpcError) as caught:
            ask(error(text))
        assert isinstance(caught.value, Reverted) == (data is not None)
        assert (caught.value.code, caught.value.data) == (code, data if data is not None else "Reverted 0xab")


@pytest.mark.parametrize(
    ("code", "message"),
    [
        (-32000, "out of gas"),  # geth, Erigon
        (-32000, "gas uint64 overflow"),
        (-32000, "execution aborted (timeout = 5s)"),
        (-32603, "EVM error OutOfGas"),  # anvil, reth
        (-32603, "EVM error InvalidOperandOOG"),
        (-32015, "OutOfGas"),  # Nethermind
    ],
)
def test_a_call_that_uses_up_its_gas_refused_nothing(code: int, message: str) -> None:
    with pytest.raises(Exhausted) as caught:
        ask(error(f'{{"code":{code},"message":"{message}"}}'))
    assert caught.value.code == code


@pytest.mark.parametrize(
    "message",
    ["execution reverted: out of gas", "EVM error InvalidFEOpcode", "EVM error InvalidJump", "stack underflow"],
)
def test_what_the_code_itself_does_is_a_refusal(message: str) -> None:
    """Whatever reason it gives: one that sounds like the node's own words changes nothing."""
    with pytest.raises(Reverted):
        ask(error(f'{{"code":-32603,"message":"{message}"}}'))


def test_other_errors_keep_code_and_message() -> None:
    with pytest.raises(RpcError, match="error -32005: 'limit exceeded'") as caught:
        ask(error('{"code":-32005,"message":"limit exceeded","data":{"see":"url"}}'), status=429)
    assert not isinstance(caught.value, Reverted)
    assert (caught.value.code, caught.value.data) == (-32005, "")
    with pytest.raises(RpcError, match="HTTP status 500"):
        ask(result("1"), status=500)
    with pytest.raises(RpcError, match="parse error"):
        ask('{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"parse error"}}')


def test_nothing_foreign_is_unescaped_or_unbounded_in_a_message() -> None:
    evil = json.dumps("\x1b[31m\r\nSet-Cookie: a\u202e<script>" + "x" * 10_000)
    with pytest.raises(RpcError) as caught:
        ask(error(f'{{"code":{"1" * 4000},"message":{evil}}}'))
    text = str(caught.value)
    assert text.removeprefix("https://rpc.example/…").isascii()
    assert text.isprintable()
    assert len(text) < 400
    assert "s3cret" not in text


@pytest.mark.parametrize(
    "path", ["/hang", "/drip-body", "/endless-body", "/gzip-bomb", "/cut", "/reset", "/not-http", "/", "/moved"]
)
def test_over_the_wire_every_fault_is_one_of_ours(path: str) -> None:
    with FaultServer() as server:
        rpc = HttpRpc(server.url(path), Fetcher(), deadline=0.3, max_bytes=10_000)
        with pytest.raises(DipmpError) as caught:
            rpc.request("eth_chainId", [])
    assert isinstance(caught.value, RpcError | MalformedAnswer)
    assert isinstance(caught.value, Upstream | Malformed)


def test_over_the_wire_it_works() -> None:
    def node(peer: Peer) -> None:
        call = json.loads(peer.body)
        peer.answer(json.dumps({"jsonrpc": "2.0", "id": call["id"], "result": call["params"]}).encode())

    with FaultServer(routes={"/rpc": node}) as server:
        rpc = HttpRpc(server.url("/rpc"), Fetcher())
        assert [rpc.request("m", [n]) for n in range(3)] == [[0], [1], [2]]
        assert server.connections == 1
