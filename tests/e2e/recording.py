"""Writes docs/recording.txt: a publish on a terminal of 80 columns, against `dipmp dev`, as the screen shows it.

python -m tests.e2e.recording

What differs from run to run is written as it never changes: addresses, hashes, ports, times, amounts.
"""

import os
import re
import shlex
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.support.files.wheels import build_sdist, build_wheel
from tests.support.programs.dipmp import SCRIPTS, Dev, dipmp_dev, publish_settings
from tests.support.programs.terminal import on_terminal
from tests.support.repository import ROOT

RECORDING = ROOT / "docs" / "recording.txt"
COMMANDS = (
    "dipmp config check",
    "dipmp doctor demo",
    "dipmp-publish dist/*",
    "dipmp-publish dist/*",
    "dipmp project show demo",
)
ANSWERS = {"Publish? [y/N]: ": "y\n"}
_STEADY = (
    (r"0x[0-9a-f]{64}", "0x…"),
    (r"127\.0\.0\.1:\d+", "127.0.0.1:PORT"),
    (r"\b\d+ ms\b", "5 ms"),
    (r"(final block is )\d+", r"\g<1>0"),
    (r"block [\d,]+ is [\d,]+ s old", "block 12 is 1 s old"),
    (r"is \d+ s (?:ahead of|behind) the", "is 0 s ahead of the"),
    (r"\d[\d,.]* gas", "150,000 gas"),
    (r"\d[\d,.]* ETH", "0.0003 ETH"),
    (r"holds [\d.]+ ETH", "holds 0.9 ETH"),
)


def record(folder: Path) -> str:
    """Carry the commands out, and return the text of the recording."""
    dist = folder / "checkout" / "dist"
    dist.mkdir(parents=True)
    build_wheel(dist)
    build_sdist(dist)
    with dipmp_dev(folder / "dev") as dev:
        lines = [line for command in COMMANDS for line in _shown(command, dev, folder)]
    return _steady("\n".join(lines), dev, folder)


def _shown(command: str, dev: Dev, folder: Path) -> Iterator[str]:
    program, *words = shlex.split(command)
    cwd = folder / "checkout"
    arguments = [str(each.relative_to(cwd)) for word in words if "*" in word for each in sorted(cwd.glob(word))]
    arguments += [word for word in words if "*" not in word]
    session = on_terminal([SCRIPTS / program, *arguments], _environment(dev, folder), cwd, answers=ANSWERS)
    assert session.code == 0, session.raw
    yield f"$ {command}"
    yield from session.screen


def _environment(dev: Dev, folder: Path) -> dict[str, str]:
    home = {name: str(folder / "home") for name in ("HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME")}
    return {
        "PATH": os.environ["PATH"],
        **home,
        "NO_COLOR": "1",
        **publish_settings(dev),
    }


def _steady(text: str, dev: Dev, folder: Path) -> str:
    addresses = dict.fromkeys(re.findall(r"0x[0-9a-fA-F]{40}\b", text))
    names = {address: f"0x{name}" for address, name in zip(addresses, ("REGISTRY", "ACCOUNT", *"ABC"), strict=False)}
    for address, name in {**names, dev.signer: "keystore:mykey", str(folder): "/home/me"}.items():
        text = text.replace(address, name)
    for pattern, steady in _STEADY:
        text = re.sub(pattern, steady, text)
    return re.sub(r"\n{2,}(?=\$|\Z)", "\n\n", text).rstrip("\n") + "\n"


def main() -> None:
    """Write the file."""
    with tempfile.TemporaryDirectory() as folder:
        RECORDING.write_text(record(Path(folder)))


if __name__ == "__main__":
    main()
