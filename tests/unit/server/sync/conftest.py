"""Fixtures of the tests of sync."""

from collections.abc import Iterator

import pytest

from tests.support.systems.sync import SyncWorld, sync_world


@pytest.fixture
def world() -> Iterator[SyncWorld]:
    yield from sync_world()
