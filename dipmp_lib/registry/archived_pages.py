"""Pages folded from archived logs, for when their chain cannot be asked."""

import time
from collections.abc import Callable

from ..errors import Upstream
from ..log.log import project_list_of, project_of
from ..model.names import ProjectName, RegistryAddress
from ..model.pages import Project, ProjectList
from ..telemetry import SILENCE, Event, Telemetry
from .store import ArchiveReader

DOWN_SECONDS = 5.0
"""Seconds for which an archive that failed is not asked: each try is one more wait in a request that waited already."""


class ArchivedPages:
    """The last known pages of an archive. Safe to call from several threads."""

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
        """Return the project, or for None the project list, and the unix time at which the chain last confirmed it.

        None where nothing is archived, or where the archive cannot be asked either.
        """
        if self._clock() < self._down_until:
            return None
        try:
            archived = self._archive.load(registry, name or "")
        except Upstream as error:
            self._down_until = self._clock() + DOWN_SECONDS
            self._telemetry.tell(Event.STORE_FAILED, reason=str(error))
            return None
        if archived is None:
            return None
        page = project_of(registry, archived.log) if name else project_list_of(registry, archived.log)
        return page, archived.confirmed
