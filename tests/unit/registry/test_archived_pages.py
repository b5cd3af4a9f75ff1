"""Pages folded from archived logs, and an archive that fails."""

from collections.abc import Callable

import pytest

from dipmp_lib.errors import StoreError
from dipmp_lib.log.log import Log
from dipmp_lib.model.names import ProjectName, RegistryAddress
from dipmp_lib.model.pages import Project, ProjectList
from dipmp_lib.registry import ArchivedLog, EmptyArchive
from dipmp_lib.registry.archived_pages import DOWN_SECONDS, ArchivedPages
from dipmp_lib.telemetry import Event
from tests.support.fakes.clock import Clock
from tests.support.fakes.telemetry import RecordedTelemetry
from tests.support.files.logs import registry_log
from tests.support.files.stored_logs import AT, held, make_log

FOO = ProjectName("foo")


class Archive:
    """Holds some logs, all confirmed at 7; `failure` is raised instead, and `asked` counts."""

    def __init__(self, *logs: Log) -> None:
        self.logs = {log.name: log for log in logs}
        self.failure: StoreError | None = None
        self.asked = 0

    def load(self, registry: RegistryAddress, name: str) -> ArchivedLog | None:
        self.asked += 1
        if self.failure:
            raise self.failure
        return ArchivedLog(self.logs[name], 7.0) if registry == AT and name in self.logs else None

    def knows(self, registry: RegistryAddress) -> bool:
        return registry == AT


def test_a_project_and_a_list_are_folded_with_the_time_at_which_they_were_confirmed() -> None:
    listed = held("", registry_log(["foo", "bar"]), 2)
    pages = ArchivedPages(Archive(make_log(2), listed))
    project, found = pages(AT, FOO), pages(AT, None)
    assert project is not None
    assert found is not None
    assert isinstance(project[0], Project)
    assert (project[0].name, project[0].count, project[1]) == ("foo", 2, 7.0)
    assert isinstance(found[0], ProjectList)
    assert (found[0].names, found[1]) == (("bar", "foo"), 7.0)


@pytest.mark.parametrize("make", [lambda: ArchivedPages(EmptyArchive()), lambda: ArchivedPages(Archive(make_log(2)))])
def test_a_page_that_is_not_archived_is_none(make: Callable[[], ArchivedPages]) -> None:
    pages = make()
    assert pages(AT, None) is None
    assert pages(AT, ProjectName("bar")) is None
    assert pages(RegistryAddress(bytes(20)), FOO) is None


def test_an_archive_that_fails_is_told_once_and_left_alone_for_a_moment() -> None:
    archive, telemetry, clock = Archive(make_log(2)), RecordedTelemetry(), Clock()
    pages = ArchivedPages(archive, telemetry, clock)
    archive.failure = StoreError("the table is not there")
    for _ in range(3):
        assert pages(AT, FOO) is None
    assert archive.asked == 1
    assert telemetry.events == [Event.STORE_FAILED]
    archive.failure = None
    clock.now += DOWN_SECONDS - 0.1
    assert pages(AT, FOO) is None
    clock.now += 0.1
    assert pages(AT, FOO) is not None
