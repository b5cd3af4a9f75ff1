"""anvil as a process on a free loopback port, under the rules of the newest fork."""

import json
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.programs.required import require_part
from tests.support.waiting import HANGS

CHAIN_ID = 31337
MNEMONIC = "test test test test test test test test test test test junk"
_LISTENING = "Listening on "


@dataclass(frozen=True, slots=True)
class Anvil:
    """A running node. `accounts` (0x-addresses) are funded, unlocked, and belong to `keys` (0x-hex private keys)."""

    url: str
    accounts: tuple[str, ...]
    keys: tuple[str, ...]
    chain_id: int = CHAIN_ID


@contextmanager
def run_anvil(*options: str, history: bool = True) -> Iterator[Anvil]:
    """Start anvil, stop it afterwards. One block per transaction; `safe` and `finalized` follow one and two behind.

    Without `history` only the newest state can be read, and a long chain takes half the time.
    """
    binary = require_part("anvil")
    with tempfile.TemporaryDirectory() as folder:
        config, log = Path(folder, "config.json"), Path(folder, "log.txt")
        arguments = ["--host", "127.0.0.1", "--port", "0", "--hardfork", "osaka", "--slots-in-an-epoch", "1"]
        arguments += ["--chain-id", str(CHAIN_ID), "--mnemonic", MNEMONIC, "--config-out", str(config)]
        # Old states go to disk, by default without end and under the home folder.
        states = ["--cache-path", folder, "--max-persisted-states", "256"] if history else ["--prune-history"]
        arguments += [*states, *options]
        with log.open("wb") as output:
            process = subprocess.Popen([str(binary), *arguments], stdout=output, stderr=subprocess.STDOUT)
        try:
            address = _listening_address(process, log)
            facts = json.loads(config.read_text("utf-8"))
            yield Anvil(f"http://{address}", tuple(facts["available_accounts"]), tuple(facts["private_keys"]))
        finally:
            process.terminate()
            process.wait(timeout=HANGS)


def _listening_address(process: "subprocess.Popen[bytes]", log: Path) -> str:
    deadline = time.monotonic() + HANGS
    while time.monotonic() < deadline and process.poll() is None:
        text = log.read_text("utf-8", errors="replace")
        if _LISTENING in text and text.endswith("\n"):
            return text.rpartition(_LISTENING)[2].strip()
        time.sleep(0.02)
    raise RuntimeError(f"anvil did not start: {log.read_text('utf-8', errors='replace')[-2000:]}")
