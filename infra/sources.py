"""The files of this repository that go into the artifact."""

import shutil
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PARTS = {
    "dipmp_lib": ("**/*.py", "ethereum/abi/*.json", "server/templates/*"),
    "functions": ("*.py",),
    "denylists": ("*.deny",),
}
"""Patterns of the files to include, by top-level folder. Denylists are the operator's, and there may be none."""


def sources(root: Path = ROOT) -> list[Path]:
    """Return the files, relative to `root`, in the same order everywhere."""
    found = {path for part, globs in PARTS.items() for glob in globs for path in (root / part).glob(glob)}
    return sorted(path.relative_to(root) for path in found if path.is_file())


def put_sources(folder: Path, root: Path = ROOT) -> None:
    """Copy the files into `folder`, with the metadata from which a function reads its version."""
    for path in sources(root):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(root / path, folder / path)
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]
    name, version = project["name"], project["version"]
    info = folder / f"{name.replace('-', '_')}-{version}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n", "utf-8")
