"""boto3 clients: made once, bounded in time, and errors that name no secret."""

import sys

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from dipmp_lib.aws.client import ATTEMPTS, CONNECT_SECONDS, READ_SECONDS, AwsError, aws, call
from dipmp_lib.errors import StoreError
from tests.support.fakes.aws import REGION, fake_aws, fresh_clients


def refusal(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "a message with an account's number"}}, "GetItem")


@pytest.mark.slow
def test_a_client_is_made_once_a_service_and_region() -> None:
    with fake_aws():
        assert aws("s3") is aws("s3")
        assert aws("s3") is not aws("s3", "us-east-1")
        assert (aws("s3").meta.region_name, aws("s3", "us-east-1").meta.region_name) == (REGION, "us-east-1")


@pytest.mark.slow
def test_a_client_waits_for_a_bounded_time() -> None:
    with fake_aws():
        config = aws("dynamodb").meta.config
    assert (config.connect_timeout, config.read_timeout) == (CONNECT_SECONDS, READ_SECONDS)
    assert config.retries["total_max_attempts"] == ATTEMPTS
    assert ATTEMPTS * (CONNECT_SECONDS + READ_SECONDS) <= 6


def test_without_a_region_it_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_DEFAULT_REGION", "AWS_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "none")
    with fresh_clients(), pytest.raises(StoreError, match="dynamodb cannot be used: NoRegionError") as caught:
        aws("dynamodb")
    assert caught.value.hint == "set AWS_REGION"


def test_without_boto3_it_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "boto3", None)
    with fresh_clients(), pytest.raises(StoreError, match=r"^boto3 is not installed$"):
        aws("s3")


def test_a_call_returns_what_the_operation_does() -> None:
    def operation(**arguments: object) -> object:
        return arguments

    assert call(operation, Key="a") == {"Key": "a"}


@pytest.mark.parametrize("code", ["ConditionalCheckFailedException", "", "x" * 1000])
def test_an_error_with_a_code_keeps_the_code_and_no_message(code: str) -> None:
    def operation() -> None:
        raise refusal(code)

    with pytest.raises(AwsError, match="operation was refused") as caught:
        call(operation)
    assert caught.value.code == code[:80]
    assert "account" not in str(caught.value)


def test_an_endpoint_that_cannot_be_reached_is_named_in_no_message() -> None:
    def operation() -> None:
        raise EndpointConnectionError(endpoint_url="http://internal.example")

    with pytest.raises(StoreError, match="operation failed: EndpointConnectionError") as caught:
        call(operation)
    assert "internal" not in str(caught.value)
    assert not isinstance(caught.value, AwsError)
