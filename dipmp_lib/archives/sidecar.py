"""The metadata file that may lie beside a wheel, as indexes serve it (PEP 658)."""

from collections.abc import Sequence
from pathlib import Path

from ..log.limits import MAX_METADATA

SUFFIX = ".metadata"


def check_sidecar(wheel: Path, metadata: bytes) -> str | None:
    """Return what is wrong with the file beside `wheel`, None where it has the same bytes or there is none."""
    beside = wheel.with_name(wheel.name + SUFFIX)
    if not beside.is_file():
        return None
    with beside.open("rb") as stream:
        same = stream.read(MAX_METADATA + 1) == metadata
    return None if same else f"has a METADATA that differs from {beside.name} beside it"


def without_sidecars(paths: Sequence[Path]) -> list[Path]:
    """Return the paths, each once, without metadata files of wheels that are among them."""
    unique = dict.fromkeys(paths)
    return [path for path in unique if not (path.suffix == SUFFIX and path.with_suffix("") in unique)]
