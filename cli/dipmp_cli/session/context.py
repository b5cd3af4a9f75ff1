"""Where a command works: its settings, the chain, and for a command that writes the key and the way to send."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from dipmp_lib.model.names import ProjectName, parse_project

from ..settings.settings import ChainSettings
from .session import ChainConnection, open_signer, open_writer

if TYPE_CHECKING:
    from dipmp_lib.log.log import Log
    from dipmp_lib.model.pages import Project
    from dipmp_lib.transactions.chain_writer import ChainWriter
    from dipmp_lib.transactions.signers import Signer


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """How a command that writes goes about it: stop before sending, do not ask."""

    dry_run: bool
    yes: bool


class ReadContext:
    """A command that reads one registry."""

    def __init__(self, settings: ChainSettings, *, as_json: bool) -> None:
        self.settings = settings
        self.as_json = as_json

    @cached_property
    def connection(self) -> ChainConnection:
        """The registry and its chain."""
        return ChainConnection(self.settings)

    def project(self, text: str) -> "tuple[Project, Log]":
        """Return a project, by its name as people write it, and its log. Raises InvalidName, and as the port says."""
        return self.connection.project(parse_project(text))


class WriteContext(ReadContext):
    """A command that writes to one registry, or with `registry` set to False to its chain."""

    def __init__(self, settings: ChainSettings, manner: RunOptions, *, as_json: bool) -> None:
        super().__init__(settings, as_json=as_json)
        self.manner = manner
        self.registry = bool(any(settings.registry.address))

    @cached_property
    def connection(self) -> ChainConnection:
        """The registry and its chain, with nothing of an earlier run left to happen to it."""
        if not self.manner.dry_run:
            self.writer.settle()
        return self._unsettled

    @cached_property
    def _unsettled(self) -> ChainConnection:
        return ChainConnection(self.settings)

    @cached_property
    def signer(self) -> "Signer":
        """The key, locked until something is sent."""
        return open_signer(self.settings)

    @cached_property
    def writer(self) -> "ChainWriter":
        """What sends; opening it imports web3."""
        return open_writer(self.settings, self._unsettled, self.signer, registry=self.registry)

    def now(self) -> int:
        """Return the time of the next block as far as it is known: the newest one's, or this machine's if later."""
        import time

        return max(self.writer.chain_time(), int(time.time()))

    def name(self, text: str) -> ProjectName:
        """Return a project's name in normal form. Raises InvalidName."""
        return parse_project(text)
