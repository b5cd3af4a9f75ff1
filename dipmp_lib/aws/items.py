"""Items of a log archive in DynamoDB, in the attribute values of the low-level client. Pure.

| `pk` | `sk` | attributes |
|---|---|---|
| `{chain id}/{0x address}` | `log/{project}` | `word` `head` `pages` `confirmed` `version` `expires` `renew` |
| the same | `page/{project}/{32 hex digits}` | `data` `expires` |
| the same | `checkpoint` | `total` `tip` `confirmed` `behind` `owed` `sweeping` `swept` `expires` |

`pages` is 32 bytes for each page, oldest first: 16 of its random key, 16 of its content's sha256. Times are unix
milliseconds, but for `expires`, which DynamoDB reads as seconds.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import StoreError
from ..log.log import Slot, pack_slot, parse_slot
from ..model.names import ProjectName
from ..registry import ArchivedHead, Checkpoint

Item = Mapping[str, Any]
KEEP_SECONDS = 30 * 24 * 3600
"""Seconds that a log stays after it was last confirmed."""
LOG = "log/"


def partition(chain_id: int, registry: bytes) -> str:
    """Return the partition key of a registry."""
    return f"{chain_id}/0x{registry.hex()}"


def log_key(name: ProjectName | str) -> str:
    """Return the sort key of a log's head item; that of the registry log is the shortest."""
    return LOG + name


@dataclass(frozen=True, slots=True)
class PageRef:
    """Reference to a page: its random key of 16 bytes, and the first 16 bytes of its content's sha256."""

    key: bytes
    digest: bytes

    def sort_key(self, name: ProjectName | str) -> str:
        """Return the page's sort key."""
        return f"page/{name}/{self.key.hex()}"


def digest_of(page: bytes) -> bytes:
    """Return the first 16 bytes of the sha256 of a page, not deflated."""
    return hashlib.sha256(page).digest()[:16]


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadItem:
    """A log's head item. `version` changes with its content; `renew` is the unix time from which pages are renewed."""

    slot: Slot
    head: bytes
    pages: tuple[PageRef, ...]
    confirmed: float
    version: str
    renew: float

    def item(self, pk: str, name: ProjectName | str) -> Item:
        """Return the item of the log `name` in the partition `pk`."""
        return {
            "pk": text(pk),
            "sk": text(log_key(name)),
            "word": {"B": pack_slot(self.slot).to_bytes(32)},
            "head": {"B": self.head},
            "pages": {"B": b"".join(ref.key + ref.digest for ref in self.pages)},
            "confirmed": milliseconds(self.confirmed),
            "version": text(self.version),
            "renew": milliseconds(self.renew),
            "expires": expiry(self.confirmed),
        }


def parse_head(item: Item) -> HeadItem:
    """Return a head item's content. Raises StoreError for an item that dipmp did not write."""
    try:
        pages = item["pages"]["B"]
        return HeadItem(
            slot=_slot(item),
            head=bytes(item["head"]["B"]),
            pages=tuple(PageRef(pages[at : at + 16], pages[at + 16 : at + 32]) for at in range(0, len(pages), 32)),
            confirmed=seconds(item["confirmed"]),
            version=item["version"]["S"],
            renew=seconds(item["renew"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise _foreign(error) from None


def parse_stored(item: Item) -> tuple[str, ArchivedHead]:
    """Return a log's name and its head, from a head item. Raises StoreError for an item that dipmp did not write."""
    try:
        name = item["sk"]["S"].removeprefix(LOG)
        return name, ArchivedHead(bytes(item["head"]["B"]), _slot(item).last, seconds(item["confirmed"]))
    except (KeyError, TypeError, ValueError) as error:
        raise _foreign(error) from None


def text(value: str) -> Item:
    """Return a string attribute."""
    return {"S": value}


def milliseconds(unix: float) -> Item:
    """Return a unix time as a number attribute, in milliseconds."""
    return {"N": str(round(unix * 1000))}


def seconds(attribute: Item) -> float:
    """Return the unix time in seconds of a number attribute in milliseconds."""
    return int(attribute["N"]) / 1000


def expiry(unix: float, keep: float = KEEP_SECONDS) -> Item:
    """Return the attribute by which DynamoDB deletes an item `keep` seconds after a unix time."""
    return {"N": str(int(unix + keep))}


def _slot(item: Item) -> Slot:
    return parse_slot(int.from_bytes(item["word"]["B"]))


def _foreign(error: Exception) -> StoreError:
    """Return the error for an item that cannot be read."""
    return StoreError(f"the table holds an item that is not dipmp's ({error!r:.80})", hint="use a table of its own")


CHECKPOINT = "checkpoint"
"""The item's sort key."""


def checkpoint_item(pk: str, checkpoint: Checkpoint) -> Item:
    """Return the item of a checkpoint in the partition `pk`."""
    sets = {"behind": checkpoint.behind, "owed": checkpoint.owed}
    return {
        "pk": text(pk),
        "sk": text(CHECKPOINT),
        "total": {"N": str(checkpoint.total)},
        "tip": {"B": checkpoint.tip},
        "confirmed": milliseconds(checkpoint.confirmed),
        "sweeping": milliseconds(checkpoint.sweeping),
        "swept": milliseconds(checkpoint.swept),
        "expires": expiry(checkpoint.confirmed),
        **{name: {"L": [text(each) for each in sorted(names)]} for name, names in sets.items()},
    }


def parse_checkpoint(item: Item) -> Checkpoint:
    """Return a checkpoint item's content. Raises StoreError for an item that dipmp did not write."""
    try:
        return Checkpoint(
            total=int(item["total"]["N"]),
            tip=bytes(item["tip"]["B"]),
            confirmed=seconds(item["confirmed"]),
            sweeping=seconds(item["sweeping"]),
            swept=seconds(item["swept"]),
            behind=_names(item["behind"]),
            owed=_names(item["owed"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise _foreign(error) from None


def _names(attribute: Item) -> frozenset[str]:
    return frozenset(each["S"] for each in attribute["L"])
