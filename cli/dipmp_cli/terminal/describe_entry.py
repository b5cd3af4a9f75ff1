"""Log entries in words, on one line; texts from the chain are made printable and cut."""

from dipmp_lib.log.entries import (
    CLAIM,
    OWNER,
    RELEASE,
    ROLE,
    STATUS,
    YANK,
    Claim,
    Entry,
    OwnerStep,
    Release,
    Role,
    StatusChange,
    Yank,
)
from dipmp_lib.log.rules import status_of

from .format import count, plain, show_account, show_time

_KINDS = {RELEASE: "RELEASE", YANK: "YANK", CLAIM: "CLAIM", OWNER: "OWNER", ROLE: "ROLE", STATUS: "STATUS"}
_SHOWN = 8


def kind_name(kind: int) -> str:
    """Return a kind's name, or its number."""
    return _KINDS.get(kind, f"0x{kind:02x}")


def describe(entry: Entry | None) -> str:
    """Return an entry's content in words; None is an entry that cannot be parsed."""
    match entry:
        case Release():
            text = _release(entry)
        case Yank():
            text = _yank(entry)
        case Claim():
            text = f"claims {entry.name} for {show_account(entry.owner)}"
        case OwnerStep():
            text = _owner_step(entry)
        case Role():
            text = _role(entry)
        case StatusChange():
            text = f"the status is {status_of(entry.status)} (0x{entry.status:02x}){_because(entry.reason)}"
        case None:
            text = "cannot be read by this version of dipmp"
    return text


def _release(entry: Release) -> str:
    requires = f", for Python {plain(entry.requires_python)}" if entry.requires_python else ""
    return f"releases {count(len(entry.files), 'file')}{requires}: {_list([file.filename for file in entry.files])}"


def _yank(entry: Yank) -> str:
    targets = _list([f"entry {each}" if isinstance(each, int) else each for each in entry.targets])
    return f"{'yanks' if entry.yanked else 'unyanks'} {targets}{_because(entry.reason)}"


def _owner_step(entry: OwnerStep) -> str:
    if entry.step == 0:
        return f"is offered to {show_account(entry.address)}" if any(entry.address) else "the offer is withdrawn"
    if entry.step == 1:
        return f"belongs to {show_account(entry.address)}, who accepted it"
    if entry.step == 2:
        return f"the guardian {show_account(entry.address)} resigned"
    return f"step {entry.step} of {show_account(entry.address)}"


def _role(entry: Role) -> str:
    account = show_account(entry.address)
    if entry.until:
        return f"{account} may publish until {show_time(entry.until)}"
    since = f", whose key was compromised since {show_time(entry.compromised_since)}"
    return f"revokes {account}{since if entry.compromised_since else ''}"


def _because(reason: str | None) -> str:
    return f": {plain(reason)}" if reason else ""


def _list(names: list[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(plain(name) for name in names[:_SHOWN]) + more
