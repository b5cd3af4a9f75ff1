"""Pinning at Filebase: a CAR put into an S3 bucket of IPFS with the metadata `import=car`.

Source: Filebase's documentation of its S3 API. The object's metadata then has `cid`, the root that was imported, once
the import is done; an object without it is stored, but not pinned.
"""

import tempfile
import time
from collections.abc import Callable
from typing import Any

from ..cid import Cid
from ..errors import InvalidSettings, PinnerBusy, PinnerError
from ..http import Answer
from ..operators import operator_of
from .answers import require_root, require_success
from .credentials import Credentials
from .port import Archive

ENDPOINT = "https://s3.filebase.com"
REGION = "us-east-1"
MAX_OBJECT = 5 * 1024**3
"""What one PUT of S3 may hold."""
_IN_MEMORY = 8 * 1024 * 1024
_SECONDS = 120.0
_PAUSE = 2.0


class FilebasePinner:
    """Pins in one bucket, with an access key and a secret key, in this order. The import may take `patience` seconds.

    Raises InvalidSettings where boto3 is missing.
    """

    fetches = False

    def __init__(
        self,
        bucket: str,
        credentials: Credentials,
        *,
        endpoint: str = ENDPOINT,
        patience: float = _SECONDS,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name = f"filebase:{bucket}"
        self.operator = operator_of(endpoint)
        self._bucket = bucket
        self._s3 = _client(endpoint, credentials)
        self._patience = patience
        self._sleep = sleep
        self._clock = clock

    def pin(self, root: Cid, car: Archive, size: int) -> None:
        """Pin, as the port says."""
        if size > MAX_OBJECT:
            raise PinnerError(f"{self.name} takes at most {MAX_OBJECT} bytes at once, and the archive has {size}")
        key = f"{root}.car"
        with tempfile.SpooledTemporaryFile(_IN_MEMORY) as file:
            for piece in car():
                file.write(piece)
            file.seek(0)
            self._call("put_object", Key=key, Body=file, ContentLength=size, Metadata={"import": "car"})
        require_root(self.name, self._imported(key), root)

    def _imported(self, key: str) -> str:
        """Return the CID that the service gives the object, waiting until it gives one."""
        ends = self._clock() + self._patience
        while not (cid := self._call("head_object", Key=key)["Metadata"].get("cid")):
            if self._clock() >= ends:
                raise PinnerError(
                    f"{self.name} stored the archive, but did not import it within {self._patience:g} s",
                    hint="check that the bucket is one of IPFS, and that the account may import CARs",
                )
            self._sleep(_PAUSE)
        return str(cid)

    def _call(self, operation: str, **arguments: object) -> dict[str, Any]:
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - boto3 is an extra

        try:
            answer: dict[str, Any] = getattr(self._s3, operation)(Bucket=self._bucket, **arguments)
        except ClientError as error:
            require_success(self.name, _answer(error.response), _code(error.response))
            raise PinnerError(f"{self.name} failed: {_code(error.response)}") from None
        except BotoCoreError as error:  # no text of these: some quote what was sent
            raise PinnerBusy(f"{self.name} cannot be reached or broke off ({type(error).__name__})") from None
        return answer


def _answer(response: Any) -> Answer:  # noqa: ANN401 - boto3 has no types
    meta = response.get("ResponseMetadata", {})
    return Answer(int(meta.get("HTTPStatusCode", 500)), meta.get("HTTPHeaders", {}), b"")


def _code(response: Any) -> str:  # noqa: ANN401
    code = str(response.get("Error", {}).get("Code", ""))
    return "".join(char for char in code[:80] if char.isascii() and char.isprintable())


def _client(endpoint: str, credentials: Credentials) -> Any:  # noqa: ANN401
    try:
        import boto3  # noqa: PLC0415 - takes half a second, and few need it
        from botocore.config import Config  # noqa: PLC0415
    except ModuleNotFoundError:
        raise InvalidSettings(["the pinner filebase: needs boto3: pip install 'dipmp-pkg[aws]'"]) from None
    config = Config(
        connect_timeout=10,
        read_timeout=_SECONDS,
        retries={"total_max_attempts": 1},  # RetryingPinner decides about those
        s3={"addressing_style": "path"},
        # Checksums in trailers are Amazon's own.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )
    return boto3.client(
        "s3",
        endpoint_url=endpoint,
        region_name=REGION,
        aws_access_key_id=credentials.token(0),
        aws_secret_access_key=credentials.token(1),
        config=config,
    )
