"""Addresses, times, counts and untrusted texts as people type and read them."""

import re
from datetime import UTC, datetime, timedelta

from dipmp_lib.errors import DipmpError, InvalidInput
from dipmp_lib.model.names import checksum_address, parse_registry

_DURATION = re.compile(r"([1-9][0-9]{0,4})([hdw])")
_UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
_LAST = 253_402_300_799
_MAX_SHOWN = 200


def parse_account(text: str) -> bytes:
    """Return the 20 bytes of an account's address; mixed case must satisfy EIP-55. Raises InvalidInput."""
    try:
        parsed = parse_registry(text.strip())
    except DipmpError as error:
        if "checksum" in str(error):
            raise
        raise InvalidInput(
            f"{text[:80]!r} is not an address", hint="an address is 0x and 40 hexadecimal digits"
        ) from error
    if parsed.chain:
        raise InvalidInput(f"{text[:80]!r} names a chain, and an account is the same on all", hint="leave that out")
    return parsed.address


def parse_time(text: str, now: int, *, ahead: bool) -> int:
    """Return the unix second of a time as typed; `now` is a unix second.

    `2027-01-31`, `2027-01-31 12:00` (UTC, or with an offset), or a duration from now (`ahead`) or ago: `90d`, `12h`,
    `2w`. Raises InvalidInput.
    """
    duration = _DURATION.fullmatch(text.strip().lower())
    if duration is not None:
        seconds = int((int(duration[1]) * _UNITS[duration[2]]).total_seconds())
        return now + seconds if ahead else now - seconds
    try:
        moment = datetime.fromisoformat(text.strip())
        return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())
    except (ValueError, OverflowError):
        raise InvalidInput(
            f"{text[:40]!r} is not a time", hint="write 2027-01-31, 2027-01-31T12:00 (UTC), or 90d, 12h, 2w"
        ) from None


def show_time(seconds: int) -> str:
    """Return a unix second as `2027-01-31 12:00:00 UTC`, or as a number if it is out of range."""
    if not 0 <= seconds <= _LAST:
        return f"second {seconds}"
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def show_account(address: bytes | None) -> str:
    """Return an address with its EIP-55 checksum, "nobody" for the zero address, "unknown" for None."""
    if address is None:
        return "unknown"
    return checksum_address(address) if any(address) else "nobody"


def json_account(address: bytes | None) -> str | None:
    """Return an address with its EIP-55 checksum, None for the zero address and for None."""
    return checksum_address(address) if address is not None and any(address) else None


def plain(text: str) -> str:
    """Return an untrusted text safe for a terminal: printable, on one line, at most 201 characters."""
    shown = text if len(text) <= _MAX_SHOWN else f"{text[:_MAX_SHOWN]}…"
    return "".join(char if char.isprintable() else "\ufffd" for char in shown)


def count(number: int, noun: str) -> str:
    """Return a number with its noun: `1 file`, `2 files`, `2 entries`."""
    if number == 1:
        return f"1 {noun}"
    plural = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
    return f"{number:,} {plural}"
