"""The time of a `dipmp-publish` of one small wheel, without chain and network, against `import web3` alone.

python -m bench.publish [rounds]

Both are fresh processes that take turns in one run. The chain is a node in memory and the pinner and gateway an
embedded block store, all served by this process on loopback. The first ratio is that of CPU time (user and system),
which does not grow while a process waits; sending requests counts. The second is that of elapsed time less the node's
time; there the block store and loopback still count. A ratio is the median of the rounds' ratios. The key is in a
variable: opening a keystore takes a second on purpose.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.support.files.wheels import build_wheel
from tests.support.programs.dipmp import SCRIPTS
from tests.support.systems.node_and_blocks import ServedWorld, served_world

GOAL = 1.3
ROUNDS = 9


@dataclass(frozen=True)
class Cost:
    """Seconds of one process."""

    cpu: float
    elapsed: float


def measured(command: Sequence[str], env: Mapping[str, str]) -> Cost:
    """Run a process to its end, and exit if it fails."""
    began = time.perf_counter()
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(list(command), env=dict(env), stdout=said, stderr=said)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        elapsed = time.perf_counter() - began
        said.seek(0)
        if process.returncode:
            raise SystemExit(f"{command[0]} ended with {process.returncode}:\n{said.read().decode()}")
    return Cost(used.ru_utime + used.ru_stime, elapsed)


def publish(world: ServedWorld, folder: Path, number: int) -> Cost:
    """Publish one more version."""
    wheel = build_wheel(folder, version=f"1.{number}")
    before, sent = world.node.seconds, len(world.node.sent)
    cost = measured([str(SCRIPTS / "dipmp-publish"), str(wheel), "--yes"], world.env)
    assert len(world.node.sent) == sent + 1
    return Cost(cost.cpu, cost.elapsed - (world.node.seconds - before))


def main() -> None:
    """Measure and print."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    with tempfile.TemporaryDirectory() as folder, served_world(Path(folder)) as world:
        publish(world, Path(folder), 0)  # writes bytecode, and claims the name
        measured([sys.executable, "-c", "import web3"], world.env)
        pairs = [
            (publish(world, Path(folder), number), measured([sys.executable, "-c", "import web3"], world.env))
            for number in range(1, rounds + 1)
        ]
    for name in ("cpu", "elapsed"):
        ours, theirs = ([getattr(cost, name) for cost in side] for side in zip(*pairs, strict=True))
        ratio = statistics.median(mine / other for mine, other in zip(ours, theirs, strict=True))
        print(
            f"{name:<8} dipmp-publish {statistics.median(ours):.2f} s, import web3 {statistics.median(theirs):.2f} s, "
            f"ratio {ratio:.2f} (goal {GOAL}, {rounds} rounds)"
        )


if __name__ == "__main__":
    main()
