"""A registry's checkpoint as an item of DynamoDB. Pure."""

from ..store import Checkpoint
from .items import Item, expiry, foreign, milliseconds, seconds, text

CHECKPOINT = "checkpoint"
"""The item's sort key."""


def checkpoint_item(pk: str, checkpoint: Checkpoint) -> Item:
    """Return the item."""
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
    """Raises StoreError for an item that is none of ours."""
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
        raise foreign(error) from None


def _names(attribute: Item) -> frozenset[str]:
    return frozenset(each["S"] for each in attribute["L"])
