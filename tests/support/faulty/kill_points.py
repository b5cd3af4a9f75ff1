"""`dipmp` that kills itself at a step: `python -m tests.support.faulty.kill_points LOG STEP before|after COMMAND…`.

Every fsync and every request of the program is a step, which is written to LOG when it begins: its name and its number
among those of that name, as in `eth_call#2`. Before or after STEP the process kills itself with SIGKILL.
"""

import json
import os
import signal
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from dipmp_lib.http import Fetcher

_fsync, _fetch = os.fsync, Fetcher.fetch


class Steps:
    """Counts steps, and kills the process at one of them."""

    def __init__(self, log: Path, fatal: str, *, after: bool) -> None:
        self._log, self._fatal, self._after = log, fatal, after
        self._counts: Counter[str] = Counter()

    def step(self, name: str, run: Callable[[], Any]) -> Any:  # noqa: ANN401
        self._counts[name] += 1
        step = f"{name}#{self._counts[name]}"
        with self._log.open("a") as log:
            log.write(f"{step}\n")
        if step == self._fatal and not self._after:
            os.kill(os.getpid(), signal.SIGKILL)
        result = run()
        if step == self._fatal:
            os.kill(os.getpid(), signal.SIGKILL)
        return result


def install(steps: Steps) -> None:
    """Patch os.fsync and Fetcher.fetch to count steps."""

    def fsync(descriptor: Any) -> None:  # noqa: ANN401 - as os.fsync has it
        name = Path(f"/proc/self/fd/{descriptor}").resolve().name
        steps.step(f"fsync {name}", lambda: _fsync(descriptor))

    def fetch(self: Fetcher, method: str, url: str, **options: Any) -> Any:  # noqa: ANN401
        return steps.step(_name(method, url, options.get("body")), lambda: _fetch(self, method, url, **options))

    os.fsync = fsync  # type: ignore[assignment]
    Fetcher.fetch = fetch  # type: ignore[method-assign]


def _name(method: str, url: str, body: object) -> str:
    if isinstance(body, bytes) and body.startswith(b'{"jsonrpc"'):
        return str(json.loads(body)["method"])
    return f"{method} {url.partition('?')[0].rpartition('/')[2][:20]}"


def main() -> None:
    from dipmp_cli.main import main as dipmp

    log, step, when, *command = sys.argv[1:]
    install(Steps(Path(log), step, after=when == "after"))
    sys.argv = ["dipmp", *command]
    dipmp()


if __name__ == "__main__":
    main()
