"""Log format 1, pure: blobs, heads, payloads, and the fold that turns a log into a page (docs/log-format.md).

Nothing here does I/O or keeps state. Every parser is total: it returns a value or raises the one error it names,
whatever bytes it is given.
"""
