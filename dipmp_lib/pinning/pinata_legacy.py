"""Pinning at Pinata with an API key and secret, as the first dipmp did: the file itself, not an archive of it.

Source: Pinata's API reference, "Pin File to IPFS": multipart with `file` and `pinataOptions`; the answer is
`{"IpfsHash": …, "PinSize": …, "Timestamp": …}`. Pinata cuts the file as it likes. Up to 256 KiB nothing is cut, and
the CID is ours; above that it cannot be, so such a file is refused before anything is sent.
"""

import tempfile
from typing import BinaryIO, cast

from .. import car as archives
from .. import unixfs
from ..cid import RAW, Cid
from ..errors import PinnerBusy, PinnerError
from ..http import Fetcher
from ..operators import operator_of
from .answers import MAX_ANSWER, MIN_RATE, parse_object, require_root, require_success, unexpected
from .credentials import Credentials
from .form import Form
from .port import Archive

UPLOAD_URL = "https://api.pinata.cloud/pinning/pinFileToIPFS"
THEIRS = unixfs.Profile(256 * 1024, 174, 1, raw_leaves=True)
"""How IPFS nodes cut files by default, with `cidVersion` 1."""
_IN_MEMORY = 8 * 1024 * 1024


class LegacyPinataPinner:
    """Pins with an API key and secret, in this order."""

    name = "pinata-legacy:"
    fetches = False

    def __init__(
        self, credentials: Credentials, fetcher: Fetcher, *, url: str = UPLOAD_URL, patience: float = 120
    ) -> None:
        self.operator = operator_of(url)
        self._credentials = credentials
        self._fetcher = fetcher
        self._url = url
        self._patience = patience

    def pin(self, root: Cid, car: Archive, size: int) -> None:  # noqa: ARG002 - of the archive, which is not sent
        """Pin, as the port says."""
        with tempfile.SpooledTemporaryFile(_IN_MEMORY) as spooled:
            file = cast("BinaryIO", spooled)
            length = _unpack(car, file)
            file.seek(0)
            if (theirs := unixfs.scan(file, THEIRS).root) != root:
                raise PinnerError(
                    f"{self.name} would keep {theirs} instead of {root}: it takes files, which it cuts otherwise",
                    hint="use pinata: with a JWT, which takes archives, or another pinner",
                )
            file.seek(0)
            self._send(root, file, length)

    def _send(self, root: Cid, file: BinaryIO, length: int) -> None:
        form = Form({"pinataOptions": '{"cidVersion":1}'}, str(root), "application/octet-stream", length)
        keys = {"pinata_api_key": self._credentials.token(0), "pinata_secret_api_key": self._credentials.token(1)}
        answer = self._fetcher.fetch(
            "POST",
            self._url,
            body=form.body(iter(lambda: file.read(_IN_MEMORY), b"")),
            headers={**form.headers, **keys},
            deadline=self._patience + length / MIN_RATE,
            max_bytes=MAX_ANSWER,
            error=PinnerBusy,
        )
        require_success(self.name, answer)
        match parse_object(self.name, answer):
            case {"IpfsHash": cid}:
                require_root(self.name, cid, root)
            case _:
                raise unexpected(self.name, answer)


def _unpack(car: Archive, file: BinaryIO) -> int:
    """Write the file that the archive holds, whose leaves are raw and in order, and return its length in bytes."""
    with tempfile.SpooledTemporaryFile(_IN_MEMORY) as packed:
        for piece in car():
            packed.write(piece)
        packed.seek(0)
        leaves = (block.data for block in archives.read(cast("BinaryIO", packed)).blocks if block.cid.codec == RAW)
        return sum(file.write(leaf) for leaf in leaves)
