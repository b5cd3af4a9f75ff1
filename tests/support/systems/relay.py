"""A project, a key without money and a payer, for requests that one signs and the other sends."""

import time
from pathlib import Path
from typing import Any

import pytest
from eth_account import Account

from dipmp_lib.model.names import checksum_address
from dipmp_lib.secret import Secret
from dipmp_lib.transactions.signers import KeySigner
from dipmp_lib.transactions.sponsored import SignedAppend, parse_request
from tests.support.fakes.node import REGISTRY, FakeNode
from tests.support.fakes.publishing import FakePinner
from tests.support.files.wheels import build_wheel
from tests.support.programs.cli import Ran, Shell

KEY = bytes([5]) * 32
PAYER = bytes([6]) * 32
ME = Account.from_key(KEY).address
THEM = Account.from_key(PAYER).address
MINE = bytes.fromhex(ME[2:])
SETTINGS = {
    "DIPMP_REGISTRY": checksum_address(REGISTRY),
    "ETH_GATEWAY": "http://rpc.invalid",
    "DIPMP_PINNER": "kubo:http://pin.invalid",
    "DIPMP_SIGNER": "env:PAYER",
    "PAYER": PAYER.hex(),
    "MINE": KEY.hex(),
}


class RelayScene:
    """A project of mine, my key without money, and a payer."""

    def __init__(self, shell: Shell, folder: Path) -> None:
        self.shell, self.folder = shell, folder
        self.node, self.pinner = FakeNode(), FakePinner()
        self.node.time = int(time.time())
        self.node.model.claim(MINE, self.node.time, "demo", MINE, b"")
        self.node.answers["eth_getBalance"] = lambda params: "0x0" if params[0] == ME else hex(10**18)
        self.file = folder / "request.json"

    def sign(self, *arguments: object, version: str = "1.0") -> Ran:
        wheel = build_wheel(self.folder, "demo", version)
        return self.shell.publish(wheel, "--sign-only", self.file, "--signer", "env:MINE", "--yes", *arguments)

    def relay(self, *arguments: object) -> Ran:
        return self.shell.dipmp("relay", self.file, "--yes", *arguments)

    @property
    def request(self) -> SignedAppend:
        return parse_request(self.file.read_bytes())

    def rewrite(self, *, sign: bool = True, **changes: Any) -> None:  # noqa: ANN401
        """Change the request, signed anew or not."""
        own = self.request
        facts = {name: getattr(own, name) for name in own.__dataclass_fields__} | changes
        made = SignedAppend(**facts)
        signature = KeySigner(Secret(KEY)).sign_typed_data(made.typed_data) if sign else made.signature
        self.file.write_text(made.signed(signature).document())


def relay_scene(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> RelayScene:
    """Put the scene in place of endpoints and pinners."""
    made = RelayScene(Shell(monkeypatch, capsys), tmp_path)
    made.shell.environment(SETTINGS)
    for name, value in SETTINGS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("dipmp_cli.session.session.HttpRpc", lambda *_, **__: made.node)
    monkeypatch.setattr("dipmp_cli.settings.settings.pinner_from_uri", lambda _uri, **_: made.pinner)
    return made
