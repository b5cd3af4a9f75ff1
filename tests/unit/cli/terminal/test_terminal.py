"""`dipmp-publish` on a real terminal of 80 columns, with and without colour, and with no terminal at all."""

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.files.wheels import build_wheel
from tests.support.programs.dipmp import SCRIPTS
from tests.support.programs.terminal import on_terminal
from tests.support.repository import ROOT
from tests.support.systems.node_and_blocks import ServedWorld, served_world

pytestmark = pytest.mark.slow

LONG = "a_project_with_a_name_that_is_longer_than_most_terminals_are_wide_on_purpose"
COMMAND = str(SCRIPTS / "dipmp-publish")


@pytest.fixture
def world(tmp_path: Path) -> Iterator[ServedWorld]:
    with served_world(tmp_path) as made:
        yield made


def test_on_a_terminal_of_80_columns(world: ServedWorld, tmp_path: Path) -> None:
    wheel = build_wheel(tmp_path, LONG)
    session = on_terminal([COMMAND, wheel], world.env, ROOT, answers={"Publish?": "y\n"})
    assert session.code == 0, session.raw
    assert len(world.node.sent) == 1
    bars = [part for part in session.writes if re.search(r"\d+%", part)]
    assert bars
    assert all(len(bar) <= 80 for bar in bars), bars
    assert "Install: pip install --index-url" in session.raw
    assert "\x1b[?25h" in session.raw.split("\x1b[?25l")[-1], "the cursor is shown again"


def test_no_color_and_a_no(world: ServedWorld, tmp_path: Path) -> None:
    wheel = build_wheel(tmp_path)
    session = on_terminal([COMMAND, wheel], {**world.env, "NO_COLOR": "1"}, ROOT, answers={"Publish?": "n\n"})
    assert session.code == 1
    assert "error: nothing was sent: you said no" in session.raw
    coloured = [each for each in session.colours if re.search(r"\[(?:\d+;)*(?:3[0-9]|4[0-9]|9[0-9]|10[0-7])[;m]", each)]
    assert not coloured
    assert not world.node.sent
    plan = next(part for part in session.writes if wheel.name in part)
    assert len(plan) <= 80


def test_without_a_terminal(world: ServedWorld, tmp_path: Path) -> None:
    wheel = build_wheel(tmp_path, LONG)
    command = [COMMAND, str(wheel), "--yes", "--json"]
    done = subprocess.run(
        command, env=world.env, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert set(document) >= {"registry", "chain_id", "publisher", "files", "transactions", "estimate", "install"}
    assert "\x1b" not in done.stdout + done.stderr
    assert "\r" not in done.stderr
    assert re.search(rf"^{LONG}\S+\.whl .*publish$", done.stderr, re.MULTILINE), "lines of a log are not broken"
