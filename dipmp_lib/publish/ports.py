"""What publishing needs from others, besides pinners and a writer."""

from collections.abc import Mapping
from typing import Protocol

from ..cid import Cid


class Gateway(Protocol):
    """Gets blocks from where installers will get them."""

    @property
    def name(self) -> str:
        """What messages call it; holds no secret."""
        ...

    @property
    def operator(self) -> str:
        """Who runs it, as `operator_of` says, "" where that is not known."""
        ...

    def block(self, cid: Cid, max_bytes: int = ...) -> bytes:
        """Return one block's bytes, whose hash is verified. Raises GatewayError."""
        ...


class Notes(Protocol):
    """Remembers what was pinned and proven, which is as true for the next run. Safe to use from several threads."""

    def known(self, key: str) -> bool:
        """Tell whether something was noted under the key."""
        ...

    def keep(self, key: str, facts: Mapping[str, str | int | None]) -> None:
        """Note something under the key."""
        ...
