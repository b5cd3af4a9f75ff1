"""Contexts of commands: their settings and options; connection, signer and writer are opened on first use."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from dipmp_lib.model.names import ProjectName, parse_project

from ..settings.settings import ChainSettings, PublishSettings
from .session import ChainConnection, open_publisher, open_signer, open_writer

if TYPE_CHECKING:
    from dipmp_lib.log.log import Log
    from dipmp_lib.model.pages import Project
    from dipmp_lib.publish import Publisher
    from dipmp_lib.transactions.chain_writer import ChainWriter
    from dipmp_lib.transactions.signers import Signer


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """Options of a command that writes: stop after the plan, do not ask, print JSON, show digests."""

    dry_run: bool = False
    yes: bool = False
    as_json: bool = False
    verbose: bool = False


class ReadContext:
    """Context of a command that reads one registry."""

    def __init__(self, settings: ChainSettings, options: RunOptions) -> None:
        self.settings = settings
        self.options = options

    @cached_property
    def connection(self) -> ChainConnection:
        """The registry and its chain."""
        return ChainConnection(self.settings)

    def project(self, text: str) -> "tuple[Project, Log]":
        """Return a project's page and its log, by its name in any spelling. Raises InvalidName, and as the Registry
        port says.
        """
        return self.connection.project(parse_project(text))


class WriteContext(ReadContext):
    """Context of a command that writes to one registry, or to a chain that has none yet (`has_registry` False)."""

    @property
    def has_registry(self) -> bool:
        """Whether the settings name a registry."""
        return bool(any(self.settings.registry.address))

    @cached_property
    def connection(self) -> ChainConnection:
        """The registry and its chain, after transactions left over from an earlier run are settled."""
        if not self.options.dry_run:
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
        """The sender of transactions; opening it imports web3."""
        return open_writer(self.settings, self._unsettled, self.signer)

    def now(self) -> int:
        """Return the unix second of the next block, at the earliest: the newest block's, or this machine's if later."""
        import time

        return max(self.writer.chain_time(), int(time.time()))

    def name(self, text: str) -> ProjectName:
        """Return a project's name in normal form (PEP 503). Raises InvalidName."""
        return parse_project(text)


class PublishContext:
    """Context of a command that publishes to one registry."""

    def __init__(self, settings: PublishSettings, options: RunOptions) -> None:
        self.settings = settings
        self.options = options

    @cached_property
    def signer(self) -> "Signer":
        """The key, locked until something is sent."""
        return open_signer(self.settings.chain)

    @cached_property
    def publisher(self) -> "Publisher":
        """The publisher; opening it imports web3, and asks nothing of the network."""
        return open_publisher(self.settings, self.signer)
