"""The registry contract in plain Python: an independent reference that the contract is compared with.

It knows nothing of dipmp_lib.log or of Solidity; it is written from the specification alone (IPackageIndex.sol).
Addresses are 20 bytes, ids and heads 32, times unix seconds.
"""

import re
from dataclasses import dataclass, field

from Crypto.Hash import keccak

RELEASE, CLAIM, OWNER, ROLE = 0x01, 0x80, 0x81, 0x82
MAX_PAYLOAD = 24_543
MAX_HINDSIGHT = 30 * 24 * 3600
REGISTRY_ID = bytes(32)
ZERO = bytes(20)
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


class ModelRevertError(Exception):
    """The contract must refuse; `error` is the name of its custom error, `args` its arguments."""

    def __init__(self, error: str, *values: object) -> None:
        super().__init__(error, *values)
        self.error = error
        self.values = values


def hash256(data: bytes) -> bytes:
    """Keccak-256."""
    return keccak.new(digest_bits=256, data=data).digest()


def project_id(name: str) -> bytes:
    """Key of a log; the empty name is the registry log."""
    return hash256(name.encode()) if name else REGISTRY_ID


def create_address(creator: bytes, nonce: int) -> bytes:
    """Where CREATE puts the contract that `creator` makes with `nonce` (EIP-161 nonces, RLP of the pair)."""
    digits = nonce.to_bytes((nonce.bit_length() + 7) // 8, "big")
    item = digits if 0 < nonce < 0x80 else bytes([0x80 + len(digits)]) + digits
    body = b"\x94" + creator + item
    return hash256(bytes([0xC0 + len(body)]) + body)[12:]


@dataclass(slots=True)
class LogState:
    """One log: slots A and B, and the nonces of its entries in log order."""

    owner: bytes = ZERO
    epoch: int = 0
    status: int = 0
    head: bytes = bytes(32)
    nonces: list[int] = field(default_factory=list)

    @property
    def last(self) -> int:
        """Nonce of the newest entry, 0 for none."""
        return self.nonces[-1] if self.nonces else 0

    @property
    def slot_a(self) -> int:
        """Slot A as the contract packs it."""
        upper = self.last | self.status << 48 | self.epoch << 56
        return int.from_bytes(self.owner, "big") | len(self.nonces) << 160 | upper << 192


class ChainModel:
    """A registry. Every writing method takes the sender and the block's time, and raises ModelRevertError."""

    def __init__(self, chain_id: int, address: bytes, owner: bytes) -> None:
        self.chain_id = chain_id
        self.address = address
        self.blobs: list[bytes] = []
        self.logs: dict[bytes, LogState] = {REGISTRY_ID: LogState(owner=owner)}
        self.publishers: dict[tuple[bytes, int, bytes], int] = {}
        self.offers: dict[bytes, bytes] = {}

    # -- writing

    def claim(self, sender: bytes, time: int, name: str, owner: bytes, release: bytes) -> None:
        """Take a free name."""
        if len(name) > 128 or not _NAME.fullmatch(name):
            raise ModelRevertError("InvalidName", name)
        if owner == ZERO:
            raise ModelRevertError("ZeroAddress")
        key, registry = project_id(name), self.logs[REGISTRY_ID]
        if key in self.logs:
            raise ModelRevertError("NameTaken", name, self.logs[key].owner)
        project = LogState(owner=owner)
        if release:
            self._check(key, project, RELEASE, sender, time, release)
        payload = registry.last.to_bytes(6, "big") + owner + name.encode()
        self._store(CLAIM, 0, sender, time, payload)
        self.logs[key] = project
        self._fold(REGISTRY_ID)
        self._fold(key)
        if release:
            self._append(key, RELEASE, sender, time, release)

    def append(self, sender: bytes, time: int, name: str, kind: int, payload: bytes) -> None:
        """Add an entry."""
        key, project = self._project(name)
        self._check(key, project, kind, sender, time, payload)
        self._append(key, kind, sender, time, payload)

    def set_publisher(self, sender: bytes, time: int, name: str, account: bytes, until: int, since: int) -> None:
        """Grant or revoke the right to publish."""
        key, project = self._project(name)
        if sender != project.owner:
            raise ModelRevertError("NotOwner", sender, project.owner)
        if account == ZERO:
            raise ModelRevertError("ZeroAddress")
        if account == project.owner:
            raise ModelRevertError("OwnerIsNoPublisher", account)
        if 0 < until <= time:
            raise ModelRevertError("AlreadyExpired", until, time)
        if since and until:
            raise ModelRevertError("NotARevocation", until)
        if since and not time - MAX_HINDSIGHT <= since <= time:
            raise ModelRevertError("InvalidCompromisedSince", since, time - MAX_HINDSIGHT, time)
        self.publishers[key, project.epoch, account] = until
        self._append(key, ROLE, sender, time, account + until.to_bytes(5, "big") + since.to_bytes(5, "big"))

    def transfer(self, sender: bytes, time: int, name: str, to: bytes) -> None:
        """Offer a project."""
        key, project = self._project(name)
        if sender != project.owner:
            raise ModelRevertError("NotOwner", sender, project.owner)
        if project.epoch == 255:
            raise ModelRevertError("TooManyTransfers", name)
        self.offers[key] = to
        self._append(key, OWNER, sender, time, b"\x00" + to)

    def accept(self, sender: bytes, time: int, name: str) -> None:
        """Accept an offered project."""
        key, project = self._project(name)
        offered = self.offers.get(key, ZERO)
        if sender != offered or offered == ZERO:
            raise ModelRevertError("NotOffered", sender, offered)
        del self.offers[key]
        project.owner = sender
        project.epoch += 1
        self._append(key, OWNER, sender, time, b"\x01" + sender)

    # -- reading

    def storage(self) -> dict[int, int]:
        """Every storage slot that the specification fixes, by its number."""
        slots = {1: len(self.blobs)}
        for key, log in self.logs.items():
            base = int.from_bytes(hash256(key + bytes(32)), "big")
            slots[base] = log.slot_a
            slots[base + 1] = int.from_bytes(log.head, "big")
        return slots

    def codes(self) -> dict[bytes, bytes]:
        """Every blob by the address that holds it."""
        return {create_address(self.address, nonce): blob for nonce, blob in enumerate(self.blobs, 1)}

    def read(self, name: str, known: int, start: int, max_bytes: int) -> tuple[int, bytes, int, bytes]:
        """Answer `read` with unlimited gas, for a `start` that belongs to the log."""
        log = self.logs.get(project_id(name), LogState())
        newest = start or log.last
        wanted = [nonce for nonce in reversed(log.nonces) if known < nonce <= newest]
        page, rest = self._page(wanted, max_bytes)
        return log.slot_a, log.head, rest, page

    def scan(self, start: int, max_bytes: int) -> tuple[int, int, bytes]:
        """Answer `scan` with unlimited gas."""
        page, rest = self._page(list(range(max(start, 1), len(self.blobs) + 1)), max_bytes)
        return len(self.blobs), rest, page

    def entries(self, name: str) -> list[bytes]:
        """Return a log's blobs in log order."""
        return [self.blobs[nonce - 1] for nonce in self.logs[project_id(name)].nonces]

    # -- inside

    def _page(self, nonces: list[int], max_bytes: int) -> tuple[bytes, int]:
        page = b""
        for nonce in nonces:
            blob = self.blobs[nonce - 1]
            if len(page) + 4 + len(blob) > max_bytes:
                return page, nonce
            page += len(blob).to_bytes(4, "big") + blob
        return page, 0

    def _project(self, name: str) -> tuple[bytes, LogState]:
        if not name or project_id(name) not in self.logs:
            raise ModelRevertError("UnknownProject", name)
        return project_id(name), self.logs[project_id(name)]

    def _check(self, key: bytes, project: LogState, kind: int, sender: bytes, time: int, payload: bytes) -> None:
        if not 0x01 <= kind <= 0x7F:
            raise ModelRevertError("InvalidKind", kind)
        if sender != project.owner:
            if kind >= 0x40:
                raise ModelRevertError("NotOwner", sender, project.owner)
            until = self.publishers.get((key, project.epoch, sender), 0)
            if time >= until:
                raise ModelRevertError("NotPublisher", sender, until)
        if len(payload) > MAX_PAYLOAD:
            raise ModelRevertError("PayloadTooLong", len(payload), MAX_PAYLOAD)

    def _append(self, key: bytes, kind: int, sender: bytes, time: int, payload: bytes) -> None:
        self._store(kind, self.logs[key].last, sender, time, payload)
        self._fold(key)

    def _store(self, kind: int, prev: int, sender: bytes, time: int, payload: bytes) -> None:
        header = bytes([0, kind]) + prev.to_bytes(6, "big") + sender + time.to_bytes(5, "big")
        self.blobs.append(header + payload)

    def _fold(self, key: bytes) -> None:
        log = self.logs[key]
        first = hash256(self.chain_id.to_bytes(32, "big") + bytes(12) + self.address + key)
        log.head = hash256((log.head if log.nonces else first) + hash256(self.blobs[-1]))
        log.nonces.append(len(self.blobs))
