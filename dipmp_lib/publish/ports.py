"""What publishing needs from others, besides pinners and a writer."""

from typing import Protocol

from ..cid import Cid


class Blocks(Protocol):
    """Gets blocks from where installers will get them."""

    def block(self, cid: Cid, max_bytes: int = ...) -> bytes:
        """Return one block's bytes, whose hash is verified. Raises GatewayError."""
        ...
