"""K4: a signer that signs with another key, another transaction, a high s or for another chain is found out in time."""

import json
from collections.abc import Sequence
from typing import Any

import pytest

from dipmp_lib.errors import SignerError
from dipmp_lib.model.names import ProjectName, RegistryAddress, checksum_address
from dipmp_lib.transactions import Call
from dipmp_lib.transactions.chain_writer import ChainWriter
from dipmp_lib.transactions.signers import RemoteSigner
from tests.support.fakes.node import REGISTRY, FakeNode
from tests.support.fakes.rpc_server import json_rpc
from tests.support.faulty.evil_signers import CHEATS, HONEST, Cheat, EvilSigner
from tests.support.faulty.fault_proxy import FaultProxy
from tests.support.programs.cli import Shell

CLAIM = Call.claim(ProjectName("demo"), HONEST.address, b"")


class EvilServer:
    """A remote signer that cheats."""

    def __init__(self, cheat: Cheat) -> None:
        self._cheat = cheat

    def request(self, method: str, params: Sequence[Any]) -> object:
        """Answer as such a server does."""
        if method == "eth_accounts":
            return [checksum_address(HONEST.address)]
        asked = dict(params[0])
        to, data, _ = asked.pop("to"), asked.pop("data"), asked.pop("from")
        numbers = {name: int(value, 16) for name, value in asked.items()}
        return f"0x{self._cheat({**numbers, 'type': 2, 'to': to, 'data': data}).hex()}"


@pytest.mark.parametrize("cheat", CHEATS)
def test_K4_nothing_is_broadcast(cheat: str) -> None:
    act, sentence = CHEATS[cheat]
    for signer in (EvilSigner(act), RemoteSigner(EvilServer(act))):
        node = FakeNode()
        with pytest.raises(SignerError, match=sentence):
            ChainWriter(node, RegistryAddress(REGISTRY), signer).send(CLAIM)
        assert node.sent == []
        assert "eth_sendRawTransaction" not in node.methods()


def test_K4_an_honest_signer_is_believed() -> None:
    node = FakeNode()
    ChainWriter(node, RegistryAddress(REGISTRY), EvilSigner(HONEST.sign_transaction)).send(CLAIM)
    assert len(node.sent) == 1


@pytest.mark.parametrize("cheat", ["another key", "another receiver", "another chain", "a high s"])
def test_K4_a_command_says_so(cheat: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    node, shell = FakeNode(), Shell(monkeypatch, capsys)
    monkeypatch.setattr("dipmp_cli.session.session.HttpRpc", lambda *_, **__: node)
    act, _ = CHEATS[cheat]
    with FaultProxy(json_rpc(EvilServer(act))) as server:
        shell.environment(
            {
                "DIPMP_REGISTRY": checksum_address(REGISTRY),
                "ETH_GATEWAY": "http://rpc.invalid",
                "DIPMP_SIGNER": f"rpc:{server.url}",
            }
        )
        ran = shell.dipmp("project", "claim", "demo", "--yes")
        asked = [json.loads(request.body)["method"] for request in server.requests]
    assert ran.code == 1
    assert ran.error.startswith("the signer ")
    assert "eth_signTransaction" in asked
    assert node.sent == []
