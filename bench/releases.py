"""The releases of bench.gas: those of tests/contract/payloads.json, and others like them."""

import json
from dataclasses import dataclass, replace
from hashlib import sha256

from dipmp_lib.log.entries import RELEASE, FileRecord, Release
from dipmp_lib.log.payload import encode_release, parse_payload
from tests.support.repository import ROOT

PAYLOADS = ROOT / "tests" / "contract" / "payloads.json"


@dataclass(frozen=True, slots=True)
class Case:
    """A release of a project, and its payload in log format 1."""

    project: str
    release: Release
    payload: bytes

    def other(self, number: int, files: int | None = None) -> "Case":
        """Return version `number` with the same files, or the first few, under other names and digests."""
        release = replace(self.release, files=tuple(_vary(file, number) for file in self.release.files[:files]))
        return Case(self.project, release, encode_release(release))

    def under(self, project: str) -> "Case":
        """Return the same release of another project."""
        return Case(project, self.release, self.payload)


def load(size: str) -> Case:
    """Return the committed release of "one_file", "ten_files" or "seventy_files"."""
    row = json.loads(PAYLOADS.read_text("utf-8"))[size]
    payload = bytes.fromhex(row["payload"])
    release = parse_payload(RELEASE, payload)
    assert isinstance(release, Release)
    return Case(row["project"], release, payload)


def _vary(file: FileRecord, number: int) -> FileRecord:
    name, _, rest = file.filename.partition("-")
    digests = (file.sha256, file.dag_root, file.metadata_sha256)
    fresh = [None if old is None else sha256(number.to_bytes(4, "big") + old).digest() for old in digests]
    assert fresh[0] is not None
    return FileRecord(f"{name}-{number}.{rest}", file.size, fresh[0], fresh[1], fresh[2])
