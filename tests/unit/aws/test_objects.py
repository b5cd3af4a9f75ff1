"""Objects in S3 (by moto): what was put is got, bounded, with its headers; absence is told from failure."""

from collections.abc import Iterator

import boto3
import pytest

from dipmp_lib.aws.objects import S3Objects
from dipmp_lib.errors import StoreError
from dipmp_lib.registry.objects import ObjectHeaders
from tests.support.fakes.aws import BUCKET, fake_aws

pytestmark = pytest.mark.slow

HEADERS = ObjectHeaders(content_type="text/html; charset=utf-8", content_encoding="gzip", cache_control="max-age=0")


@pytest.fixture
def objects() -> Iterator[S3Objects]:
    with fake_aws():
        yield S3Objects(BUCKET)


def test_what_is_put_is_got(objects: S3Objects) -> None:
    assert (objects.get("pages/a", 10), objects.has("pages/a")) == (None, False)
    objects.put("pages/a", b"12345", HEADERS)
    assert (objects.get("pages/a", 5), objects.has("pages/a")) == (b"12345", True)
    objects.put("pages/a", b"new", ObjectHeaders())
    assert objects.get("pages/a", 5) == b"new"


def test_headers_are_kept(objects: S3Objects) -> None:
    objects.put("pages/a", b"12345", HEADERS)
    head = boto3.client("s3").head_object(Bucket=BUCKET, Key="pages/a")
    assert [head[name] for name in ("ContentType", "ContentEncoding", "CacheControl")] == [
        HEADERS.content_type,
        HEADERS.content_encoding,
        HEADERS.cache_control,
    ]


def test_a_larger_object_is_refused(objects: S3Objects) -> None:
    objects.put("metadata/a", b"123456", HEADERS)
    with pytest.raises(StoreError, match="larger than 5"):
        objects.get("metadata/a", 5)


def test_a_bucket_that_is_not_there_is_a_failure_and_no_absence(objects: S3Objects) -> None:
    del objects
    other = S3Objects("another-bucket")
    with pytest.raises(StoreError, match="NoSuchBucket"):
        other.get("metadata/a", 5)
    with pytest.raises(StoreError):
        other.put("metadata/a", b"", HEADERS)
