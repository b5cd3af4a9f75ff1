"""Runs of `dipmp` in forked children, watched for secrets on command lines.

`python -m tests.support.programs.canary_run < jobs`

Reads a JSON list of Job, writes a JSON list of Outcome. Heavy packages are imported before the forks. `crash` makes one
inner function fail like a bug. Processes that a child starts are recorded with their environment, and while it runs all
command lines of the machine are searched for `canaries`.
"""

import importlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

PRELOAD = ("eth_abi.abi", "eth_account", "eth_keyfile.keyfile", "typer", "rich.console", "dipmp_cli.main")
CRASHES = {
    "rpc": ("dipmp_lib.ethereum.rpc.endpoint", "HttpRpc", "request"),
    "sign": ("eth_account", "Account", "sign_transaction"),
    "sign typed data": ("eth_account", "Account", "sign_typed_data"),
    "decrypt": ("eth_keyfile.keyfile", "", "decode_keyfile_json"),
    "encrypt": ("eth_keyfile.keyfile", "", "create_keyfile_json"),
}
GRACE = 20.0


@dataclass(frozen=True)
class Job:
    """One run; stdout, stderr and `children` go to `folder`, and a server gets SIGINT after `seconds`."""

    name: str
    argv: Sequence[str]
    env: dict[str, str]
    folder: str
    crash: str = ""
    seconds: float = 90.0


@dataclass(frozen=True)
class Outcome:
    """The end of a run; `seen` are the command lines that held a canary."""

    name: str
    code: int
    hung: bool
    seen: Sequence[str]


def run_all(jobs: Sequence[Job], canaries: Sequence[str], timeout: float) -> list[Outcome]:
    """Run the jobs in another process."""
    asked = json.dumps({"jobs": [asdict(job) for job in jobs], "canaries": canaries})
    command = [sys.executable, "-m", "tests.support.programs.canary_run"]
    env = {name: value for name, value in os.environ.items() if not name.startswith("DIPMP_")}
    done = subprocess.run(command, input=asked, capture_output=True, text=True, timeout=timeout, env=env, check=True)
    return [Outcome(**each) for each in json.loads(done.stdout)]


def main() -> None:
    """Read jobs, run them, write outcomes."""
    asked = json.load(sys.stdin)
    for module in PRELOAD:
        importlib.import_module(module)
    outcomes = [_run(Job(**job), asked["canaries"]) for job in asked["jobs"]]
    sys.stdout.write(json.dumps([asdict(outcome) for outcome in outcomes]))


def _run(job: Job, canaries: Sequence[str]) -> Outcome:
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        _become(job)
    code, hung, seen = _watch(child, job.seconds, [canary.encode() for canary in canaries])
    return Outcome(job.name, code, hung, seen)


def _watch(child: int, seconds: float, canaries: Sequence[bytes]) -> tuple[int, bool, list[str]]:
    begun, asked, seen = time.monotonic(), False, set[str]()
    while True:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status), False, sorted(seen)
        spent = time.monotonic() - begun
        if spent > seconds and not asked:
            os.kill(child, signal.SIGINT)
            asked = True
        if spent > seconds + GRACE:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            return -9, True, sorted(seen)
        seen |= _command_lines_with(canaries)
        time.sleep(0.05)


def _command_lines_with(canaries: Sequence[bytes]) -> set[str]:
    found = set()
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = entry.read_bytes()
        except OSError:
            continue
        if any(canary in line for canary in canaries):
            found.add(line.replace(b"\0", b" ").decode("utf-8", "replace"))
    return found


def _become(job: Job) -> None:
    """Turn this child into the program. Never returns."""
    code = 70
    try:
        folder = Path(job.folder)
        for number, name in ((1, "stdout"), (2, "stderr")):
            os.dup2(os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), number)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.chdir(folder)
        os.environ.clear()
        os.environ.update(job.env)
        _record_children(folder / "children")
        if job.crash:
            _break(*CRASHES[job.crash])
        sys.argv = ["dipmp", *job.argv]
        code = _call()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _call() -> int:
    from dipmp_cli.main import main as program

    try:
        program()
    except SystemExit as ended:
        return int(ended.code or 0)
    except BaseException:  # noqa: BLE001 - shown as Python shows it
        sys.excepthook(*sys.exc_info())
        return 99
    return 0


def _break(module: str, owner: str, name: str) -> None:
    def fail(*_: object, **__: object) -> object:
        raise AssertionError("a bug")

    place: Any = importlib.import_module(module)
    setattr(getattr(place, owner) if owner else place, name, fail)


def _record_children(path: Path) -> None:
    """Record every process that this process starts: its arguments and its environment."""

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event in {"subprocess.Popen", "os.exec", "os.posix_spawn", "os.system", "os.fork", "os.forkpty"}:
            inherited = "" if any(isinstance(each, dict) for each in arguments) else repr(dict(os.environ))
            with path.open("a") as stream:
                stream.write(f"{event} {arguments!r} {inherited}\n")

    sys.addaudithook(hook)


if __name__ == "__main__":
    main()
