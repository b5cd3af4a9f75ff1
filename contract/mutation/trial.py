"""What forge says about a mutant, in a copy of the contracts with everything else compiled before.

A mutant is compiled apart, because that takes a third of the time; its code takes the place of the factory's artifact,
which is all that the tests know of the contracts.
"""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from contract.build import CONTRACT, solc
from contract.mutation.compiler import Compiler
from contract.mutation.source import Mutant

PARTS = ("src", "test", "foundry.toml", "solc.js")
ARTIFACT = Path("out", "PackageIndexFactory.sol", "PackageIndexFactory.json")
PROFILE = "mutants"
REMEMBERED = ("fuzz", "invariant", "test-failures")  # or a mutant would meet the counterexamples of the one before
UNIT_TESTS = ("--no-match-path", "test/{invariant,formal}/**")
INVARIANTS = ("--match-path", "test/invariant/**")
PATIENCE = 1800.0  # seconds of a busy machine; what loops meets the gas limit of the profile long before


class TrialError(Exception):
    """forge failed in a way that says nothing about the mutant."""


@dataclass(frozen=True)
class Outcome:
    """killed, with the test that noticed; survived; or invalid, when it does not compile."""

    result: str
    test: str = ""


class Bench:
    """A copy of the contracts in `folder`, for one mutant at a time. Raises TrialError if the originals fail in it."""

    def __init__(self, folder: Path, forge: Path, sources: dict[str, str], compiler: Compiler) -> None:
        self.folder, self.forge = folder / "contract", forge
        self.sources, self.compiler = sources, compiler
        self._prepare(folder)
        self.artifact = json.loads((self.folder / ARTIFACT).read_text("utf-8"))
        if (found := self._outcome(sources)).result != "survived":
            raise TrialError(f"without any change {found.test or 'the compilation'} fails already")

    def _prepare(self, folder: Path) -> None:
        self.folder.mkdir(parents=True)
        (folder / "node_modules").symlink_to(CONTRACT.parent / "node_modules")
        for part in PARTS:
            copy = shutil.copytree if (CONTRACT / part).is_dir() else shutil.copy
            copy(CONTRACT / part, self.folder / part)
        done = self._forge("build")
        if done.returncode:
            raise TrialError(f"forge build failed: {(done.stdout + done.stderr)[-2000:]}")
        # From here on forge asks for the version only; it could not compile if it wanted to.
        version = solc("--version").strip()
        (self.folder / "solc.js").write_text(f"#!/bin/sh\ncat <<'END'\n{version}\nEND\n", "utf-8")

    def try_out(self, mutant: Mutant) -> Outcome:
        """Return what the unit tests find and, where they find nothing, what the invariants do."""
        return self._outcome(self.sources | {mutant.key.file: mutant.content.decode()})

    def _outcome(self, sources: dict[str, str]) -> Outcome:
        code = self.compiler.factory(sources)
        if code is None:
            return Outcome("invalid")
        changed = self.artifact | {"bytecode": self.artifact["bytecode"] | {"object": code}}
        (self.folder / ARTIFACT).write_text(json.dumps(changed), "utf-8")
        found = self._test(UNIT_TESTS)
        return self._test(INVARIANTS) if found.result == "survived" else found

    def _test(self, tests: Sequence[str]) -> Outcome:
        for name in REMEMBERED:
            path = self.folder / "cache" / name
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
        try:
            done = self._forge("test", "--fail-fast", *tests)
        except subprocess.TimeoutExpired:
            return Outcome("killed", "by the clock")
        return outcome(done.returncode, done.stdout + done.stderr)

    def _forge(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        env = os.environ | {"NO_COLOR": "1", "FOUNDRY_PROFILE": PROFILE}
        command = [str(self.forge), *arguments]
        return subprocess.run(  # noqa: S603
            command, cwd=self.folder, env=env, capture_output=True, text=True, check=False, timeout=PATIENCE
        )


def outcome(code: int, output: str) -> Outcome:
    """Return what the exit code and the words of `forge test` mean. Raises TrialError."""
    failed = re.search(r"^\[FAIL.*\] (\w+)\(", output, re.MULTILINE)
    if failed:
        return Outcome("killed", failed[1])
    if code or not re.search(r"\b0 failed\b", output):
        raise TrialError(f"forge ended with {code}: {output[-2000:]}")
    return Outcome("survived")
