"""How deep a JSON text nests, known before it is parsed.

A recursive parser's own guard is the interpreter's recursion limit, which another library may have raised past what a
thread's stack holds (py-evm does); hostile nesting then ends the process.
"""

import re

_STRING = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_NOT_BRACKETS = bytes(byte for byte in range(256) if byte not in b"[]{}")


def require_depth(text: bytes, depth: int) -> None:
    """Raise ValueError unless the brackets outside strings are balanced and nest at most `depth` deep."""
    brackets = _STRING.sub(b"", text).translate(None, _NOT_BRACKETS)
    for _ in range(depth):
        if not brackets:
            return
        brackets = brackets.replace(b"[]", b"").replace(b"{}", b"")
    if brackets:
        raise ValueError("too deep, or not balanced")
