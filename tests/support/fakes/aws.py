"""AWS by moto, with the table and bucket of a server.

with fake_aws():                   # in this process
    archive = DynamoArchive(Table(TABLE), ChainIds(1))
with aws_server() as env:          # over HTTP, for other processes with the environment `env`
    ...
"""

import functools
import threading
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import boto3
from moto import mock_aws
from moto.dynamodb.models import DynamoDBBackend
from moto.server import ThreadedMotoServer

from dipmp_lib.aws import client

TABLE, BUCKET, REGION = "dipmp-logs", "dipmp-objects", "eu-central-1"
ENV = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_DEFAULT_REGION": REGION,
    "AWS_EC2_METADATA_DISABLED": "true",
}


@contextmanager
def fake_aws() -> Iterator[None]:
    """Mock boto3 in this process, with an empty table and bucket."""
    with patch.dict("os.environ", ENV), mock_aws(), whole_writes(), fresh_clients():
        create_stores()
        yield


@contextmanager
def aws_server() -> Iterator[Mapping[str, str]]:
    """Serve AWS on loopback, with an empty table and bucket; yields the environment of its clients."""
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    env = ENV | {"AWS_ENDPOINT_URL": f"http://{host}:{port}"}
    try:
        with patch.dict("os.environ", env), whole_writes(), fresh_clients():
            # moto's servers of one process share what they keep.
            urllib.request.urlopen(
                urllib.request.Request(f"http://{host}:{port}/moto-api/reset", method="POST")
            ).close()
            create_stores()
            yield env
    finally:
        server.stop()


@contextmanager
def whole_writes() -> Iterator[None]:
    """Let a write to a table check its condition and take effect as one step, as DynamoDB does and moto does not."""
    lock = threading.RLock()

    def whole(method: Callable[..., object]) -> Callable[..., object]:
        @functools.wraps(method)
        def locked(*args: object, **kwargs: object) -> object:
            with lock:
                return method(*args, **kwargs)

        return locked

    writes: dict[str, Any] = {
        name: whole(getattr(DynamoDBBackend, name)) for name in ("put_item", "update_item", "delete_item")
    }
    with patch.multiple(DynamoDBBackend, **writes):
        yield


@contextmanager
def fresh_clients() -> Iterator[None]:
    """Drop the process's cached clients before and after the block; each belongs to one environment."""
    client._client.cache_clear()
    try:
        yield
    finally:
        client._client.cache_clear()


def create_stores() -> None:
    """Create the table and the bucket as a deployment does."""
    boto3.client("dynamodb").create_table(
        TableName=TABLE,
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
        BillingMode="PAY_PER_REQUEST",
    )
    boto3.client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})


def items() -> list[dict[str, Any]]:
    """Return all items of the table."""
    pages = boto3.client("dynamodb").get_paginator("scan").paginate(TableName=TABLE)
    return [item for page in pages for item in page["Items"]]
