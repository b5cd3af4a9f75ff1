"""docs/recording.txt shows what happens today, but for what differs from run to run."""

from difflib import SequenceMatcher, unified_diff
from pathlib import Path

import pytest

from tests.e2e.recording import COMMANDS, RECORDING, record

pytestmark = pytest.mark.e2e
ALIKE = 0.8


def test_the_recording_is_true(tmp_path: Path) -> None:
    written, now = RECORDING.read_text().splitlines(), record(tmp_path).splitlines()
    assert [line for line in written if line.startswith("$ ")] == [f"$ {command}" for command in COMMANDS]
    alike = SequenceMatcher(None, written, now).ratio()
    assert alike >= ALIKE, "make recording\n" + "\n".join(unified_diff(written, now, lineterm=""))
