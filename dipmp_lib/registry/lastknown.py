"""Pages from an archive, for when the chain that they come from cannot be asked."""

import time
from collections.abc import Callable

from ..errors import Upstream
from ..log.log import project_list_of, project_of
from ..model.names import ProjectName, RegistryAddress
from ..model.pages import Project, ProjectList
from ..telemetry import SILENCE, Event, Telemetry
from .store import ArchiveReader

DOWN_SECONDS = 5.0
"""How long an archive that failed is not asked: it is one more wait in requests that have waited already."""


class LastKnown:
    """Folds what an archive has. Safe to call from several threads."""

    def __init__(
        self, archive: ArchiveReader, telemetry: Telemetry = SILENCE, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._archive = archive
        self._telemetry = telemetry
        self._clock = clock
        self._down_until = 0.0

    def __call__(
        self, registry: RegistryAddress, name: ProjectName | None
    ) -> tuple[Project | ProjectList, float] | None:
        """Return the project, or for None the project list, and the unix time at which the chain last said so.

        None where nothing is kept, or where the archive cannot be asked either.
        """
        if self._clock() < self._down_until:
            return None
        try:
            kept = self._archive.load(registry, name or "")
        except Upstream as error:
            self._down_until = self._clock() + DOWN_SECONDS
            self._telemetry.tell(Event.STORE_FAILED, reason=str(error))
            return None
        if kept is None:
            return None
        page = project_of(registry, kept.log) if name else project_list_of(registry, kept.log)
        return page, kept.confirmed
