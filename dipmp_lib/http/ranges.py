"""Single byte ranges of a body. Source: RFC 9110, sections 13.1.5 (If-Range) and 14 (Range)."""

import re

_RANGE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})")


def byte_range(header: str, size: int) -> tuple[int, int] | None:
    """Return (start, stop) of the only range in a Range header; None to ignore it, start >= stop to answer 416."""
    match = _RANGE.fullmatch(header.strip())
    if match is None or match[0] == "bytes=-":
        return None
    if not match[1]:
        return max(size - int(match[2]), 0), size
    start, last = int(match[1]), int(match[2]) if match[2] else size - 1
    if match[2] and last < start:
        return None
    return start, min(last + 1, size)


def wanted_range(range_header: str, if_range: str | None, etag: str, size: int) -> tuple[int, int] | None:
    """Return what `byte_range` returns, and None where If-Range names another body than the strong `etag`."""
    return byte_range(range_header, size) if if_range in (None, etag) else None
