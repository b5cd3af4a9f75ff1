"""Pinning at Pinata: the v3 upload of a CAR with a JWT, and the legacy upload of a file with an API key.

Source: Pinata's API reference, "Upload a File": `POST /v3/files` as multipart with `network=public`, `car=true`; the
answer is `{"data": {"cid": …}}`. Without `network` an upload is private, and nobody could fetch it.
"""

import tempfile
from typing import BinaryIO, cast

from ...errors import PinnerBusy, PinnerError
from ...http import Answer, Fetcher
from .. import car as archives
from .. import unixfs
from ..cid import RAW, Cid
from ..providers import provider_of
from .answers import MAX_ANSWER, MIN_RATE, MultipartForm, parse_object, require_root, require_success, unexpected
from .credentials import Credentials
from .port import Archive

UPLOAD_URL = "https://uploads.pinata.cloud/v3/files"


class PinataPinner:
    """Pins with a JWT that may write files. It may take `patience` seconds, plus the archive's time at 64 KiB/s."""

    fetches = False

    def __init__(
        self,
        credentials: Credentials,
        fetcher: Fetcher,
        *,
        name: str = "pinata:",
        url: str = UPLOAD_URL,
        patience: float = 120,
    ) -> None:
        self.name = name
        self.operator = provider_of(url)
        self._credentials = credentials
        self._fetcher = fetcher
        self._url = url
        self._patience = patience

    def pin(self, root: Cid, car: Archive, size: int) -> None:
        """Pin, as the port says."""
        fields = {"network": "public", "name": str(root), "car": "true"}
        form = MultipartForm(fields, f"{root}.car", "application/vnd.ipld.car", size)
        answer = self._fetcher.fetch(
            "POST",
            self._url,
            body=form.body(car()),
            headers={**form.headers, "Authorization": f"Bearer {self._credentials.token()}"},
            deadline=self._patience + size / MIN_RATE,
            max_bytes=MAX_ANSWER,
            error=PinnerBusy,
        )
        require_success(self.name, answer)
        require_root(self.name, self._cid(answer), root)

    def _cid(self, answer: Answer) -> object:
        match parse_object(self.name, answer):
            case {"data": {"network": "private"}}:
                raise unexpected(self.name, answer)
            case {"data": {"cid": cid}}:
                return cid
        raise unexpected(self.name, answer)


LEGACY_UPLOAD_URL = "https://api.pinata.cloud/pinning/pinFileToIPFS"
LEGACY_PROFILE = unixfs.Profile(256 * 1024, 174, 1, raw_leaves=True)
"""Profile by which the legacy upload chunks files: the default of IPFS nodes, with `cidVersion` 1."""
_IN_MEMORY = 8 * 1024 * 1024


class LegacyPinataPinner:
    """Pins files by the legacy upload, with an API key and secret, in this order."""

    name = "pinata-legacy:"
    fetches = False

    def __init__(
        self, credentials: Credentials, fetcher: Fetcher, *, url: str = LEGACY_UPLOAD_URL, patience: float = 120
    ) -> None:
        self.operator = provider_of(url)
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
            if (theirs := unixfs.scan(file, LEGACY_PROFILE).root) != root:
                raise PinnerError(
                    f"{self.name} would keep {theirs} instead of {root}: it takes files, which it cuts otherwise",
                    hint="use pinata: with a JWT, which takes archives, or another pinner",
                )
            file.seek(0)
            self._send(root, file, length)

    def _send(self, root: Cid, file: BinaryIO, length: int) -> None:
        form = MultipartForm({"pinataOptions": '{"cidVersion":1}'}, str(root), "application/octet-stream", length)
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
