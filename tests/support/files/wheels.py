"""Tiny installable wheels and sdists; every part can be made wrong."""

import base64
import gzip
import hashlib
import io
import re
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

from dipmp_lib.distributions import read_distributions
from dipmp_lib.errors import InvalidDistribution


def metadata_text(name: str, version: str, *, requires_python: str | None = None, extra: str = "") -> bytes:
    """Return METADATA or PKG-INFO with the fields that an index reads; `extra` are whole header lines."""
    lines = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}"]
    if requires_python is not None:
        lines.append(f"Requires-Python: {requires_python}")
    text = "\n".join(lines) + "\n" + extra
    return (text + f"\nThe package {name}.\n").encode()


def _escaped(name: str) -> str:
    """Return the spelling of a name in file names (PEP 427, PEP 625)."""
    return re.sub(r"[-_.]+", "_", name).lower()


def _record(members: Mapping[str, bytes], path: str) -> bytes:
    def digest(data: bytes) -> str:
        return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()

    rows = [f"{name},sha256={digest(data)},{len(data)}" for name, data in members.items()]
    return "\n".join([*rows, f"{path},,", ""]).encode()


def build_wheel(  # noqa: PLR0913 - each is one way to be different
    folder: Path,
    name: str = "demo",
    version: str = "1.0",
    *,
    tag: str = "py3-none-any",
    build: str = "",
    requires_python: str | None = ">=3.8",
    metadata: bytes | None = None,
    filename: str | None = None,
    payload: bytes = b"",
    members: Mapping[str, bytes] | None = None,
    without: tuple[str, ...] = (),
) -> Path:
    """Write an installable wheel. `payload` makes its bytes (and size) differ; `members` adds or replaces files;
    `without` leaves members of the .dist-info folder out."""
    module = escaped = _escaped(name)
    info = f"{escaped}-{version}.dist-info"
    content: dict[str, bytes] = {
        f"{module}/__init__.py": f"NAME = {name!r}\nVERSION = {version!r}\n".encode(),
        f"{module}/payload.bin": payload,
        f"{info}/METADATA": metadata
        if metadata is not None
        else metadata_text(name, version, requires_python=requires_python),
        f"{info}/WHEEL": f"Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: {tag}\n".encode(),
    }
    content.update(members or {})
    content[f"{info}/RECORD"] = _record(content, f"{info}/RECORD")
    for member in without:
        del content[f"{info}/{member}"]
    path = folder / (filename or "-".join(filter(None, [escaped, version, build, tag])) + ".whl")
    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, data in content.items():
            archive.writestr(zipfile.ZipInfo(member, (2020, 1, 1, 0, 0, 0)), data, zipfile.ZIP_DEFLATED)
    return path


def build_sdist(  # noqa: PLR0913
    folder: Path,
    name: str = "demo",
    version: str = "1.0",
    *,
    requires_python: str | None = ">=3.8",
    metadata: bytes | None = None,
    filename: str | None = None,
    payload: bytes = b"",
    members: Mapping[str, bytes] | None = None,
    without: tuple[str, ...] = (),
) -> Path:
    """Write a `.tar.gz` sdist (or a `.zip`, if `filename` says so) that setuptools can build."""
    module = escaped = _escaped(name)
    top = f"{escaped}-{version}"
    pyproject = (
        '[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n'
        f'[project]\nname = "{name}"\nversion = "{version}"\n[tool.setuptools]\npackages = ["{module}"]\n'
    )
    content: dict[str, bytes] = {
        f"{top}/{module}/__init__.py": f"NAME = {name!r}\n".encode(),
        f"{top}/{module}/payload.bin": payload,
        f"{top}/pyproject.toml": pyproject.encode(),
        f"{top}/PKG-INFO": metadata
        if metadata is not None
        else metadata_text(name, version, requires_python=requires_python),
    }
    content.update(members or {})
    for member in without:
        del content[f"{top}/{member}"]
    path = folder / (filename or f"{top}.tar.gz")
    folder.mkdir(parents=True, exist_ok=True)
    path.write_bytes(_zip(content) if path.suffix == ".zip" else _tar_gz(content))
    return path


def _zip(content: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, data in content.items():
            archive.writestr(zipfile.ZipInfo(member, (2020, 1, 1, 0, 0, 0)), data)
    return buffer.getvalue()


def _tar_gz(content: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with (
        gzip.GzipFile(fileobj=buffer, mode="wb", mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive,
    ):
        for member, data in content.items():
            info = tarfile.TarInfo(member)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


def problems_of(*paths: Path, lenient: bool = False) -> list[tuple[str, str]]:
    """Read files that cannot be published, and return what is wrong with them."""
    try:
        read_distributions(paths, lenient=lenient)
    except InvalidDistribution as error:
        return list(error.problems)
    raise AssertionError("nothing is wrong with them")
