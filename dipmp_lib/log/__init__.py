"""Log format 1, pure: blobs, payloads, the fold that turns a log into a page, history and records of logs.

Source: docs/log-format.md. Every parser is total: it returns a value or raises the one error that it names, whatever
bytes it is given.
"""
