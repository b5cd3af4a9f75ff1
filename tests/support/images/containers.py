"""A built image's command as a process, with the image's environment and the operator's settings only."""

import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.images.dockerfile import Dockerfile
from tests.support.images.image_build import Built
from tests.support.waiting import HANGS


@dataclass(frozen=True)
class Container:
    """A running image: its port in place of the exposed one, its process, its log."""

    port: int
    process: subprocess.Popen[str]
    log: Path
    check: tuple[str, ...]
    env: Mapping[str, str]

    def health(self) -> int:
        """Return the exit code of the image's own health check."""
        command = mapped(self.check, self.port)
        return subprocess.run(command, env=self.env, capture_output=True, check=False, timeout=HANGS).returncode


def mapped(argv: tuple[str, ...], port: int) -> list[str]:
    """Return the command with another port in place of 5000, and loopback in place of 0.0.0.0."""
    return [word.replace("5000", str(port)).replace("0.0.0.0", "127.0.0.1") for word in argv]  # noqa: S104


def free_port() -> int:
    """Return a free port of loopback."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


@contextmanager
def run(dockerfile: Dockerfile, image: Built, settings: Mapping[str, str], log: Path) -> Iterator[Container]:
    """Run the last stage's CMD; yields once its health check succeeds."""
    stage, port, env = dockerfile.stage(), free_port(), {**image.env, **settings}
    command = mapped(dockerfile.last(stage, "CMD").argv, port)
    with log.open("w") as output:
        process = subprocess.Popen(
            command,
            executable=image.root / "opt" / "dipmp" / "bin" / command[0],
            env=env,
            cwd=image.workdir,
            stdout=output,
            stderr=output,
            text=True,
        )
    container = Container(port, process, log, dockerfile.last(stage, "HEALTHCHECK").argv, env)
    try:
        _wait(container)
        yield container
    finally:
        process.kill()
        process.wait(HANGS)


def _wait(container: Container) -> None:
    deadline = time.monotonic() + HANGS
    while container.health():
        assert container.process.poll() is None, container.log.read_text()
        assert time.monotonic() < deadline, container.log.read_text()
        time.sleep(0.2)
