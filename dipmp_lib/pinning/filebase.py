"""Pinning at Filebase: a CAR put into an S3 bucket of IPFS with the metadata `import=car`.

Source: Filebase's documentation of its S3 API. The object's metadata then has `cid`, the root that was imported, once
the import is done; an object without it is stored, but not pinned.
"""

import tempfile
import time
from collections.abc import Callable, Mapping
from typing import Any

from ..cid import Cid
from ..errors import PinnerBusy, PinnerError
from ..http import Answer, Fetcher
from ..operators import operator_of
from .answers import require_root, require_success
from .credentials import Credentials
from .port import Archive
from .s3 import s3_client

ENDPOINT = "https://s3.filebase.com"
MAX_OBJECT = 5 * 1024**3
"""What one PUT of S3 may hold."""
_IN_MEMORY = 8 * 1024 * 1024
_PAUSE = 2.0


class FilebasePinner:
    """Pins in one bucket, with an access key and a secret key, in this order.

    A call may take `patience` seconds, plus the archive's time at 64 KiB/s, and so may the import. Raises
    InvalidSettings where boto3 is missing.
    """

    fetches = False

    def __init__(
        self,
        bucket: str,
        credentials: Credentials,
        fetcher: Fetcher,
        *,
        endpoint: str = ENDPOINT,
        patience: float = 120,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name = f"filebase:{bucket}"
        self.operator = operator_of(endpoint)
        self._bucket = bucket
        self._s3 = s3_client(endpoint, credentials, fetcher, patience)
        self._patience = patience
        self._sleep = sleep
        self._clock = clock

    def pin(self, root: Cid, car: Archive, size: int) -> None:
        """Pin, as the port says."""
        if size > MAX_OBJECT:
            raise PinnerError(f"{self.name} takes at most {MAX_OBJECT} bytes at once, and the archive has {size}")
        key = f"{root}.car"
        with tempfile.SpooledTemporaryFile(_IN_MEMORY) as file:
            sent = sum(file.write(piece) for piece in car())
            if sent != size:
                raise PinnerError(f"the archive has {sent} bytes where {size} were announced")
            file.seek(0)
            self._call("put_object", Key=key, Body=file, Metadata={"import": "car"})
        require_root(self.name, self._imported(key), root)

    def _imported(self, key: str) -> object:
        """Return the CID that the service gives the object, waiting until it gives one."""
        ends = self._clock() + self._patience
        while not (cid := self._call("head_object", Key=key).get("Metadata", {}).get("cid")):
            if self._clock() >= ends:
                raise PinnerError(
                    f"{self.name} stored the archive, but did not import it within {self._patience:g} s",
                    hint="check that the bucket is one of IPFS, and that the account may import CARs",
                )
            self._sleep(_PAUSE)
        return cid

    def _call(self, operation: str, **arguments: object) -> Mapping[str, Any]:
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - boto3 is an extra

        try:
            answer: Mapping[str, Any] = getattr(self._s3, operation)(Bucket=self._bucket, **arguments)
        except ClientError as error:
            require_success(self.name, _answer(error.response), _code(error.response))
            raise PinnerError(f"{self.name} failed: {_code(error.response)}") from None
        except BotoCoreError as error:  # no text of these: some quote what was sent
            raise PinnerBusy(f"{self.name} answered something else than S3 ({type(error).__name__})") from None
        return answer


def _answer(response: Mapping[str, Any]) -> Answer:
    meta = response.get("ResponseMetadata", {})
    return Answer(int(meta.get("HTTPStatusCode", 500)), meta.get("HTTPHeaders", {}), b"")


def _code(response: Mapping[str, Any]) -> str:
    code = str(response.get("Error", {}).get("Code", ""))
    return "".join(char for char in code[:80] if char.isascii() and char.isprintable())
