"""Fixtures of the web tests."""

from collections.abc import Iterator

import pytest

from tests.support.aws.api_gateway import event_loop


@pytest.fixture(autouse=True)
def loop_for_mangum() -> Iterator[None]:
    with event_loop():
        yield
