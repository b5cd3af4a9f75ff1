"""boto3 for S3 services of others: it makes, signs and parses requests, and the bounded Fetcher carries them.

botocore's own transport has no total deadline, and reads an answer of any length into memory.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ..errors import InvalidSettings, PinnerBusy, PinnerError
from ..http import Fetcher, mask_url
from .answers import MAX_ANSWER, MIN_RATE
from .credentials import Credentials

REGION = "us-east-1"
_PIECE = 256 * 1024


def s3_client(endpoint: str, credentials: Credentials, fetcher: Fetcher, patience: float) -> Any:  # noqa: ANN401
    """Return a client with an access key and a secret key, in this order, whose calls raise PinnerBusy for a peer that
    fails or takes more than `patience` seconds, plus what the body needs at 64 KiB/s.

    Raises InvalidSettings where boto3 is missing.
    """
    try:
        import boto3  # noqa: PLC0415 - takes half a second, and few need it
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
    client.meta.events.register("before-send.s3", _Carrier(fetcher, patience))
    return client


@dataclass(frozen=True, slots=True)
class _Carrier:
    """Answers botocore's `before-send` event, in place of its transport."""

    fetcher: Fetcher
    patience: float

    def __call__(self, request: Any, **_: object) -> Any:  # noqa: ANN401 - an AWSPreparedRequest
        from botocore.awsrequest import AWSResponse  # noqa: PLC0415

        headers = {name: _text(value) for name, value in request.headers.items()}
        headers.pop("Expect", None)  # nobody here waits for 100 Continue
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
