"""Reproducible zip files, and the size limits of the artifact."""

import stat
import zipfile
from dataclasses import dataclass
from pathlib import Path

from infra.errors import CannotBundle

MB = 1_000_000
DIRECT, UNZIPPED = 50 * 1024 * 1024, 250 * 1024 * 1024
"""Lambda's limits, in bytes, for a zip file that is sent directly and for its content with layers."""
GOAL = 15 * MB
"""Our own limit for the zip file, which every cold start downloads."""
EPOCH = (1980, 1, 1, 0, 0, 0)
"""The earliest time that a zip file can have."""


@dataclass(frozen=True)
class Sizes:
    """Bytes of an artifact, zipped and not."""

    zipped: int
    unzipped: int

    def __str__(self) -> str:
        return (
            f"{self.zipped / MB:.1f} MB zipped (we allow {GOAL / MB:.0f}, Lambda {DIRECT / MB:.1f} sent directly), "
            f"{self.unzipped / MB:.1f} MB unzipped (Lambda allows {UNZIPPED / MB:.1f})"
        )


def write_zip(folder: Path, target: Path, comment: str) -> None:
    """Write every file of `folder`: sorted, dated 1980, mode 0644 whatever the umask."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        archive.comment = comment.encode()
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            entry = zipfile.ZipInfo(path.relative_to(folder).as_posix(), EPOCH)
            entry.compress_type, entry.create_system = zipfile.ZIP_DEFLATED, 3
            entry.external_attr = (stat.S_IFREG | 0o644) << 16
            archive.writestr(entry, path.read_bytes(), compresslevel=9)


def comment_of(path: Path) -> str:
    """Return the comment of a zip file, "" for a missing or malformed file."""
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.comment.decode()
    except (OSError, zipfile.BadZipFile, UnicodeDecodeError):
        return ""


def check_sizes(path: Path, goal: int = GOAL) -> Sizes:
    """Return the sizes. Raises CannotBundle if they are above Lambda's limits or ours."""
    with zipfile.ZipFile(path) as archive:
        sizes = Sizes(path.stat().st_size, sum(entry.file_size for entry in archive.infolist()))
    if sizes.zipped > min(goal, DIRECT) or sizes.unzipped > UNZIPPED:
        raise CannotBundle(f"the artifact is too large, with {sizes}: see what infra/requirements.txt brought in")
    return sizes
