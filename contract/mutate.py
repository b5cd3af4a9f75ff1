"""Change the contracts in every small way and see whether the tests notice; write what happened to a JSON report.

Each mutant meets the unit tests and, if they find nothing, the invariants. Survivors are printed as contract/mutants.md
has them, where each of them needs a reason: the exit code is 1 if one has none, or if a reason has no survivor.
"""

import argparse
import json
import os
import queue
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from contract.build import CONTRACT, BuildError, solc, source_files
from contract.mutation.compiler import Compiler, CompilerError
from contract.mutation.explained import ExplanationError, explained, show
from contract.mutation.solidity import changes
from contract.mutation.source import Key, Mutant, Source, mutants
from contract.mutation.trial import Bench, Outcome, TrialError

EXPLANATIONS = CONTRACT / "mutants.md"


def find_forge() -> Path:
    """Return the forge that package-lock.json pins, for this platform. Raises BuildError if it is not installed."""
    for found in CONTRACT.parent.glob("node_modules/@foundry-rs/forge-*/bin/forge"):
        found.chmod(0o755)  # npm may unpack it without
        return found
    raise BuildError("forge is not in node_modules (npm ci --ignore-scripts)")


def syntax_trees(sources: dict[str, str]) -> dict[str, dict[str, Any]]:
    """Return solc's syntax tree of every source, by its name."""
    question = {
        "language": "Solidity",
        "sources": {name: {"content": text} for name, text in sources.items()},
        "settings": {"outputSelection": {"*": {"": ["ast"]}}},
    }
    answer = json.loads(solc("--standard-json", stdin=json.dumps(question)))
    return {name: source["ast"] for name, source in answer["sources"].items()}


def every_mutant(sources: dict[str, str]) -> list[Mutant]:
    """Return the mutants of these sources, in order."""
    trees = syntax_trees(sources)
    found = []
    for name, text in sources.items():
        source = Source(name, text.encode())
        found += mutants(source, changes(source, trees[name]))
    return found


def try_all(tried: list[Mutant], sources: dict[str, str], forge: Path, jobs: int) -> Iterator[tuple[Mutant, Outcome]]:
    """Yield the outcome of every mutant, `jobs` of them at a time. Raises TrialError."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        compilers = [stack.enter_context(Compiler()) for _ in range(jobs)]
        pool = stack.enter_context(ThreadPoolExecutor(jobs))
        benches: queue.SimpleQueue[Bench] = queue.SimpleQueue()
        for bench in pool.map(lambda one: Bench(folder / str(id(one)), forge, sources, one), compilers):
            benches.put(bench)

        def trial(mutant: Mutant) -> Outcome:
            bench = benches.get()
            try:
                return bench.try_out(mutant)
            finally:
                benches.put(bench)

        yield from zip(tried, pool.map(trial, tried), strict=True)


def run(only: str, forge: Path, jobs: int) -> tuple[list[dict[str, Any]], list[Key], list[Key]]:
    """Return a report of every mutant with `only` in its key, the survivors without a reason, and idle reasons."""
    reasons = explained(EXPLANATIONS.read_text("utf-8"))
    sources = source_files()
    everything = every_mutant(sources)
    tried = [mutant for mutant in everything if only in show(mutant.key)]
    untried = {mutant.key for mutant in everything} - {mutant.key for mutant in tried}
    report, survivors = [], set()
    for number, (mutant, outcome) in enumerate(try_all(tried, sources, forge, jobs), 1):
        report.append(asdict(mutant.key) | {"operator": mutant.operator} | asdict(outcome))
        if outcome.result == "survived":
            survivors.add(mutant.key)
            sys.stdout.write(f"{show(mutant.key)}\n")
        sys.stderr.write(f"{number} of {len(tried)}: {outcome.result} {outcome.test}\n")
    return report, sorted(survivors - reasons), sorted(reasons - survivors - untried)


def main(arguments: list[str]) -> int:
    """Try, report, compare with the reasons. Returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="mutants at a time (%(default)s)")
    parser.add_argument("--only", default="", help="try only mutants whose diff contains this text")
    parser.add_argument("--report", type=Path, default=CONTRACT / "out" / "mutants.json", help="%(default)s")
    options = parser.parse_args(arguments)
    try:
        report, unexplained, idle = run(options.only, find_forge(), options.jobs)
    except (BuildError, CompilerError, ExplanationError, TrialError) as error:
        sys.stderr.write(f"error: {error}\n")
        return 1
    options.report.parent.mkdir(parents=True, exist_ok=True)
    options.report.write_text(json.dumps(report, indent=1) + "\n", "utf-8")
    sys.stdout.write(f"{dict(Counter(item['result'] for item in report))}\n")
    for key in unexplained:
        sys.stdout.write(f"survived without a reason in {EXPLANATIONS.name}:\n{show(key)}\n")
    for key in idle:
        sys.stdout.write(f"{EXPLANATIONS.name} has a reason for what did not survive:\n{show(key)}\n")
    return 1 if unexplained or idle else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
