"""One refresh of one log, and what it may cost."""

import time
from collections.abc import Callable
from copy import copy
from dataclasses import dataclass
from typing import Self

from ...errors import MalformedLog, Reverted
from ...ethereum.calls import ReadAnswer, decode_read, encode_read
from ...ethereum.rpc import GAS, Block, Endpoint, RecordingRpc, Rpc, by_standing, eth_call
from ...log.blob import head0, project_id
from ...model.names import ProjectName, RegistryAddress
from .endpoints import Chain


class NoRegistryError(Exception):
    """An endpoint's answer is not one that a registry gives; the text says how."""


@dataclass(frozen=True, slots=True)
class DeployedRegistry:
    """A registry's address and the chain that it is on."""

    registry: RegistryAddress
    chain: Chain
    block: Block

    def read(self, rpc: Rpc, name: str, known: int, start: int, max_bytes: int, *, gas: int = GAS) -> ReadAnswer:
        """Call `read`. Raises NoRegistryError, and what asking raises."""
        call = encode_read(name, known, start, max_bytes)
        try:
            returned = eth_call(rpc, self.registry.address, call, block=self.block, gas=gas)
        except Reverted:
            raise NoRegistryError("the contract there refuses to be read") from None
        if not returned:
            raise NoRegistryError("no contract there answers")
        try:
            return decode_read(returned)
        except MalformedLog as error:
            raise NoRegistryError(str(error)) from None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadLimits:
    """What one refresh may cost: calls, bytes of pages, seconds. A longer log is read over several refreshes.

    `page_bytes` is asked for per call. `log_bytes` bounds the memory for one log, at about 300 bytes an entry besides
    its payload; that is a limit of this reader, not of the log. `gas` is given to each call.
    """

    pages: int = 32
    page_bytes: int = 512 * 1024
    total_bytes: int = 16 * 1024 * 1024
    seconds: float = 5.0
    log_bytes: int = 64 * 1024 * 1024
    gas: int = GAS


OPEN_LIMITS = ReadLimits(
    pages=8,
    page_bytes=256 * 1024,
    total_bytes=2 * 1024 * 1024,
    seconds=2.5,
    log_bytes=8 * 1024 * 1024,
    gas=3_000_000,
)
"""For registries that a server is not there for."""


class Refresh:
    """Asks for pages of one log until the limits are reached."""

    def __init__(
        self,
        place: DeployedRegistry,
        name: ProjectName | str,
        limits: ReadLimits,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.place = place
        self.name = name
        self._noted = RecordingRpc(place.chain.rpc)
        self.rpc: Rpc = self._noted
        self.calls = 0
        self._bytes = 0
        self._limits = limits
        self._clock = clock
        self._ends = clock() + limits.seconds

    @property
    def key(self) -> tuple[RegistryAddress, str]:
        """What the log is known by."""
        return self.place.registry, self.name

    @property
    def spent(self) -> bool:
        """Whether no more may be asked in this refresh."""
        full = self.calls >= self._limits.pages or self._bytes >= self._limits.total_bytes
        return full or self._clock() >= self._ends

    def others(self) -> list[Endpoint]:
        """Return the endpoints that have not answered yet, best first."""
        return [each for each in by_standing(self.place.chain.endpoints) if each not in self._noted.answered]

    def via(self, rpc: Rpc) -> Self:
        """Return a task that asks `rpc` instead, with what is left of the limits."""
        other = copy(self)
        other.rpc = rpc
        return other

    def read(self, known: int, start: int) -> ReadAnswer:
        """Ask for the page that begins at `start`. Raises as Place.read does."""
        self.calls += 1
        limits = self._limits
        answer = self.place.read(self.rpc, self.name, known, start, limits.page_bytes, gas=limits.gas)
        self._bytes += len(answer.page)
        return answer

    def empty_head(self) -> bytes:
        """Return the log's head before its first entry. Raises as Chain.id does."""
        return head0(self.place.chain.id(), self.place.registry.address, project_id(self.name))
