"""Compile the contract with the pinned solc and write dipmp_lib/abi/PackageIndex.json; `--check` compares instead.

The compiler is the npm package that package-lock.json pins (`npm ci --ignore-scripts`), run by Node through solc.js.
"""

import argparse
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

CONTRACT = Path(__file__).resolve().parent
ARTIFACT = CONTRACT.parent / "dipmp_lib" / "abi" / "PackageIndex.json"
SETTINGS: dict[str, Any] = {
    # Cancun: the newest rules that every chain dipmp supports has, and that the embedded EVM runs.
    "evmVersion": "cancun",
    "viaIR": True,
    "optimizer": {"enabled": True, "runs": 1_000_000},
    "metadata": {"bytecodeHash": "none", "appendCBOR": False},
}


class BuildError(Exception):
    """The contract could not be compiled."""


def standard_input(source_dir: Path) -> dict[str, Any]:
    """Return the compiler's standard JSON input for every source file in `source_dir`."""
    names = sorted(path.name for path in source_dir.glob("*.sol"))
    return {
        "language": "Solidity",
        "sources": {f"src/{name}": {"content": (source_dir / name).read_text("utf-8")} for name in names},
        "settings": SETTINGS
        | {"outputSelection": {"*": {"*": ["abi", "evm.bytecode.object", "evm.deployedBytecode.object"]}}},
    }


def solc(*args: str, stdin: str = "") -> str:
    """Run the pinned compiler and return what it printed. Raises BuildError."""
    node = shutil.which("node")
    if node is None:
        raise BuildError("node is not installed; the Solidity compiler needs it")
    command = [node, str(CONTRACT / "solc.js"), *args]
    done = subprocess.run(command, input=stdin, capture_output=True, text=True, check=False, timeout=300)  # noqa: S603
    if done.returncode != 0:
        raise BuildError(f"the compiler failed (is node_modules there? npm ci --ignore-scripts): {done.stderr[-2000:]}")
    return done.stdout


def compile_contract(source_dir: Path = CONTRACT / "src") -> dict[str, Any]:
    """Return the artifact: ABI, creation and runtime bytecode as 0x-hex, compiler version and settings.

    Raises BuildError, for warnings too.
    """
    output = json.loads(solc("--standard-json", stdin=json.dumps(standard_input(source_dir))))
    problems = [item["formattedMessage"] for item in output.get("errors", [])]
    if problems:
        raise BuildError("\n".join(problems))
    contract = output["contracts"]["src/PackageIndex.sol"]["PackageIndex"]
    return {
        "compiler": solc("--version").rpartition("Version: ")[2].strip(),
        "settings": SETTINGS,
        "abi": contract["abi"],
        "bytecode": "0x" + contract["evm"]["bytecode"]["object"],
        "deployedBytecode": "0x" + contract["evm"]["deployedBytecode"]["object"],
    }


def render(artifact: dict[str, Any]) -> str:
    """Return the artifact file's text."""
    return json.dumps(artifact, indent=1) + "\n"


def main(arguments: list[str]) -> int:
    """Compile, then write or compare. Returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="only tell whether the committed artifact is up to date")
    options = parser.parse_args(arguments)
    try:
        text = render(compile_contract())
    except BuildError as error:
        sys.stderr.write(f"error: {error}\n")
        return 1
    if not options.check:
        ARTIFACT.write_text(text, "utf-8")
        return 0
    if ARTIFACT.is_file() and ARTIFACT.read_text("utf-8") == text:
        return 0
    sys.stderr.write(f"error: {ARTIFACT.name} is not what the sources compile to; run python contract/build.py\n")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
