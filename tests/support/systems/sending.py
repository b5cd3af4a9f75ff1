"""A node, a journal that outlives writers, and a clock that sleeping moves."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from dipmp_lib.ethereum.rpc import Rpc
from dipmp_lib.model.names import ProjectName, RegistryAddress, checksum_address
from dipmp_lib.secret import Secret
from dipmp_lib.transactions import Call, Receipt
from dipmp_lib.transactions.chain_writer import ChainWriter
from dipmp_lib.transactions.confirm import SendOptions
from dipmp_lib.transactions.journal import Facts, MemoryJournal
from dipmp_lib.transactions.signers import KeySigner, Signer
from tests.support.fakes.mempool_node import MempoolNode
from tests.support.fakes.node import BASE_FEE, REGISTRY

SIGNER = KeySigner(Secret(bytes.fromhex("4c0883a69102937d6231471b5dbb6204fe512961708279fe5b3d4b2e1f2a5c6d")))
ADDRESS = checksum_address(SIGNER.address)
DEMO = ProjectName("demo")
CLAIM = Call.claim(DEMO, SIGNER.address, b"\x00payload")
APPEND = Call.append(DEMO, 1, b"\x00second")


class Killed(BaseException):
    """The process ends here."""


class SendingSystem:
    """A node, a journal, a clock and the sentences that were told."""

    def __init__(self, node: MempoolNode | None = None) -> None:
        self.node = node or MempoolNode()
        self.journal = MemoryJournal()
        self.now = 0.0
        self.said: list[str] = []

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def writer(self, *, endpoints: Sequence[Rpc] = (), signer: Signer = SIGNER, **options: Any) -> ChainWriter:  # noqa: ANN401
        chosen = SendOptions(
            endpoints=endpoints or [self.node],
            open_journal=lambda *_: self.journal,
            tell=self.said.append,
            clock=lambda: self.now,
            sleep=self.sleep,
            **options,
        )
        return ChainWriter(self.node, RegistryAddress(REGISTRY), signer, options=chosen)

    def send(self, *turns: Any, call: Call = CLAIM, **options: Any) -> Receipt:  # noqa: ANN401
        """Send one call on a fresh writer, while things happen."""
        self.node.turns = list(turns)
        writer = self.writer(**options)
        writer.settle()
        return writer.send(call)

    def die(self, *turns: Any, call: Call = CLAIM) -> None:  # noqa: ANN401
        """Send one call, and be killed when these things have happened."""

        def kill() -> None:
            raise Killed

        with pytest.raises(Killed):
            self.send(*turns, kill, call=call)

    def kinds(self) -> list[str]:
        return [record.kind for record in self.journal.records()]

    def facts(self, kind: str) -> list[Facts]:
        return [record.facts for record in self.journal.records() if record.kind == kind]

    def entries(self) -> int:
        return len(self.node.model.entries("demo"))


def nothing() -> None:
    """Let one question about a receipt pass."""


def raise_base_fee(system: SendingSystem, times: int) -> Callable[[], None]:
    """Return the turn after which blocks cost that many times as much."""

    def change() -> None:
        system.node.base_fee = times * BASE_FEE

    return change
