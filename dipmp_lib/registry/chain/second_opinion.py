"""A second opinion: what does not verify at one endpoint is read from another before anybody is told so."""

import time
from collections.abc import Callable

from ...errors import Exhausted, Malformed, MalformedLog, Upstream
from ...log.log import Log, parse_slot
from ...model.names import ProjectName
from .presence import Presence
from .reader import LogReader
from .refresh import DeployedRegistry, NoRegistryError, ReadLimits, Refresh

OPINIONS = 3


class CrossChecked:
    """Reads logs through whichever endpoint works, and through others where that one's answer is of no use.

    It may be the endpoint that lies or allows too little gas, or the contract that is to blame. Safe to use from
    several threads.
    """

    def __init__(
        self, reader: LogReader, presence: Presence, limits: ReadLimits, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._reader = reader
        self._presence = presence
        self._limits = limits
        self._clock = clock

    def refresh(self, place: DeployedRegistry, name: ProjectName | str) -> Log | None:
        """Return the log as the chain has it now; None for a log without entries. Raises as LogReader.refresh does.

        The contract of a registry that was never seen and that uses up its gas is asked once, and not again for a
        while. Raises RegistryNotFound where it is proven that there is no registry.
        """
        self._presence.spare(place.registry)
        task = Refresh(place, name, self._limits, self._clock)
        try:
            log = self._reader.refresh(task)
        except NoRegistryError as error:
            return self._without_registry(task, error)
        except MalformedLog as error:
            return self._elsewhere(task, error)
        except Exhausted as error:
            self._presence.exhausted(place.registry, error)
            if self._presence.knows(place.registry):
                return self._elsewhere(task, error)
            raise
        if log is None:
            _confirm_absence(task)
        return log

    def _without_registry(self, task: Refresh, reason: NoRegistryError) -> Log | None:
        try:
            self._presence.missing(task.place, reason)
        except Upstream as error:
            if self._presence.knows(task.place.registry):
                return self._elsewhere(task, error)
            raise

    def _elsewhere(self, task: Refresh, error: MalformedLog | Upstream) -> Log | None:
        """Read from endpoints that have not answered, one by one; `error` is what the joint reading came to."""
        for endpoint in task.others()[: OPINIONS - 1]:
            if task.spent:
                break
            try:
                log = self._reader.refresh(task.via(endpoint))
            except (NoRegistryError, Upstream, Malformed):
                continue
            if log is not None:  # absence takes more than this one's word
                task.place.chain.contradicted(endpoint)
                return log
        raise error


def _confirm_absence(task: Refresh) -> None:
    """Raise Upstream if a second endpoint that can be asked sees entries where there should be none.

    Clients look elsewhere for a project that is absent, so no single endpoint is believed about that if there are two.
    """
    for endpoint in task.others()[:1]:
        try:
            answer = task.via(endpoint).read(0, 0)
        except (NoRegistryError, Upstream, Malformed):
            continue
        if parse_slot(answer.slot_a).last:
            task.place.chain.contradicted(endpoint)
            raise Upstream(f"endpoints disagree on whether {task.name or 'the registry'!r} has entries")
