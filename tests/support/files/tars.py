"""Gzipped tar archives of chosen members, well-formed or not."""

import gzip
import io
import tarfile
from pathlib import Path

PKG_INFO = b"Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n\n"


def member(name: str, data: bytes = b"", **facts: object) -> bytes:
    """Return a member's blocks; `facts` are attributes of its header (type, linkname, mode, …)."""
    header = tarfile.TarInfo(name)
    header.size = len(data)
    for key, value in facts.items():
        setattr(header, key, value)
    return header.tobuf(tarfile.PAX_FORMAT) + data + bytes(-len(data) % 512)


def good_members() -> list[bytes]:
    """Return the members of a correct sdist of demo 1.0."""
    return [
        member("demo-1.0/PKG-INFO", PKG_INFO),
        member("demo-1.0/pyproject.toml", b"[project]\nname = 'demo'\nversion = '1.0'\n"),
        member("demo-1.0/demo.py", b"NAME = 'demo'\n"),
    ]


def write_sdist(folder: Path, *members: bytes, end: bytes = bytes(1024), name: str = "demo-1.0.tar.gz") -> Path:
    """Write members and the end marker as an sdist."""
    buffer = io.BytesIO()
    with gzip.GzipFile(fileobj=buffer, mode="wb", mtime=0) as packed:
        packed.write(b"".join(members) + end)
    path = folder / name
    path.write_bytes(buffer.getvalue())
    return path
