"""Refresh of one log: its calls to the contract, within limits on what they may cost."""

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
    """A registry's address, its chain, and the block that is read."""

    registry: RegistryAddress
    chain: Chain
    block: Block

    def read(self, rpc: Rpc, name: str, known: int, start: int, max_bytes: int, *, gas: int = GAS) -> ReadAnswer:
        """Call the contract's `read`. Raises NoRegistryError, and as `eth_call` does."""
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
    """Limits of one refresh: calls, bytes of pages, seconds. A longer log is read over several refreshes.

    `page_bytes` is asked for per call. `log_bytes` bounds the memory for one log, as `Blob.weight` counts it; that is a
    limit of this reader, not of the log. `gas` is given to each call.
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
"""Tighter limits, for registries that a server's operator did not pin."""


class Refresh:
    """Asks for pages of one log until the limits are reached."""

    def __init__(
        self,
        deployed: DeployedRegistry,
        name: ProjectName | str,
        limits: ReadLimits,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.deployed = deployed
        self.name = name
        self._recording = RecordingRpc(deployed.chain.rpc)
        self.rpc: Rpc = self._recording
        self.calls = 0
        self._bytes = 0
        self._limits = limits
        self._clock = clock
        self._ends = clock() + limits.seconds

    @property
    def key(self) -> tuple[RegistryAddress, str]:
        """The registry and the project, "" for the registry log."""
        return self.deployed.registry, self.name

    @property
    def spent(self) -> bool:
        """True once a limit is reached, after which the refresh asks no more."""
        full = self.calls >= self._limits.pages or self._bytes >= self._limits.total_bytes
        return full or self._clock() >= self._ends

    def others(self) -> list[Endpoint]:
        """Return the endpoints that have not answered yet, best first."""
        return [each for each in by_standing(self.deployed.chain.endpoints) if each not in self._recording.answered]

    def via(self, rpc: Rpc) -> Self:
        """Return a refresh of the same log that asks `rpc` instead, with what is left of the limits."""
        other = copy(self)
        other.rpc = rpc
        return other

    def read(self, known: int, start: int) -> ReadAnswer:
        """Ask for the page that begins at `start`. Raises as DeployedRegistry.read does."""
        self.calls += 1
        limits = self._limits
        answer = self.deployed.read(self.rpc, self.name, known, start, limits.page_bytes, gas=limits.gas)
        self._bytes += len(answer.page)
        return answer

    def empty_head(self) -> bytes:
        """Return the log's head before its first entry. Raises as Chain.id does."""
        return head0(self.deployed.chain.id(), self.deployed.registry.address, project_id(self.name))
