"""Kubo as a process: a repository of its own, loopback only, no swarm, no network.

The binary is `.tools/bin/ipfs`, built from tests/kubo (a pinned Go module).
"""

import json
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.programs.required import require_kubo
from tests.support.waiting import HANGS

PROFILES = "test,unixfs-v1-2025"


@dataclass(frozen=True, slots=True)
class Kubo:
    """A running node: origins without a trailing slash, and its command line."""

    repository: Path
    rpc_url: str
    gateway_url: str

    def run(self, *arguments: str) -> str:
        """Run one `ipfs` command against the node; return its output."""
        return ipfs(self.repository, *arguments)

    def add(self, file: Path) -> str:
        """Return the CID that Kubo gives a file under the unixfs-v1-2025 profile, which the node has by default."""
        return self.run("add", "--quieter", str(file)).strip()


@contextmanager
def running_kubo(folder: Path, prepare: Callable[[Path], None] = lambda _: None) -> Iterator[Kubo]:
    """Make a repository in `folder`, run a node on free loopback ports, and stop it.

    `prepare` gets the repository before the node starts.
    """
    repository = folder / "ipfs"
    _initialise(repository)
    prepare(repository)
    log = (folder / "ipfs.log").open("wb")
    command = [str(require_kubo()), "daemon", "--offline"]
    with log, subprocess.Popen(command, env=_environment(repository), stdout=log, stderr=log) as process:
        try:
            rpc = _appears(repository / "api", process)
            gateway = _appears(repository / "gateway", process)
            yield Kubo(repository, _origin(rpc), _origin(gateway))
        finally:
            _stop(process)


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(HANGS)
    except subprocess.TimeoutExpired:
        process.kill()


def _initialise(repository: Path) -> None:
    ipfs(repository, "init", "--empty-repo", f"--profile={PROFILES}")
    file = repository / "config"
    config = json.loads(file.read_text())
    config["Addresses"]["Swarm"] = []
    config["Routing"]["Type"] = "none"
    config["Provide"] = {"Enabled": False}
    config["HTTPRetrieval"] = {"Enabled": False}
    config["Version"] = {"SwarmCheckEnabled": False}
    config["DNS"]["Resolvers"] = {}
    config["Plugins"]["Plugins"] = {"telemetry": {"Disabled": True}}
    # Without NoFetch a missing CID is waited for; without deserialised HTML, errors stay one line.
    config["Gateway"] |= {"NoFetch": True, "DisableHTMLErrors": True}
    file.write_text(json.dumps(config))


def ipfs(repository: Path, *arguments: str) -> str:
    """Run one `ipfs` command, against the node of the repository if it runs; return its output."""
    command = [str(require_kubo()), *arguments]
    done = subprocess.run(
        command, env=_environment(repository), capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, f"ipfs {arguments[0]}: {done.stderr}"
    return done.stdout


def _environment(repository: Path) -> dict[str, str]:
    return {"IPFS_PATH": str(repository), "HOME": str(repository), "IPFS_TELEMETRY": "off", "PATH": os.defpath}


def _appears(file: Path, process: subprocess.Popen[bytes]) -> str:
    """Return the content of a file that the node writes when it listens, waiting for it."""
    for _ in range(int(HANGS * 20)):
        if file.is_file() and (text := file.read_text().strip()):
            return text
        assert process.poll() is None, f"ipfs daemon ended with {process.returncode}; see ipfs.log"
        time.sleep(0.05)
    raise AssertionError(f"ipfs daemon did not write {file.name} within {HANGS} s")


def _origin(address: str) -> str:
    """Return an origin for a multiaddr (`/ip4/127.0.0.1/tcp/5001`) or a URL, which the two files hold."""
    if address.startswith("/"):
        _, _, host, _, port = address.split("/")[:5]
        return f"http://{host}:{port}"
    return address.rstrip("/")
