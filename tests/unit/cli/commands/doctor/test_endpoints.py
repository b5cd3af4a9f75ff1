"""Checks of endpoints and of the clock."""

import time
from typing import Any

import pytest

from dipmp_cli.commands.doctor import endpoints
from dipmp_lib.http import Answer, Fetcher
from tests.support.programs.cli import Shell
from tests.support.programs.doctor import checks
from tests.support.systems.node_and_blocks import ServedWorld


def test_the_wrong_chain(shell: Shell) -> None:
    assert checks(shell, "--chain-id", "8453", code=1)["rpc"]["text"] == "serves chain 1337, not 8453"


def test_a_chain_that_stands_still_and_has_no_finality(shell: Shell, world: ServedWorld) -> None:
    def block(params: list[Any]) -> object:
        return None if params[0] == "finalized" else {"number": "0x10", "timestamp": hex(int(time.time()) - 5000)}

    world.node.answers["eth_getBlockByNumber"] = block
    found = checks(shell)
    assert (found["rpc"]["verdict"], found["finality"]["verdict"]) == ("warn", "warn")
    assert "it may lag" in found["rpc"]["text"]


@pytest.mark.parametrize(("skew", "verdict"), [(0, "ok"), (-3600, "warn"), (3600, "warn")])
def test_the_clock(skew: int, verdict: str) -> None:
    class Dated(Fetcher):
        def fetch(self, *_: object, **__: object) -> Answer:
            from email.utils import formatdate

            return Answer(200, {"date": formatdate(time.time() - skew, usegmt=True)}, b"{}")

    [finding] = endpoints._clock(["http://x.example"], Dated())
    assert finding.verdict == verdict
    assert ("behind" if skew < 0 else "ahead of") in finding.text or not skew


def test_an_answer_without_a_date_says_nothing() -> None:
    class Undated(Fetcher):
        def fetch(self, *_: object, **__: object) -> Answer:
            return Answer(200, {"date": "soon"}, b"{}")

    assert list(endpoints._clock(["http://x.example"], Undated())) == []
