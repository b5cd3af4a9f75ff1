"""Keys behind JSON-RPC: what is asked, which answers are taken, where the signer may be."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from dipmp_lib.errors import RpcError, SignerError
from dipmp_lib.model.names import checksum_address
from dipmp_lib.transactions.signers import (
    PasswordSource,
    RemoteSigner,
    Signer,
    check_transaction,
    check_typed_data,
    signer_from_uri,
    typed_data_digest,
)
from tests.support.fakes.rpc_server import json_rpc
from tests.support.faulty.evil_signers import DYNAMIC, HONEST, LEGACY
from tests.support.faulty.fault_proxy import FaultProxy
from tests.support.model.signing import typed_data

ADDRESS = checksum_address(HONEST.address)
MESSAGE = typed_data(1, bytes(20), HONEST.address, "demo", 1, b"", bytes(32), 7)
MESSAGE["message"] |= {"payload": "0x", "head": "0x" + "00" * 32}


class Wallet:
    """Answers as a signer does; `answers` overrides."""

    def __init__(self, **answers: Callable[..., object]) -> None:
        self.calls: list[tuple[str, Sequence[Any]]] = []
        self.answers: dict[str, Callable[..., object]] = {
            "eth_accounts": lambda: [ADDRESS],
            "eth_signTransaction": self.transaction,
            "eth_signTypedData_v4": lambda _account, message: f"0x{HONEST.sign_typed_data(message).hex()}",
            **answers,
        }

    def request(self, method: str, params: Sequence[object]) -> object:
        self.calls.append((method, params))
        if method not in self.answers:
            raise RpcError("no such method", code=-32601)
        return self.answers[method](*params)

    def transaction(self, asked: dict[str, str]) -> object:
        assert asked.pop("from").lower() == ADDRESS.lower()
        numbers = {name: int(value, 16) for name, value in asked.items() if name not in ("to", "data")}
        return f"0x{HONEST.sign_transaction({**numbers, 'to': ADDRESS_OF(asked), 'data': asked['data']}).hex()}"


def ADDRESS_OF(asked: dict[str, str]) -> str:  # noqa: N802
    return checksum_address(bytes.fromhex(asked["to"][2:]))


def open_signer(uri: str) -> Signer:
    return signer_from_uri(uri, passwords=PasswordSource(), environment={})


@pytest.mark.parametrize("transaction", [DYNAMIC, LEGACY])
def test_transactions(transaction: dict[str, object]) -> None:
    signer = RemoteSigner(Wallet())
    signer.unlock()
    assert signer.address == HONEST.address
    check_transaction(signer.sign_transaction(transaction), transaction, signer.address)


def test_an_answer_as_geth_gives_it() -> None:
    wallet = Wallet()
    wallet.answers["eth_signTransaction"] = lambda asked: {"raw": wallet.transaction(asked), "tx": {}}
    check_transaction(RemoteSigner(wallet).sign_transaction(DYNAMIC), DYNAMIC, HONEST.address)


@pytest.mark.parametrize("offset", [0, 27])
def test_typed_data(offset: int) -> None:
    def sign(_account: str, message: dict[str, Any]) -> str:
        signature = HONEST.sign_typed_data(message)
        return f"0x{signature[:64].hex()}{signature[64] - 27 + offset:02x}"

    signature = RemoteSigner(Wallet(eth_signTypedData_v4=sign)).sign_typed_data(MESSAGE)
    check_typed_data(signature, typed_data_digest(MESSAGE), HONEST.address)


@pytest.mark.parametrize("accounts", [[], [ADDRESS, ADDRESS], None, {}, [7], ["0x12"], ["base:" + ADDRESS]])
def test_accounts_to_choose_from(accounts: object) -> None:
    wallet = Wallet(eth_accounts=lambda: accounts)
    with pytest.raises(SignerError, match=r"accounts, not one|not an address"):
        RemoteSigner(wallet).unlock()
    assert RemoteSigner(wallet, HONEST.address).address == HONEST.address


@pytest.mark.parametrize("answer", [None, 7, "", "0x1", "0xzz", "cafe", {}, {"raw": 7}, []])
def test_answers_that_are_no_bytes(answer: object) -> None:
    wallet = Wallet(eth_signTransaction=lambda _: answer, eth_signTypedData_v4=lambda *_: answer)
    with pytest.raises(SignerError, match="returned no bytes"):
        RemoteSigner(wallet).sign_transaction(DYNAMIC)
    with pytest.raises(SignerError, match="returned no bytes"):
        RemoteSigner(wallet).sign_typed_data(MESSAGE)


def test_a_refusal_is_a_sentence() -> None:
    def refuse(_: object) -> object:
        raise RpcError("the user said no")

    with pytest.raises(SignerError, match="did not answer eth_signTransaction: the user said no"):
        RemoteSigner(Wallet(eth_signTransaction=refuse)).sign_transaction(DYNAMIC)


def test_over_http_and_by_uri() -> None:
    wallet = Wallet()
    with FaultProxy(json_rpc(wallet)) as proxy:
        for uri in (f"rpc:{proxy.url}/key?secret", f"rpc:{proxy.url}#{ADDRESS}"):
            signer = open_signer(uri)
            check_transaction(signer.sign_transaction(DYNAMIC), DYNAMIC, HONEST.address)
        proxy.refuse()
        with pytest.raises(SignerError, match=r"127\.0\.0\.1") as caught:
            open_signer(f"rpc:{proxy.url}/very-secret").unlock()
    assert "very-secret" not in str(caught.value)


@pytest.mark.parametrize("url", ["http://signer.example", "http://10.0.0.1:9000", "http://127.0.0.1.example:9000"])
def test_elsewhere_only_over_https(url: str) -> None:
    with pytest.raises(SignerError, match="neither https nor on this machine"):
        open_signer(f"rpc:{url}")
    assert isinstance(open_signer(f"rpc:{url.replace('http:', 'https:')}"), RemoteSigner)


@pytest.mark.parametrize("uri", ["rpc:", "rpc:ftp://x", "rpc:127.0.0.1:9000", "rpc:http://127.0.0.1:9000#0x12"])
def test_uris_that_are_none(uri: str) -> None:
    with pytest.raises(SignerError, match=r"followed by the signer's URL|is not an address"):
        open_signer(uri)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "[::1]", "localhost"])
def test_this_machine(host: str) -> None:
    assert open_signer(f"rpc:http://{host}:9000#{ADDRESS}").address == HONEST.address
