"""Filebase's calls against moto's S3: what boto3 sends is what S3 takes, and comes back as it was put."""

import io
from collections.abc import Iterator, Mapping
from typing import Any

import boto3
import pytest

from dipmp_lib.errors import PinnerError, PinnerRefused
from dipmp_lib.http import Fetcher
from dipmp_lib.ipfs import car
from dipmp_lib.ipfs.pinning import Credentials, FilebasePinner
from dipmp_lib.secret import Secret
from tests.support.fakes.aws import aws_server
from tests.support.files.content import MIB, Sample, sample
from tests.support.waiting import HANGS

BUCKET = "ipfs-wheels"
LARGE = sample(bytes(range(256)) * (12 * MIB // 256) + b"!")  # larger than what is held in memory


@pytest.fixture(scope="module")
def env() -> Iterator[Mapping[str, str]]:
    with aws_server() as made:
        yield made


@pytest.fixture
def s3(env: Mapping[str, str]) -> Any:  # noqa: ANN401 - boto3 has no types
    client = boto3.client("s3", endpoint_url=env["AWS_ENDPOINT_URL"], region_name="us-east-1")
    client.create_bucket(Bucket=BUCKET)
    return client


class Importing(FilebasePinner):
    """A pinner that does the service's part between its own calls: moto does not import archives."""

    def work(self, s3: Any) -> None:  # noqa: ANN401
        def imports(**_: object) -> None:
            for item in s3.list_objects_v2(Bucket=BUCKET)["Contents"]:
                found = s3.get_object(Bucket=BUCKET, Key=item["Key"])
                if found["Metadata"] == {"import": "car"}:
                    body = found["Body"].read()
                    [root] = car.read(io.BytesIO(body)).roots
                    metadata = {"import": "car", "cid": str(root)}
                    s3.put_object(Bucket=BUCKET, Key=item["Key"], Body=body, Metadata=metadata)

        self._s3.meta.events.register("before-call.s3.HeadObject", imports)


def pinner(env: Mapping[str, str], bucket: str = BUCKET) -> Importing:
    keys = Credentials([Secret(b"testing"), Secret(b"testing")])
    return Importing(bucket, keys, Fetcher(), endpoint=env["AWS_ENDPOINT_URL"], patience=HANGS, sleep=lambda _: None)


@pytest.mark.parametrize("file", [sample(b""), sample(bytes(1000)), LARGE], ids=["empty", "small", "large"])
def test_P7_an_archive_is_put_whole(env: Mapping[str, str], s3: Any, file: Sample) -> None:  # noqa: ANN401
    pins = pinner(env)
    pins.work(s3)
    pins.pin(file.root, file.car, file.car_size)
    found = s3.get_object(Bucket=BUCKET, Key=f"{file.root}.car")
    assert found["Body"].read() == b"".join(file.car())
    assert found["Metadata"]["cid"] == str(file.root)


def test_P7_an_object_that_is_not_imported_is_no_pin(env: Mapping[str, str], s3: Any) -> None:  # noqa: ANN401
    file = sample(b"never imported")
    pins = pinner(env)
    pins._patience = 0
    with pytest.raises(PinnerError, match="stored the archive, but did not import it"):
        pins.pin(file.root, file.car, file.car_size)
    assert s3.head_object(Bucket=BUCKET, Key=f"{file.root}.car")["Metadata"] == {"import": "car"}


def test_P7_a_bucket_that_is_not_there(env: Mapping[str, str]) -> None:
    file = sample(b"nowhere")
    with pytest.raises(PinnerError, match="answered 404: NoSuchBucket") as caught:
        pinner(env, "no-such-bucket").pin(file.root, file.car, file.car_size)
    assert not isinstance(caught.value, PinnerRefused)
