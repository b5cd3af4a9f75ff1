"""A chain in memory behind the Rpc port, which can fail and lie in every way that a reader must survive.

sim = ChainSimulator()
registry = sim.deploy()                     # a ChainModel; write to it with its own methods or sim.release
sim.release(registry, "foo", "foo-1.0.tar.gz")
ChainRegistry({"": Chain(sim, None)}, MemoryLogStore()).project(sim.address_of(registry), ProjectName("foo"))
"""

import copy
import time
from collections.abc import Callable, Sequence

from eth_abi.abi import decode, encode

from dipmp_lib.errors import Reverted, RpcError
from dipmp_lib.model.names import RegistryAddress
from tests.support.files.logs import OWNER_KEY, START, release_payload
from tests.support.model.contract import ChainModel, LogState, project_id

RELEASE = 0x01
READ, SCAN = bytes.fromhex("410386c6"), bytes.fromhex("c5221bc4")
SCAN_TYPES = ["uint256", "uint256", "bytes"]
READ_TYPES = ["uint256", "bytes32", "uint256", "bytes"]
CHAIN_ID = 8453

ReadAnswer = tuple[int, bytes, int, bytes]


class ChainSimulator:
    """Implements the Rpc port.

    Switches: `offline`, `behind` (the age of the newest block in seconds), `page_entries` (as if gas ended), `lie`
    (changes what `read` returns), `answer` (replaces any result), `before` (runs before each request, for appends and
    reorganisations between pages).
    Counters: `calls`, `page_bytes` (bytes of log pages that travelled).
    """

    def __init__(self, chain_id: int = CHAIN_ID) -> None:
        self.chain_id = chain_id
        self.registries: dict[bytes, ChainModel] = {}
        self.codes: dict[bytes, bytes] = {}
        self.returns: dict[bytes, bytes | Reverted] = {}
        self.time = START
        self.offline = False
        self.behind = 0
        self.page_entries = 1_000_000
        self.lie: Callable[[ReadAnswer], ReadAnswer] | None = None
        self.answer: Callable[[str, object], object] | None = None
        self.before: Callable[[], None] | None = None
        self.calls: list[str] = []
        self.page_bytes = 0

    # -- writing

    def deploy(self, number: int = 1) -> ChainModel:
        """Create an empty registry."""
        model = ChainModel(self.chain_id, bytes([0xEE]) * 19 + bytes([number]), OWNER_KEY)
        self.registries[model.address] = model
        return model

    def release(self, registry: ChainModel, name: str, *files: str, actor: bytes = OWNER_KEY) -> None:
        """Append a release, claiming the name first if it is free; a minute passes."""
        self.append(registry, name, RELEASE, release_payload(files), actor=actor)

    def append(self, registry: ChainModel, name: str, kind: int, payload: bytes, *, actor: bytes = OWNER_KEY) -> None:
        """Append any entry, claiming the name first if it is free; a minute passes."""
        self.time += 60
        if project_id(name) not in registry.logs:
            registry.claim(actor, self.time, name, actor, b"")
        registry.append(actor, self.time, name, kind, payload)

    def fork(self) -> "ChainSimulator":
        """Return a copy of the chain, for another history from here on."""
        other = ChainSimulator(self.chain_id)
        other.registries = copy.deepcopy(self.registries)
        other.codes, other.returns, other.time = dict(self.codes), dict(self.returns), self.time
        return other

    def reorganise_to(self, other: "ChainSimulator") -> None:
        """Replace the history by another."""
        self.registries = copy.deepcopy(other.registries)

    @staticmethod
    def address_of(registry: ChainModel, chain: str = "") -> RegistryAddress:
        """Return the address that readers use."""
        return RegistryAddress(registry.address, chain)

    def reset(self) -> None:
        """Set the counters to zero."""
        self.calls.clear()
        self.page_bytes = 0

    # -- the Rpc port

    def request(self, method: str, params: Sequence[object]) -> object:
        """Answer one request."""
        self.calls.append(method)
        if self.before is not None:
            self.before()
        if self.offline:
            raise RpcError("the simulated endpoint is offline")
        result = self._result(method, params)
        return self.answer(method, result) if self.answer is not None else result

    def _result(self, method: str, params: Sequence[object]) -> object:
        if method == "eth_chainId":
            return hex(self.chain_id)
        if method == "eth_blockNumber":
            return hex(self.time)
        if method == "eth_getBlockByNumber":
            return {"number": hex(self.time), "timestamp": hex(int(time.time()) - self.behind)}
        if method == "eth_getCode":
            assert isinstance(params[0], str)
            return "0x" + self._code(bytes.fromhex(params[0][2:])).hex()
        if method == "eth_call":
            call = params[0]
            assert isinstance(call, dict)
            assert int(call["gas"], 16) > 0
            return "0x" + self._call(bytes.fromhex(call["to"][2:]), bytes.fromhex(call["data"][2:])).hex()
        raise RpcError(f"the method {method} does not exist", code=-32601)

    def _code(self, address: bytes) -> bytes:
        return b"\x60\x80" if address in self.registries else self.codes.get(address, b"")

    def _call(self, to: bytes, data: bytes) -> bytes:
        if to in self.returns:
            value = self.returns[to]
            if isinstance(value, Reverted):
                raise value
            return value
        if to not in self.registries:
            return b""
        if data[:4] == SCAN:
            return bytes(encode(SCAN_TYPES, scan(self.registries[to], *decode(["uint256", "uint256"], data[4:]))))
        if data[:4] != READ:
            raise Reverted("execution reverted", code=3, data="0x")
        name, known, start, max_bytes = decode(["string", "uint256", "uint256", "uint256"], data[4:])
        answer = self.read(self.registries[to], name, known, start, max_bytes)
        if self.lie is not None:
            answer = self.lie(answer)
        self.page_bytes += len(answer[3])
        return bytes(encode(READ_TYPES, answer))

    def read(self, model: ChainModel, name: str, known: int, start: int, max_bytes: int) -> ReadAnswer:
        """Walk the blobs by their links, as the contract does, whatever log the cursor belongs to."""
        log = model.logs.get(project_id(name), LogState())
        link = slice(33, 39) if not name else slice(2, 8)
        cursor = start or log.last
        if cursor > len(model.blobs):
            cursor = 0
        page: list[bytes] = []
        size = 0
        while cursor > known:
            blob = model.blobs[cursor - 1]
            size += 4 + len(blob)
            if size > max_bytes or len(page) >= 2 * self.page_entries:
                break
            page += [len(blob).to_bytes(4, "big"), blob]
            cursor = int.from_bytes(blob[link], "big")
        return log.slot_a, log.head, cursor if cursor > known else 0, b"".join(page)


def scan(model: ChainModel, start: int, max_bytes: int) -> tuple[int, int, bytes]:
    """Return blobs in nonce order, as the contract does."""
    page, cursor, total = b"", max(start, 1), len(model.blobs)
    while cursor <= total:
        blob = model.blobs[cursor - 1]
        if len(page) + 4 + len(blob) > max_bytes:
            break
        page += len(blob).to_bytes(4, "big") + blob
        cursor += 1
    return total, cursor if cursor <= total else 0, page
