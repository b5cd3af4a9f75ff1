"""Folders of this checkout."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VECTORS = ROOT / "tests" / "vectors"
TOOLS = ROOT / ".tools"
"""Programs that `make` installs."""
NODE_MODULES = ROOT / "node_modules"
CACHE = ROOT / ".cache"
"""Built and downloaded files, kept from run to run."""
