"""Cold starts: imports of each function from the artifact in fresh processes, against bare FastAPI and Mangum.

python -m bench.cold [rounds]

`bare` is FastAPI and Mangum with one route, `requests` the same with requests imported; both come from the same lock,
with the same kind of bytecode, under the newest interpreter here. Rounds take turns in one run. A ratio is the median
of the rounds' ratios of CPU time. Then comes the warm call (bench.warm), with the artifact's packages.
"""

import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from infra.bundle import stage
from infra.bytecode import compile_folder
from infra.wheels import Target
from infra.zipping import GOAL, MB
from tests.support.aws.artifact import artifact, newest, unpacked
from tests.support.aws.function_settings import SETTINGS
from tests.support.repository import ROOT

REQUIREMENTS = ROOT / "requirements" / "bench-cold.txt"
ROUNDS = 15
GOALS = {"requests": 1.15, "bare": 1.3}
APP = """
from fastapi import FastAPI
from mangum import Mangum
app = FastAPI(openapi_url=None)

@app.get("/")
async def home():
    return {}

handler = Mangum(app, lifespan="off")
"""
MEASURE = (
    "import time; wall, cpu = time.perf_counter(), time.process_time(); import {0}; "
    "print(time.perf_counter() - wall, time.process_time() - cpu)"
)


def others(folder: Path) -> Path:
    """Install both other applications and their requirements into a folder."""
    version, interpreter = newest()
    stage(REQUIREMENTS, Target("x86_64", version), folder)
    (folder / "bare.py").write_text(APP)
    (folder / "with_requests.py").write_text(f"import requests\n{APP}")
    compile_folder(folder, interpreter)
    return folder


def start(folder: Path, module: str) -> tuple[float, float]:
    """Return the milliseconds, wall and CPU, of one import in a fresh process."""
    command = [str(newest()[1]), "-s", "-S", "-c", MEASURE.format(module)]
    done = subprocess.run(command, cwd=folder, env=SETTINGS, capture_output=True, text=True, check=True)
    wall, cpu = map(float, done.stdout.split())
    return wall * 1000, cpu * 1000


def cold(rounds: int, other: Path) -> None:
    rows = {"bare": (other, "bare"), "requests": (other, "with_requests")}
    rows |= {name: (unpacked(), f"functions.{name}") for name in ("simple", "files", "sync")}
    for row in rows.values():
        start(*row)  # from the disk
    runs = [{name: start(*row) for name, row in rows.items()} for _ in range(rounds)]
    goals = ", ".join(f"{goal} of {name}" for name, goal in GOALS.items())
    print(f"{'cold start':12}{'wall ms':>9}{'CPU ms':>9}{'of requests':>13}{'of bare':>9}   (goals: at most {goals})")
    for name in rows:
        wall, cpu = (statistics.median(run[name][column] for run in runs) for column in (0, 1))
        ratio = {base: statistics.median(run[name][1] / run[base][1] for run in runs) for base in GOALS}
        above = name not in GOALS and any(ratio[base] > goal for base, goal in GOALS.items())
        verdict = "   above a goal" if above else ""
        print(f"{name:12}{wall:9.0f}{cpu:9.0f}{ratio['requests']:13.2f}{ratio['bare']:9.2f}{verdict}")


def warm() -> None:
    env = {"PYTHONPATH": str(unpacked()), "PATH": os.environ["PATH"]}
    subprocess.run([str(newest()[1]), "-s", "-S", "-m", "bench.warm"], cwd=ROOT, env=env, check=True)


def main(arguments: Sequence[str]) -> None:
    rounds = int(arguments[0]) if arguments else ROUNDS
    print(f"Python {newest()[0]}, {rounds} rounds")
    for arch in ("arm64", "x86_64"):
        print(
            f"artifact for {arch}: {artifact(arch).stat().st_size / MB:.1f} MB zipped (goal: at most {GOAL / MB:.0f})"
        )
    print()
    with tempfile.TemporaryDirectory() as folder:
        cold(rounds, others(Path(folder)))
    sys.stdout.flush()
    warm()


if __name__ == "__main__":
    main(sys.argv[1:])
