"""Costs of stages: writes docs/costs.md, and fails for a stage whose worst day is above its ceiling.

python -m infra.costs STAGE=TEMPLATE... [--write FILE] [--check]

TEMPLATE is a stage's template as `sls package` compiles it. `make costs` packages every stage and runs this.
"""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from infra.billing.facts import read_facts
from infra.billing.prices import Prices, read_prices
from infra.billing.report import Stage, page
from infra.billing.usage import Assumptions
from infra.billing.worst import worst_day

STAGES = Path(__file__).parent / "stages"
CEILING = "dailyCeilingUsd"


def read_ceiling(stage: str, folder: Path = STAGES) -> float | None:
    """Return the ceiling of a stage's daily cost in dollars, None if neither its file nor the defaults have one."""
    given: dict[str, Any] = {}
    for name in ("default", stage):
        given |= yaml.safe_load((folder / f"{name}.yml").read_text()) or {}
    ceiling = given.get(CEILING, "")
    return None if ceiling == "" else float(ceiling)


def open_stage(name: str, template: Mapping[str, Any]) -> Stage:
    """Return a stage with the facts of its compiled template."""
    return Stage(name, read_facts(template), read_ceiling(name))


def objections(stage: Stage, prices: Prices, assumed: Assumptions) -> list[str]:
    """Return the objections to a stage's worst day, as sentences; a stage without a ceiling has none."""
    worst = worst_day(stage.facts, prices.usd, assumed)
    found: list[str] = []
    if stage.ceiling is None:
        return found
    if not worst.compute_bounded:
        found.append(f"{stage.name} states {CEILING}, but its functions or its API have no bound: set reservedPinned,")
        found[-1] += " reservedOpen and throttleRate"
    if worst.total > stage.ceiling:
        total = f"${worst.total:,.2f} a day at worst is above the ${stage.ceiling:,.0f} of {CEILING}"
        found.append(f"{stage.name}: {total}; lower reservedPinned, reservedOpen or throttleRate, or raise it")
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program. Returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m infra.costs")
    parser.add_argument("stages", nargs="+", metavar="STAGE=TEMPLATE")
    parser.add_argument("--write", type=Path, metavar="FILE")
    parser.add_argument("--check", action="store_true", help="exit with 1 where a worst day is above its ceiling")
    given = parser.parse_args(arguments)
    pairs = (pair.partition("=") for pair in given.stages)
    stages = tuple(open_stage(name, json.loads(Path(file).read_text())) for name, _, file in pairs)
    prices, assumed = read_prices(), Assumptions()
    text = page(stages, prices, assumed)
    if given.write:
        given.write.write_text(text)
    else:
        sys.stdout.write(text)
    wrong = [text for stage in stages for text in objections(stage, prices, assumed)] if given.check else []
    sys.stderr.writelines(f"{text}\n" for text in wrong)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
