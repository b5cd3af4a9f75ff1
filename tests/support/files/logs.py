"""Builders of blobs and whole logs: a few words per entry, everything else has a sensible value.

    log = ProjectLog("foo")                     # entry 0 is the claim
    log.release("foo-1.0.tar.gz")               # one more entry, one hour later
    log.yank("foo-1.0.tar.gz", reason="broken", actor=PUBLISHER)
    fold_project(log.name, log.blobs)

Payloads may be such as dipmp's encoder refuses.
"""

import hashlib
from collections.abc import Iterable

from dipmp_lib.ipfs.cid import RAW_FILE_MAX
from dipmp_lib.log import cbor
from dipmp_lib.log.blob import Blob, fold_head, head0, project_id
from dipmp_lib.log.entries import CLAIM, OWNER, RELEASE, ROLE, STATUS, YANK, FileRecord
from dipmp_lib.log.payload import wrap
from dipmp_lib.model.names import ProjectName

OWNER_KEY = bytes.fromhex("a1" * 20)
PUBLISHER = bytes.fromhex("b2" * 20)
STRANGER = bytes.fromhex("c3" * 20)
START = 1_700_000_000
HOUR = 3_600
DAY = 86_400


def record(filename: str, size: int = 5, content: bytes | None = None, **fields: bytes | None) -> FileRecord:
    """Return a file record with digests that follow from its name, or from `content`."""
    data = filename.encode() if content is None else content
    values: dict[str, bytes | None] = {
        "sha256": hashlib.sha256(data).digest(),
        "dag_root": hashlib.sha256(b"root" + data).digest() if size > RAW_FILE_MAX else None,
        "metadata_sha256": hashlib.sha256(b"METADATA" + data).digest() if filename.endswith(".whl") else None,
    }
    values.update(fields)
    sha256 = values["sha256"]
    assert sha256 is not None
    return FileRecord(filename, size, sha256, values["dag_root"], values["metadata_sha256"])


def release_payload(files: Iterable[str | FileRecord], requires_python: str = "") -> bytes:
    """Return a RELEASE payload, which readers may refuse."""
    records = [record(file) if isinstance(file, str) else file for file in files]
    rows = [[r.filename, r.size, r.sha256, r.dag_root, r.metadata_sha256] for r in records]
    return wrap(cbor.encode([requires_python, rows]))


def yank_payload(targets: Iterable[str | int], *, yanked: bool = True, reason: str = "") -> bytes:
    """Return a YANK payload, which readers may refuse."""
    return wrap(cbor.encode([list(targets), yanked, reason]))


class ProjectLog:
    """A growing project log. Times advance by an hour per entry unless given."""

    def __init__(self, name: str, *, owner: bytes = OWNER_KEY, time: int = START, rprev: int = 0) -> None:
        self.name = ProjectName(name)
        self.blobs: list[Blob] = []
        self.nonce = 0
        self.time = time - HOUR
        self.append(CLAIM, rprev.to_bytes(6, "big") + owner + name.encode(), actor=owner)

    def append(self, kind: int, payload: bytes, *, actor: bytes = OWNER_KEY, time: int | None = None) -> int:
        """Append any entry and return its number."""
        self.time = self.time + HOUR if time is None else time
        self.blobs.append(Blob(kind, self.nonce, actor, self.time, payload))
        self.nonce += 1
        return len(self.blobs) - 1

    def release(
        self,
        *files: str | FileRecord,
        requires_python: str = "",
        actor: bytes = OWNER_KEY,
        time: int | None = None,
    ) -> int:
        """Append a RELEASE and return its number."""
        return self.append(RELEASE, release_payload(files, requires_python), actor=actor, time=time)

    def yank(
        self,
        *targets: str | int,
        yanked: bool = True,
        reason: str = "",
        actor: bytes = OWNER_KEY,
        time: int | None = None,
    ) -> int:
        """Append a YANK and return its number."""
        return self.append(YANK, yank_payload(targets, yanked=yanked, reason=reason), actor=actor, time=time)

    def role(self, address: bytes, *, until: int = 0, compromised_since: int = 0, time: int | None = None) -> int:
        """Append a ROLE and return its number."""
        payload = address + until.to_bytes(5, "big") + compromised_since.to_bytes(5, "big")
        return self.append(ROLE, payload, time=time)

    def status(self, status: int, reason: str = "", *, time: int | None = None) -> int:
        """Append a STATUS and return its number."""
        return self.append(STATUS, bytes((status,)) + reason.encode(), time=time)

    def owner(self, step: int, address: bytes, *, time: int | None = None) -> int:
        """Append an OWNER step and return its number."""
        return self.append(OWNER, bytes((step,)) + address, time=time)

    def head(self, chain_id: int, registry: bytes) -> bytes:
        """Return the head of the log as it stands."""
        head = head0(chain_id, registry, project_id(self.name))
        for blob in self.blobs:
            head = fold_head(head, blob.raw)
        return head


def registry_log(names: Iterable[str], *, owner: bytes = OWNER_KEY, time: int = START) -> list[Blob]:
    """Return a registry log of claims, each the only entry of its project, with nonces 1, 2, 3, …"""
    return [
        Blob(CLAIM, 0, owner, time + number, number.to_bytes(6, "big") + owner + name.encode())
        for number, name in enumerate(names)
    ]
