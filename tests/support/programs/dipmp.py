"""dipmp's programs as processes, which are awaited until they are ready and ended by SIGINT."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, Queue
from threading import Thread
from typing import IO, TYPE_CHECKING

from tests.support.programs.clients import isolated_env
from tests.support.repository import ROOT
from tests.support.waiting import HANGS

if TYPE_CHECKING:
    from dipmp_lib.devnet.node import DevNode

SCRIPTS = Path(sys.executable).parent


class _Lines:
    """Reads a stream to its end in the background, so that the program is never blocked."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream
        self._lines: Queue[str] = Queue()
        self._thread = Thread(target=self._drain, daemon=True)
        self._thread.start()

    def _drain(self) -> None:
        for line in self._stream:
            self._lines.put(line)
        self._lines.put("")

    def first(self) -> str:
        """Return the first line, or "" when none came in time."""
        try:
            return self._lines.get(timeout=HANGS).strip()
        except Empty:
            return ""

    def close(self) -> None:
        """Wait for the stream's end."""
        self._thread.join()
        self._stream.close()


@contextmanager
def program(command: Sequence[str | Path], env: Mapping[str, str], log: Path) -> Iterator[str]:
    """Run a server; yield the line that it prints when ready; end it by SIGINT, after which it must exit with 0."""
    with log.open("a") as errors:
        process = subprocess.Popen(
            [str(part) for part in command], env=dict(env), cwd=ROOT, stdout=subprocess.PIPE, stderr=errors, text=True
        )
        assert process.stdout is not None
        lines = _Lines(process.stdout)
        try:
            line = lines.first()
            assert line, f"{command[0]} did not start:\n{log.read_text()[-4000:]}"
            yield line
        finally:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(timeout=HANGS)
            finally:
                process.kill()
                process.wait()
                lines.close()
    assert process.returncode == 0, f"{command[0]} ended with {process.returncode}:\n{log.read_text()[-4000:]}"


@dataclass(frozen=True)
class Dev:
    """The line that `dipmp dev --json` prints."""

    index_url: str
    registry: str
    rpc_url: str
    gateway_url: str
    pinner: str
    signer: str


@contextmanager
def dipmp_dev(folder: Path, *options: str) -> Iterator[Dev]:
    """Run `dipmp dev` on free ports."""
    folder.mkdir(parents=True, exist_ok=True)
    command: list[str | Path] = [SCRIPTS / "dipmp", "dev", "--port", "0", "--json", *options]
    with program(command, isolated_env(folder / "home"), folder / "dev.log") as line:
        yield Dev(**json.loads(line))


def publish_settings(place: "Dev | DevNode | Publisher") -> dict[str, str]:
    """Return the environment variables of a publisher."""
    return {
        "DIPMP_REGISTRY": place.registry,
        "ETH_GATEWAY": place.rpc_url,
        "IPFS_GATEWAY": place.gateway_url,
        "DIPMP_PINNER": place.pinner,
        "DIPMP_SIGNER": place.signer,
        "DIPMP_INDEX_URL": place.index_url,
    }


@dataclass(frozen=True)
class Publisher:
    """`dipmp publish` and the other commands, with their settings."""

    registry: str
    rpc_url: str
    gateway_url: str
    pinner: str
    signer: str
    home: Path
    index_url: str = ""
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)

    def __call__(self, *args: str | Path, timeout: float = 1800) -> subprocess.CompletedProcess[str]:
        """Publish."""
        return self.dipmp("publish", *args, timeout=timeout)

    @property
    def env(self) -> dict[str, str]:
        """The environment of its commands."""
        return isolated_env(self.home) | publish_settings(self) | dict(self.secrets)

    def dipmp(self, *args: str | Path, timeout: float = 1800) -> subprocess.CompletedProcess[str]:
        """Run any command."""
        command = [str(SCRIPTS / "dipmp"), *map(str, args)]
        return subprocess.run(
            command, env=self.env, cwd=ROOT, capture_output=True, text=True, timeout=timeout, check=False
        )
