"""Values as people read them. Pure."""

from dataclasses import dataclass
from urllib.parse import quote

from ...simple_api import timestamp

_UNITS = ("kB", "MB", "GB", "TB")


@dataclass(frozen=True, slots=True)
class Moment:
    """A time: `iso` (RFC 3339) for programs, `text` for people, both UTC."""

    iso: str
    text: str


def moment(seconds: float) -> Moment:
    """Return a unix time as a moment."""
    iso = timestamp(int(seconds))
    return Moment(iso, f"{iso[:10]} {iso[11:16]} UTC")


def size(count: int) -> str:
    """Return a number of bytes with a decimal unit."""
    if count < 1000:
        return f"{count} B"
    value = float(count)
    for unit in _UNITS:
        value /= 1000
        if value < 999.5 or unit == _UNITS[-1]:
            break
    return f"{value:.1f} {unit}" if value < 99.95 else f"{value:.0f} {unit}"


def number(count: int) -> str:
    """Return a number with its thousands apart."""
    return f"{count:,}"


def shortened(text: str) -> str:
    """Return the two ends of an address or digest; what is decided by it needs the whole."""
    return text if len(text) <= 14 else f"{text[:6]}…{text[-4:]}"


def segment(text: str) -> str:
    """Return a text as one segment of a relative URL; the colon of `base:0x…` stays, behind other segments."""
    return quote(text, safe=":")
