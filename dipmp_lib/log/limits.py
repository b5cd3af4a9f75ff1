"""Limits of log format 1 (docs/log-format.md, "Limits"); they never change."""

MAX_INFLATED = 262_144
"""Bytes of CBOR in one payload, after inflating."""

MAX_DEPTH = 4
"""Arrays inside arrays."""

MAX_ITEMS = 32_768
"""CBOR data items in one payload, arrays included; a full RELEASE has 24,579."""

MAX_FILES = 4_096
"""Files in one RELEASE."""

MAX_TARGETS = 4_096
"""Targets in one YANK."""

MAX_REASON = 512
"""Characters (code points) of a reason."""

MAX_SIZE = 2**40 - 1
"""Bytes of one distribution."""

MAX_METADATA = 1_048_576
"""Bytes of a wheel's METADATA, which is one raw block."""

SEAL_SECONDS = 1_209_600
"""Seconds after its first file for which a version accepts further files (14 days)."""

MAX_ENTRY_NOTES = 64
"""Notes on one entry; one more counts those that were left out."""
