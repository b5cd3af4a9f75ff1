"""Pinning at Filebase: a CAR put into an S3 bucket of IPFS with the metadata `import=car`.

Source: Filebase's documentation of its S3 API. The object's metadata then has `cid`, the root that was imported, once
the import is done; an object without it is stored, but not pinned.
"""

import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ...errors import InvalidSettings, PinnerBusy, PinnerError
from ...http import Answer, Fetcher, mask_url
from ..cid import Cid
from ..providers import provider_of
from .answers import MAX_ANSWER, MIN_RATE, require_root, require_success
from .credentials import Credentials
from .port import Archive

REGION = "us-east-1"
_PIECE = 256 * 1024


def s3_client(endpoint: str, credentials: Credentials, fetcher: Fetcher, patience: float) -> Any:  # noqa: ANN401
    """Return an S3 client with an access key and a secret key, in this order.

    Its calls raise PinnerBusy for a peer that fails or takes more than `patience` seconds, plus the body's time at
    64 KiB/s.

    Raises InvalidSettings where boto3 is missing.
    """
    try:
        import boto3  # noqa: PLC0415 - takes half a second to import
        from botocore.config import Config  # noqa: PLC0415
    except ModuleNotFoundError:
        raise InvalidSettings(["the pinner filebase: needs boto3: pip install 'dipmp-pkg[aws]'"]) from None
    config = Config(
        retries={"total_max_attempts": 1},  # RetryingPinner decides about those
        s3={"addressing_style": "path"},
        # Checksums in trailers are Amazon's own.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )
    client = boto3.client(
        "s3",
        endpoint_url=endpoint,
        region_name=REGION,
        aws_access_key_id=credentials.token(0),
        aws_secret_access_key=credentials.token(1),
        config=config,
    )
    client.meta.events.register("before-send.s3", _Transport(fetcher, patience))
    return client


@dataclass(frozen=True, slots=True)
class _Transport:
    """Handler of botocore's `before-send` event: sends requests with our client in place of botocore's."""

    fetcher: Fetcher
    patience: float

    def __call__(self, request: Any, **_: object) -> Any:  # noqa: ANN401 - an AWSPreparedRequest
        from botocore.awsrequest import AWSResponse  # noqa: PLC0415

        headers = {name: _text(value) for name, value in request.headers.items()}
        headers.pop("Expect", None)  # our client does not wait for 100 Continue
        length = int(headers.get("Content-Length", "0"))
        answer = self.fetcher.fetch(
            request.method,
            request.url,
            body=_pieces(request.body),
            headers=headers,
            deadline=self.patience + length / MIN_RATE,
            max_bytes=MAX_ANSWER,
            error=PinnerBusy,
        )
        if answer.status // 100 == 3 or (answer.status, request.method) == (400, "HEAD"):
            # botocore would ask for the bucket's region, be answered the same, and ask again, without end.
            raise PinnerError(f"{mask_url(request.url)} answered {answer.status} to S3", hint="check the bucket's name")
        return AWSResponse(request.url, answer.status, answer.headers, _Raw(answer.body))


@dataclass(frozen=True, slots=True)
class _Raw:
    body: bytes

    def stream(self) -> Iterator[bytes]:
        yield self.body


def _pieces(body: Any) -> "bytes | Iterator[bytes]":  # noqa: ANN401
    if body is None or isinstance(body, bytes):
        return body or b""
    return iter(lambda: body.read(_PIECE), b"")


def _text(value: object) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


ENDPOINT = "https://s3.filebase.com"
MAX_OBJECT = 5 * 1024**3
"""Bytes that one PUT of S3 may have."""
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
        self.operator = provider_of(endpoint)
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
        """Return the CID in the metadata of the object, waiting until the import sets it."""
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
