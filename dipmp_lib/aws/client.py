"""boto3 clients, one a service and region and bounded in time, and their errors as StoreError."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from ..errors import StoreError

CONNECT_SECONDS = 1.0
READ_SECONDS = 2.0
ATTEMPTS = 2
"""Tries of one call, which thus takes at most 6 s with both timeouts."""

_making = threading.Lock()


@cache
def _client(service: str, region: str) -> Any:  # noqa: ANN401 - boto3 makes its clients' methods at run time
    import boto3  # noqa: PLC0415 - takes half a second, and a healthy server needs none of it
    from botocore.config import Config  # noqa: PLC0415

    config = Config(
        connect_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
        retries={"total_max_attempts": ATTEMPTS, "mode": "standard"},
        max_pool_connections=32,
    )
    return boto3.client(service, region_name=region or None, config=config)


def aws(service: str, region: str = "") -> Any:  # noqa: ANN401
    """Return the process's client of a service; keys, endpoint and, where "", region come from the AWS_* variables.

    Raises StoreError where they are missing or boto3 is not installed.
    """
    with _making, _as_store_errors(service):
        return _client(service, region)


@contextmanager
def _as_store_errors(service: str) -> Iterator[None]:
    try:
        yield
    except ModuleNotFoundError as error:
        raise StoreError(f"{error.name} is not installed", hint="pip install 'dipmp-pkg[aws]'") from error
    except Exception as error:
        raise StoreError(f"{service} cannot be used: {type(error).__name__}", hint="set AWS_REGION") from error


def call(operation: Callable[..., Any], **arguments: object) -> Any:  # noqa: ANN401
    """Return what a client's operation returns. Raises StoreError, and AwsError for an error that has a code."""
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

    try:
        return operation(**arguments)
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code", ""))[:80]
        raise AwsError(operation.__name__, code) from None
    except BotoCoreError as error:
        # Its text may hold an endpoint, but no key.
        raise StoreError(f"{operation.__name__} failed: {type(error).__name__}", hint="try again in a moment") from None


class AwsError(StoreError):
    """AWS answered with an error; `code` is AWS's, such as ConditionalCheckFailedException."""

    def __init__(self, operation: str, code: str) -> None:
        super().__init__(f"{operation} was refused: {code}", hint="check the server's permissions and the setting")
        self.code = code
