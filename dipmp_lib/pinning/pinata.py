"""Pinning at Pinata: the v3 upload of a CAR with a JWT.

Source: Pinata's API reference, "Upload a File": `POST /v3/files` as multipart with `network=public`, `car=true`; the
answer is `{"data": {"cid": …}}`. Without `network` an upload is private, and nobody could fetch it.
"""

from ..cid import Cid
from ..errors import PinnerBusy
from ..http import Answer, Fetcher
from ..operators import operator_of
from .answers import MAX_ANSWER, MIN_RATE, parse_object, require_root, require_success, unexpected
from .credentials import Credentials
from .form import Form
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
        self.operator = operator_of(url)
        self._credentials = credentials
        self._fetcher = fetcher
        self._url = url
        self._patience = patience

    def pin(self, root: Cid, car: Archive, size: int) -> None:
        """Pin, as the port says."""
        fields = {"network": "public", "name": str(root), "car": "true"}
        form = Form(fields, f"{root}.car", "application/vnd.ipld.car", size)
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
