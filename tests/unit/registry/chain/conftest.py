"""A reader over a simulated chain, for the tests of what it is made of."""

import pytest

from tests.support.systems.chain_reader import ChainReader


@pytest.fixture
def world() -> ChainReader:
    return ChainReader()
