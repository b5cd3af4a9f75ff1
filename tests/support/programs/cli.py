"""The command line in this process, with an environment of the test's own: exit code, stdout and stderr."""

import os
import shutil
import sys
import weakref
from collections.abc import Mapping
from dataclasses import dataclass, field
from tempfile import mkdtemp

import pytest

from dipmp_cli import main as program

_OURS = ("DIPMP_", "ETH_GATEWAY", "IPFS_GATEWAY", "HOST_URL", "NO_COLOR", "FORCE_COLOR", "CLICOLOR")


@dataclass(frozen=True)
class Ran:
    """The result of a command."""

    code: int
    out: str
    err: str

    @property
    def error(self) -> str:
        """The text of the one error line."""
        lines = [line for line in self.err.splitlines() if line.startswith("error: ")]
        assert len(lines) == 1, self.err
        return lines[0].removeprefix("error: ")


@dataclass
class Shell:
    """Runs `dipmp-publish` (or `dipmp`) with arguments."""

    monkeypatch: pytest.MonkeyPatch
    capsys: pytest.CaptureFixture[str]
    state: str = field(default_factory=mkdtemp)

    def __post_init__(self) -> None:
        weakref.finalize(self, shutil.rmtree, self.state)

    def environment(self, values: Mapping[str, str]) -> None:
        """Replace all of dipmp's variables by these."""
        for name in [name for name in os.environ if name.startswith(_OURS)]:
            self.monkeypatch.delenv(name)
        self.monkeypatch.setenv("DIPMP_STATE", self.state)
        for name, value in values.items():
            self.monkeypatch.setenv(name, value)

    def publish(self, *arguments: object) -> Ran:
        """Run `dipmp-publish`."""
        return self._run("dipmp-publish", program.main_publish, arguments)

    def dipmp(self, *arguments: object) -> Ran:
        """Run `dipmp`."""
        return self._run("dipmp", program.main, arguments)

    def _run(self, name: str, entry: object, arguments: tuple[object, ...]) -> Ran:
        self.monkeypatch.setattr(sys, "argv", [name, *map(str, arguments)])
        self.capsys.readouterr()
        assert callable(entry)
        with pytest.raises(SystemExit) as ended:
            entry()
        captured = self.capsys.readouterr()
        return Ran(int(ended.value.code or 0), captured.out, captured.err)
