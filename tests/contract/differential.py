"""Registries on a chain next to their models: the same step on both sides, and everything compared afterwards."""

import copy
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from dipmp_lib.ethereum.abi import factory_address, implementation_address
from dipmp_lib.log.blob import Blob, parse_page
from dipmp_lib.log.fold import fold_project, fold_registry
from dipmp_lib.model.names import ProjectName
from dipmp_lib.model.pages import Status
from tests.contract.backends import Backend, RevertError
from tests.contract.harness import CALL_GAS, Refusal, decode_answer, decode_refusal, encode_call
from tests.support.fakes.wallets import ALTERNATOR, CAREFUL_WALLET, LYING_WALLETS, Key, alternate, careful, initcode
from tests.support.model.contract import REGISTRY_ID, ChainModel, LogState, ModelRevertError, project_id
from tests.support.model.factory import Arguments, FactoryModel

WHOLE = 1 << 24
MODEL: dict[str, Callable[..., None]] = {
    "claim": ChainModel.claim,
    "append": ChainModel.append,
    "appendWithSig": ChainModel.append_with_sig,
    "setPublisher": ChainModel.set_publisher,
    "transferProject": ChainModel.transfer,
    "acceptProject": ChainModel.accept,
    "setStatus": ChainModel.set_status,
    "quarantine": ChainModel.quarantine,
    "transferRegistry": ChainModel.transfer_registry,
    "acceptRegistry": ChainModel.accept_registry,
    "resignGuardian": ChainModel.resign_guardian,
}
OF_THE_REGISTRY = ("transferRegistry", "acceptRegistry", "resignGuardian")


@dataclass(frozen=True, slots=True)
class Step:
    """One transaction to a registry; `rounds` of it and of `second` when the sender is the contract that does that."""

    sender: bytes
    function: str
    values: tuple[object, ...]
    rounds: int = 0
    second: str = ""

    @property
    def name(self) -> str:
        """The project that it is about, empty for the registry."""
        return "" if self.function in OF_THE_REGISTRY else str(self.values[0])


@dataclass(slots=True)
class Side:
    """One registry: its model, and the entries that a reader holds of each log."""

    model: ChainModel
    first_guardian: bytes
    held: dict[str, list[Blob]] = field(default_factory=dict)
    names: list[str] = field(default_factory=list)
    checked_blobs: int = 0

    def owns(self, account: bytes) -> bool:
        """Whether an account owns a project here."""
        return any(log.owner == account for key, log in self.model.logs.items() if key != REGISTRY_ID)


