"""Object store in a bucket of S3."""

from collections.abc import Callable
from contextlib import closing
from functools import partial
from typing import Any

from ..errors import StoreError
from ..registry.objects import ObjectHeaders
from .client import AwsError, aws, call

_ABSENT = {"404", "NoSuchKey", "NotFound"}


class S3Objects:
    """An ObjectStore in a bucket. All methods raise StoreError.

    S3 tells that an object is absent only to those who may list the bucket (s3:ListBucket).
    """

    def __init__(self, bucket: str, client: Callable[[], Any] | None = None) -> None:
        self._bucket = bucket
        self._client = client or partial(aws, "s3")

    def get(self, key: str, max_bytes: int) -> bytes | None:
        """Return the object, as the port says."""
        answer = self._find("get_object", key)
        if answer is None:
            return None
        with closing(answer["Body"]) as stream:
            body: bytes = call(stream.read, amt=max_bytes + 1)
        if len(body) > max_bytes:
            raise StoreError(f"the object {key} is larger than {max_bytes} bytes")
        return body

    def has(self, key: str) -> bool:
        """Tell whether there is such an object."""
        return self._find("head_object", key) is not None

    def put(self, key: str, body: bytes, headers: ObjectHeaders) -> None:
        """Store the object, as the port says."""
        named = {
            "ContentType": headers.content_type,
            "ContentEncoding": headers.content_encoding,
            "CacheControl": headers.cache_control,
        }
        given = {name: value for name, value in named.items() if value}
        call(self._client().put_object, Bucket=self._bucket, Key=key, Body=body, **given)

    def _find(self, operation: str, key: str) -> Any:  # noqa: ANN401 - what boto3 returns
        try:
            return call(getattr(self._client(), operation), Bucket=self._bucket, Key=key)
        except AwsError as error:
            if error.code in _ABSENT:
                return None
            raise
