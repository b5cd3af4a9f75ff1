"""Builds the Lambda artifact: one zip file for all functions, with dipmp, its dependencies and bytecode.

python -m infra.bundle [--arch arm64|x86_64] [--python 3.13] [--no-bytecode] [--out FILE]

Needs Python, and uv or pip. The same inputs give the same bytes, on any machine with the same Python patch release and
zlib. An existing file is replaced at the end, or not at all.
"""

import argparse
import hashlib
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from infra import interpreters
from infra.bytecode import compile_folder
from infra.errors import CannotBundle
from infra.pruning import prune
from infra.sources import ROOT, put_sources, sources
from infra.wheels import ARCHITECTURES, Target, install
from infra.zipping import check_sizes, comment_of, write_zip

REQUIREMENTS = ROOT / "infra" / "requirements.txt"
MAKERS = ("bundle", "bytecode", "pruning", "sources", "wheels", "zipping")
PYTHON = "3.13"
"""Lambda's newest runtime; serverless.yml names the same."""


def build(
    arch: str = "arm64",
    python: str = PYTHON,
    *,
    bytecode: bool = True,
    out: Path | None = None,
    installer: str = "",
    reuse: bool = False,
) -> Path:
    """Build the artifact and return its path. Raises CannotBundle.

    `arch` is "arm64" or "x86_64", `python` a minor version, `installer` is "uv", "pip" or "" for either. With `reuse`
    an artifact of the same inputs is left as it is.
    """
    if not re.fullmatch(r"3\.[0-9]{1,2}", python):
        raise CannotBundle(f"{python[:20]!r} is no minor version of Python, such as {PYTHON}")
    target = Target(arch, python)
    interpreter = _interpreter(python) if bytecode else None
    path = out or ROOT / "build" / f"dipmp-{arch}.zip"
    key = inputs(target, interpreter)
    if reuse and comment_of(path) == key:
        return path
    with tempfile.TemporaryDirectory(prefix="dipmp-bundle-") as folder:
        stage(REQUIREMENTS, target, Path(folder), installer)
        put_sources(Path(folder))
        if interpreter:
            compile_folder(Path(folder), interpreter)
        _publish(Path(folder), path, key)
    return path


def stage(requirements: Path, target: Target, folder: Path, installer: str = "") -> None:
    """Install requirements into `folder`, without files that functions never read. Raises CannotBundle."""
    install(requirements, target, folder, installer)
    prune(folder)


def inputs(target: Target, interpreter: Path | None) -> str:
    """Return a digest of the artifact's inputs, which is written to its comment."""
    digest = hashlib.sha256(f"{target}, {_release(interpreter) if interpreter else 'no bytecode'}\n".encode())
    makers = [Path("infra", f"{name}.py") for name in MAKERS]
    for path in (*makers, Path("infra/requirements.txt"), Path("pyproject.toml"), *sources()):
        content = (ROOT / path).read_bytes()
        digest.update(f"{path.as_posix()} {len(content)}\n".encode() + content)
    return f"dipmp {digest.hexdigest()}"


def _interpreter(python: str) -> Path:
    found = interpreters.find(python)
    if found is None:
        raise CannotBundle(
            f"no CPython {python} is here to compile with: install it (uv python install {python}), or build without "
            "bytecode (--no-bytecode), which makes a cold start several times as long"
        )
    return found


def _release(interpreter: Path) -> str:
    command = [str(interpreter), "-I", "-c", "import sys; print(sys.version)"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()  # noqa: S603


def _publish(folder: Path, path: Path, key: str) -> None:
    """Move the zip file to `path` once it is complete and not too large. Raises CannotBundle."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    os.close(handle)
    try:
        write_zip(folder, Path(name), key)
        check_sizes(Path(name))
        Path(name).chmod(0o644)
        Path(name).replace(path)
    finally:
        Path(name).unlink(missing_ok=True)


def main(arguments: Sequence[str]) -> int:
    """Build and print the sizes and the digest. Returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m infra.bundle", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--arch", choices=tuple(ARCHITECTURES), default="arm64", help="the functions' architecture")
    parser.add_argument("--python", default=PYTHON, help=f"the runtime's minor version ({PYTHON})")
    parser.add_argument("--no-bytecode", action="store_true", help="build without an interpreter of that version")
    parser.add_argument("--installer", choices=("uv", "pip"), default="", help="uv where it is installed, else pip")
    parser.add_argument("--reuse", action="store_true", help="leave an artifact of the same inputs as it is")
    parser.add_argument("--out", type=Path, help="build/dipmp-ARCH.zip")
    chosen = parser.parse_args(arguments)
    try:
        path = build(
            chosen.arch,
            chosen.python,
            bytecode=not chosen.no_bytecode,
            out=chosen.out,
            installer=chosen.installer,
            reuse=chosen.reuse,
        )
        sizes = check_sizes(path)
    except (CannotBundle, OSError) as error:
        sys.stderr.write(f"error: {error}\n")
        return 1
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    sys.stdout.write(f"{os.path.relpath(path)}: {sizes}\nsha256 {digest}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
