"""Second opinion: a log that does not verify at one endpoint is read from others before an error is raised."""

import time
from collections.abc import Callable

from ...errors import Exhausted, Malformed, MalformedLog, Upstream
from ...log.log import Log, parse_slot
from ...model.names import ProjectName
from .presence import Presence
from .reader import LogReader
from .refresh import DeployedRegistry, NoRegistryError, ReadLimits, Refresh

MAX_ENDPOINTS = 3
"""Endpoints that are asked in all; all of them as one count as the first."""


class CrossChecked:
    """Reads logs through whichever endpoint works, and through others where its answer is wrong or runs out of gas.

    Either the endpoint or the contract may be to blame for that. Safe to use from several threads.
    """

    def __init__(
        self, reader: LogReader, presence: Presence, limits: ReadLimits, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._reader = reader
        self._presence = presence
        self._limits = limits
        self._clock = clock

    def read(self, deployed: DeployedRegistry, name: ProjectName | str) -> Log | None:
        """Return the log as the chain has it now; None for a log without entries. Raises as LogReader.read does.

        A contract that uses up its gas, of a registry that was never seen, is asked once and not again for a while.
        Raises RegistryNotFound where it is proven that there is no registry.
        """
        self._presence.check_exhausted(deployed.registry)
        refresh = Refresh(deployed, name, self._limits, self._clock)
        try:
            log = self._reader.read(refresh)
        except NoRegistryError as error:
            return self._without_registry(refresh, error)
        except MalformedLog as error:
            return self._elsewhere(refresh, error)
        except Exhausted as error:
            self._presence.note_exhausted(deployed.registry, error)
            if self._presence.knows(deployed.registry):
                return self._elsewhere(refresh, error)
            raise
        if log is None:
            _confirm_absence(refresh)
        return log

    def _without_registry(self, refresh: Refresh, reason: NoRegistryError) -> Log | None:
        try:
            self._presence.missing(refresh.deployed, reason)
        except Upstream as error:
            if self._presence.knows(refresh.deployed.registry):
                return self._elsewhere(refresh, error)
            raise

    def _elsewhere(self, refresh: Refresh, error: MalformedLog | Upstream) -> Log | None:
        """Read from endpoints that have not answered, one by one; raise `error`, of the first one, if none helps."""
        for endpoint in refresh.others()[: MAX_ENDPOINTS - 1]:
            if refresh.spent:
                break
            try:
                log = self._reader.read(refresh.via(endpoint))
            except (NoRegistryError, Upstream, Malformed):
                continue
            if log is not None:  # one endpoint alone proves no absence
                refresh.deployed.chain.contradicted(endpoint)
                return log
        raise error


def _confirm_absence(refresh: Refresh) -> None:
    """Raise Upstream if a second endpoint that can be asked sees entries where there should be none.

    Clients look elsewhere for a project that is absent, so no single endpoint is believed about that if there are two.
    """
    for endpoint in refresh.others()[:1]:
        try:
            answer = refresh.via(endpoint).read(0, 0)
        except (NoRegistryError, Upstream, Malformed):
            continue
        if parse_slot(answer.slot_a).last:
            refresh.deployed.chain.contradicted(endpoint)
            raise Upstream(f"endpoints disagree on whether {refresh.name or 'the registry'!r} has entries")