class World:
    """A chain, a factory, and a few registries with the people who use them.

    `tried` counts what came of the steps: the name of an error, or of the function that succeeded.
    """

    def __init__(self, backend: Backend, rng: random.Random) -> None:
        self.backend = backend
        self.rng = rng
        self.people = backend.accounts[1:6]
        self.keys = {key.address: key for key in (Key(rng.getrandbits(64)) for _ in range(4))}
        self.careful = self._install(CAREFUL_WALLET)
        self.liars = tuple(self._install(code) for code in LYING_WALLETS.values())
        self.alternator = self._install(ALTERNATOR)
        self.factory = FactoryModel(factory_address(), implementation_address())
        self.sides: list[Side] = []
        self.tried: Counter[str] = Counter()
        self.time = backend.now()

    def _install(self, code: bytes) -> bytes:
        return self.backend.send(self.backend.accounts[0], b"", initcode(code)).created

    # -- the same step on both sides

    def create(self, arguments: Arguments) -> Side | None:
        """Have the factory make a registry; None when it refuses."""
        self._pass_time()
        try:
            expected: bytes | Refusal = self.factory.create(*arguments)
        except ModelRevertError as error:
            expected = Refusal(error.error, error.values)
        outcome = self._send(self.people[0], self.factory.address, encode_call("create", *arguments))
        if isinstance(expected, Refusal):
            assert outcome == expected
            self.tried[expected.error] += 1
            return None
        assert outcome is None
        assert self.backend.code(expected) == self.factory.code_of(*arguments)
        assert self._ask(self.factory.address, "addressOf", *arguments) == (expected,)
        self.tried["create"] += 1
        owner, guardian, mode, _ = arguments
        model = ChainModel(self.backend.chain_id, expected, owner, guardian=guardian, mode=mode)
        model.wallets[self.careful] = careful
        side = Side(model, guardian)
        self.sides.append(side)
        return side

    def take(self, side: Side, step: Step) -> None:
        """Take a step and compare what came of it, and all that it can have touched."""
        self._pass_time()
        expected = self._in_model(side, step)
        call = encode_call(step.function, *step.values)
        if step.rounds:
            second = encode_call(step.second, *step.values[:1])
            data = alternate(side.model.address, step.rounds, call, second)
            outcome = self._send(self.people[0], step.sender, data)
        else:
            outcome = self._send(step.sender, side.model.address, call)
        assert outcome == expected
        self.tried[step.function if outcome is None else outcome.error] += 1
        if outcome is None and step.function == "claim":
            side.names.append(step.name)
        self.compare(side, step.name, *[""] * (step.function == "claim"))

    def refused_by_implementation(self, step: Step) -> None:
        """Take a step at the code that all registries share."""
        outcome = self._send(step.sender, self.factory.implementation, encode_call(step.function, *step.values))
        assert outcome == Refusal("NotARegistry", (self.factory.implementation,))
        self.tried["NotARegistry"] += 1

    def _in_model(self, side: Side, step: Step) -> Refusal | None:
        before = copy.deepcopy(side.model) if step.rounds > 1 else side.model
        try:
            MODEL[step.function](side.model, step.sender, self.time, *step.values)
            for turn in range(1, 2 * step.rounds):
                function, values = (step.second, step.values[:1]) if turn % 2 else (step.function, step.values)
                MODEL[function](side.model, step.sender, self.time, *values)
        except ModelRevertError as error:
            side.model = before
            return Refusal(error.error, error.values)
        return None

    def _pass_time(self) -> None:
        """Most blocks follow each other within seconds; some leave time for permissions to end."""
        self.time += self.rng.choice((1, 1, 1, 2, 12, 3600)) if self.rng.random() < 0.98 else 11 * 86_400
        self.backend.next_time(self.time)

    def _send(self, sender: bytes, to: bytes, data: bytes) -> Refusal | None:
        try:
            receipt = self.backend.send(sender, to, data)
        except RevertError as revert:
            return decode_refusal(revert.data)
        assert receipt.time == self.time
        return None

    def _ask(self, to: bytes, function: str, *values: object) -> tuple[Any, ...]:
        answer = self.backend.call(self.people[0], to, encode_call(function, *values), CALL_GAS)
        return decode_answer(function, answer)

    # -- comparing

    def compare(self, side: Side, *touched: str) -> None:
        """Compare some logs, by their projects' names: slots, new entries, blobs, roles, folds."""
        model = side.model
        slots = {1: len(model.blobs)}
        for log in touched:
            slots |= model.slots(project_id(log))
        for slot, value in slots.items():
            assert self.backend.storage(model.address, slot) == value, hex(slot)
        if side.checked_blobs == len(model.blobs):
            return
        for address, blob in model.codes(side.checked_blobs + 1).items():
            assert self.backend.code(address) == blob
        side.checked_blobs = len(model.blobs)
        for log in touched:
            self._compare_log(side, log)
            self._compare_roles(side, log)

    def compare_all(self) -> None:
        """Compare everything that there is, each log read from its beginning."""
        for side in self.sides:
            side.held.clear()
            for slot, value in side.model.storage().items():
                assert self.backend.storage(side.model.address, slot) == value, hex(slot)
            for name in ("", *side.names):
                self._compare_log(side, name)
                self._compare_roles(side, name)
            self._compare_scan(side)

    def _compare_log(self, side: Side, name: str) -> None:
        """Read what is new of a log, and compare the folds of all of it on both sides."""
        held = side.held.setdefault(name, [])
        log = side.model.logs.get(project_id(name), LogState())
        cursor, known = 0, log.nonces[len(held) - 1] if held else 0
        fresh: list[Blob] = []
        while True:
            answer = self._ask(side.model.address, "read", name, known, cursor, WHOLE)
            assert answer == side.model.read(name, known, cursor, _length(answer[3], WHOLE, answer[2]))
            fresh += parse_page(answer[3])
            cursor = answer[2]
            if not cursor:
                break
        held += reversed(fresh)
        assert [blob.raw for blob in held] == [side.model.blobs[nonce - 1] for nonce in log.nonces]
        if fresh:
            _compare_folds(side, name, held, log)

    def _compare_roles(self, side: Side, name: str) -> None:
        model, address = side.model, side.model.address
        assert self._ask(address, "offeredTo", name) == (model.offered_to(name),)
        if name:
            account = self.rng.choice((*self.people, *self.keys, self.careful, self.alternator))
            assert self._ask(address, "publisherUntil", name, account) == (model.publisher_until(name, account),)
        else:
            assert self._ask(address, "registryOwner") == (model.registry_owner,)
            assert self._ask(address, "guardian") == (model.guardian,)
            assert self._ask(address, "mode") == (model.mode,)

    def _compare_scan(self, side: Side) -> None:
        cursor = 0
        while True:
            answer = self._ask(side.model.address, "scan", cursor, WHOLE)
            assert answer == side.model.scan(cursor, _length(answer[2], WHOLE, answer[1]))
            cursor = answer[1]
            if not cursor:
                return


def _length(page: bytes, limit: int, cursor: int) -> int:
    """The bytes that the model may return: a page that gas ended is as long as it is."""
    return len(page) if cursor else limit


def _compare_folds(side: Side, name: str, held: list[Blob], log: LogState) -> None:
    if not name:
        assert fold_registry(held).names == tuple(sorted(side.names))
        return
    entries = [_parse(side.model.blobs[nonce - 1]) for nonce in log.nonces]
    folded = fold_project(ProjectName(name), held) if held else None
    assert folded == (fold_project(ProjectName(name), entries) if entries else None)
    if folded is not None:
        assert folded.status == _status(log.status)


def _parse(raw: bytes) -> Blob:
    """Split a blob, without dipmp_lib's own parser."""
    number = int.from_bytes
    return Blob(raw[1], number(raw[2:8], "big"), raw[8:28], number(raw[28:33], "big"), raw[33:])


def _status(bits: int) -> Status:
    """The most restrictive status among the bits."""
    for bit, status in ((0x80, Status.QUARANTINED), (0x01, Status.ARCHIVED), (0x02, Status.DEPRECATED)):
        if bits & bit:
            return status
    return Status.ACTIVE
