"""The logs of a registry as a model in plain Python: blobs, heads, storage slots and pages.

It is written from the specification alone (IPackageIndex.sol), without dipmp_lib.log and the Solidity sources.
Addresses are 20 bytes, ids and heads 32, times unix seconds.
"""

from dataclasses import dataclass, field

from Crypto.Hash import keccak

REGISTRY_ID = bytes(32)
ZERO = bytes(20)


class ModelRevertError(Exception):
    """The contract reverts; `error` is the name of its custom error, `values` are its arguments."""

    def __init__(self, error: str, *values: object) -> None:
        super().__init__(error, *values)
        self.error = error
        self.values = values


def hash256(data: bytes) -> bytes:
    """Return Keccak-256."""
    return keccak.new(digest_bits=256, data=data).digest()


def project_id(name: str) -> bytes:
    """Return the key of a log; the empty name is the registry log."""
    return hash256(name.encode()) if name else REGISTRY_ID


def create_address(creator: bytes, nonce: int) -> bytes:
    """Return the address of the contract that `creator` makes with `nonce` (EIP-161 nonces, RLP of the pair)."""
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
        """Slot A as the contract packs it; the first entry of a log writes it."""
        if not self.nonces:
            return 0
        upper = self.last | self.status << 48 | self.epoch << 56
        return int.from_bytes(self.owner, "big") | len(self.nonces) << 160 | upper << 192


class RegistryLogs:
    """The logs of one registry, and the answers of its views."""

    def __init__(self, chain_id: int, address: bytes, owner: bytes) -> None:
        self.chain_id = chain_id
        self.address = address
        self.blobs: list[bytes] = []
        self.logs: dict[bytes, LogState] = {REGISTRY_ID: LogState(owner=owner)}

    # -- reading

    def storage(self) -> dict[int, int]:
        """Return every storage slot that the specification fixes, by its number."""
        slots = {1: len(self.blobs)}
        for key in self.logs:
            slots |= self.slots(key)
        return slots

    def slots(self, key: bytes) -> dict[int, int]:
        """Return slots A and B of a log, by their numbers."""
        log = self.logs.get(key, LogState())
        base = int.from_bytes(hash256(key + bytes(32)), "big")
        return {base: log.slot_a, base + 1: int.from_bytes(log.head, "big")}

    def codes(self, first: int = 1) -> dict[bytes, bytes]:
        """Return every blob from nonce `first` on, by the address that holds it."""
        return {
            create_address(self.address, nonce + 1): self.blobs[nonce] for nonce in range(first - 1, len(self.blobs))
        }

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

    def _page(self, nonces: list[int], max_bytes: int) -> tuple[bytes, int]:
        page = bytearray()
        for nonce in nonces:
            blob = self.blobs[nonce - 1]
            if len(page) + 4 + len(blob) > max_bytes:
                return bytes(page), nonce
            page += len(blob).to_bytes(4, "big") + blob
        return bytes(page), 0

    # -- writing

    def _append(self, key: bytes, kind: int, actor: bytes, time: int, payload: bytes) -> None:
        """Add an entry to one log; in the registry log the link is a part of the payload."""
        last = self.logs[key].last
        if key == REGISTRY_ID:
            self._store(kind, 0, actor, time, last.to_bytes(6, "big") + payload)
        else:
            self._store(kind, last, actor, time, payload)
        self._fold(key)

    def _store(self, kind: int, prev: int, actor: bytes, time: int, payload: bytes) -> None:
        header = bytes([0, kind]) + prev.to_bytes(6, "big") + actor + time.to_bytes(5, "big")
        self.blobs.append(header + payload)

    def _fold(self, key: bytes) -> None:
        """Make the newest blob the last entry of a log."""
        log = self.logs[key]
        first = hash256(self.chain_id.to_bytes(32, "big") + bytes(12) + self.address + key)
        log.head = hash256((log.head if log.nonces else first) + hash256(self.blobs[-1]))
        log.nonces.append(len(self.blobs))
