"""Reasons: the one free text of the log, written for people and shown by installers."""

import re

from .limits import MAX_REASON

# C0 and C1 controls, DEL, line and paragraph separators, and the characters that reorder the text around them.
_FORBIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")


def valid_reason(text: str) -> bool:
    """Tell whether `text` may be a reason: at most 512 code points, none of them a control."""
    return len(text) <= MAX_REASON and _FORBIDDEN.search(text) is None
