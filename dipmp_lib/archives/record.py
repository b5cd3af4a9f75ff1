"""A wheel's RECORD against what it holds. Source: "Recording installed projects", and PEP 427 about RECORD."""

import base64
import csv
from collections.abc import Iterator

from .content import Contents
from .findings import Findings, shown

_SIGNATURES = ("RECORD.jws", "RECORD.p7s")
_ALGORITHM = "sha256"
_STRONGER = ("sha384", "sha512")


def check_record(info: str, contents: Contents, findings: Findings) -> None:
    """Every member is listed once with its sha256 and size, and nothing else is."""
    record = f"{info}/RECORD"
    exempt = {record, *(f"{info}/{name}" for name in _SIGNATURES)}
    try:
        rows = list(_rows(contents.texts[record]))
    except (UnicodeDecodeError, csv.Error):
        findings.error("has a RECORD that is not UTF-8 text in CSV form")
        return
    listed: set[str] = set()
    for name, digest, size in rows:
        if name in listed:
            findings.form(f"has a RECORD that lists {shown(name)} twice")
        listed.add(name)
        if name not in contents.digests:
            findings.error(f"has a RECORD that lists {shown(name)}, which is not there")
        elif name not in exempt:
            _check_row(name, digest, size, contents, findings)
    for name in sorted(contents.digests.keys() - listed - exempt):
        findings.error(f"has a RECORD that does not list {shown(name)}")


def _rows(data: bytes) -> Iterator[tuple[str, str, str]]:
    for row in csv.reader(data.decode().splitlines(keepends=True), strict=True):
        if row:
            name, digest, size, *_ = *row, "", ""
            yield name.replace("\\", "/"), digest, size


def _check_row(name: str, digest: str, size: str, contents: Contents, findings: Findings) -> None:
    algorithm, _, value = digest.partition("=")
    if algorithm == _ALGORITHM:
        if value.rstrip("=") != _encoded(contents.digests[name]):
            findings.error(f"has a RECORD with another sha256 for {shown(name)}")
    elif algorithm in _STRONGER:
        findings.warn(f"has a RECORD with {algorithm} digests, which are not compared here")
    else:
        findings.error(f"has a RECORD without a sha256 for {shown(name)}")
    if size and size != str(contents.sizes[name]):
        findings.error(f"has a RECORD with another size for {shown(name)}")


def _encoded(digest: bytes) -> str:
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
