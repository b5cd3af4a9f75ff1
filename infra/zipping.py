"""A folder as a zip file that depends on nothing but names and bytes, and how large it may be."""

import stat
import zipfile
from dataclasses import dataclass
from pathlib import Path

from infra.errors import CannotBundle

MB = 1_000_000
DIRECT, UNZIPPED = 50 * 1024 * 1024, 250 * 1024 * 1024
"""What Lambda takes of a zip file sent to it directly, and of what is in it (with layers)."""
GOAL = 15 * MB
"""What we allow ourselves, zipped: a cold start downloads it."""
EPOCH = (1980, 1, 1, 0, 0, 0)
"""The oldest time that a zip file can name."""


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
    """Write every file of `folder`: sorted, dated 1980, readable by all, and by nobody else's umask."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        archive.comment = comment.encode()
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            entry = zipfile.ZipInfo(path.relative_to(folder).as_posix(), EPOCH)
            entry.compress_type, entry.create_system = zipfile.ZIP_DEFLATED, 3
            entry.external_attr = (stat.S_IFREG | 0o644) << 16
            archive.writestr(entry, path.read_bytes(), compresslevel=9)


def comment_of(path: Path) -> str:
    """Return the comment of a zip file, "" where there is no such file or it is none."""
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.comment.decode()
    except (OSError, zipfile.BadZipFile, UnicodeDecodeError):
        return ""


def check_sizes(path: Path, goal: int = GOAL) -> Sizes:
    """Return the sizes. Raises CannotBundle where they are more than Lambda, or we, allow."""
    with zipfile.ZipFile(path) as archive:
        sizes = Sizes(path.stat().st_size, sum(entry.file_size for entry in archive.infolist()))
    if sizes.zipped > min(goal, DIRECT) or sizes.unzipped > UNZIPPED:
        raise CannotBundle(f"the artifact is too large, with {sizes}: see what infra/requirements.txt brought in")
    return sizes
