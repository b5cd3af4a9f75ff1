"""Whole logs of one registry, as readers keep them."""

from dipmp_lib.log.blob import Blob, fold_head, head0, project_id
from dipmp_lib.log.log import Log, Slot
from dipmp_lib.model.names import RegistryAddress
from tests.support.files.logs import OWNER_KEY, ProjectLog

CHAIN_ID = 8453
AT = RegistryAddress(b"\x01" * 20)


def held(name: str, blobs: list[Blob], last: int, *, registry: RegistryAddress = AT, status: int = 0) -> Log:
    """Return the log of these entries; the newest has the nonce `last`."""
    head = head0(CHAIN_ID, registry.address, project_id(name))
    for blob in blobs:
        head = fold_head(head, blob.raw)
    return Log(name, Slot(OWNER_KEY, len(blobs), last, status, 0), head, tuple(blobs))


def make_log(count: int, name: str = "foo", tag: bytes = b"", payload: int = 8, *, forked_at: int = 1) -> Log:
    """Return a log of `count` entries; logs of another tag differ from entry `forked_at` on."""
    made = ProjectLog(name)
    for number in range(1, count):
        mark = tag if number >= forked_at else b""
        made.append(0x3F, (b"%d" % number + mark).ljust(payload, b"."))
    return held(name, made.blobs, count)
