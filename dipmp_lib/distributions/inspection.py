"""Inspection of one file: its archive, its names and its metadata."""

import struct
import tarfile
import zipfile
from dataclasses import dataclass
from typing import BinaryIO

from ..model.filenames import Filename
from .contents import BROKEN, ArchiveContents
from .findings import Finding, Findings
from .metadata import check_description, check_metadata
from .sdist import read_sdist_tar, read_sdist_zip
from .spelling import check_name
from .wheel import read_wheel

_BROKEN = (*BROKEN, struct.error, UnicodeError, OverflowError, RuntimeError)


@dataclass(frozen=True, slots=True)
class Inspection:
    """The bytes of METADATA or PKG-INFO, its Requires-Python, both empty where there is none, and all findings."""

    metadata: bytes
    requires_python: str
    findings: tuple[Finding, ...]


def inspect(filename: Filename, stream: BinaryIO, size: int) -> Inspection:
    """Check a wheel or sdist of `size` bytes. Never raises: a file that cannot be read has a finding that says so."""
    findings = Findings(filename.text)
    try:
        folder, contents = _read(filename, stream, size, findings)
    except ValueError as error:
        findings.error(str(error))
    except _BROKEN as error:
        format_name = "gzipped tar" if filename.text.endswith(".tar.gz") else "zip"
        findings.error(f"is not a complete {format_name} archive ({type(error).__name__}: {str(error)[:80]})")
    else:
        return _inspect_metadata(filename, folder, contents, findings)
    check_name(filename, filename.version, findings)
    return Inspection(b"", "", findings.all())


def _read(filename: Filename, stream: BinaryIO, size: int, findings: Findings) -> tuple[str, ArchiveContents]:
    tar = filename.text.endswith(".tar.gz")
    # Programs that go by content instead of the suffix must read the same archive.
    if zipfile.is_zipfile(stream) if tar else tarfile.is_tarfile(stream):
        raise ValueError("is a zip and a tar archive at once")
    stream.seek(0)
    if filename.kind == "bdist_wheel":
        return read_wheel(filename, stream, size, findings)
    return (read_sdist_tar if tar else read_sdist_zip)(filename, stream, size, findings)


def _inspect_metadata(filename: Filename, folder: str, contents: ArchiveContents, findings: Findings) -> Inspection:
    wheel = filename.kind == "bdist_wheel"
    metadata = contents.texts[f"{folder}/METADATA" if wheel else f"{folder}/PKG-INFO"]
    licenses = f"{folder}/licenses/" if wheel else f"{folder}/"
    present = {name.removeprefix(licenses) for name in contents.digests if name.startswith(licenses)}
    requires_python = check_metadata(filename, metadata, present, findings)
    check_description(metadata, findings)
    return Inspection(metadata, requires_python, findings.all())
