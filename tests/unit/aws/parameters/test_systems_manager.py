"""Parameters by boto3, and what is said where it cannot be used."""

import sys

import boto3
import pytest

from dipmp_lib.aws.parameters import ParameterName
from dipmp_lib.aws.parameters.systems_manager import SystemsManager
from dipmp_lib.errors import SecretError, StoreError
from tests.support.fakes.aws import fake_aws, fresh_clients
from tests.support.fakes.parameters import NAME, SECRET

pytestmark = pytest.mark.slow


def test_systems_manager_by_boto3() -> None:
    with fake_aws():
        boto3.client("ssm").put_parameter(Name=NAME.path, Value=SECRET, Type="SecureString")
        assert SystemsManager().get(NAME) == SECRET
        with pytest.raises(SecretError, match="ParameterNotFound"):
            SystemsManager().get(ParameterName("/none"))


def test_without_boto3_it_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "boto3", None)
    with fresh_clients(), pytest.raises(StoreError, match=r"^boto3 is not installed$") as caught:
        SystemsManager().get(NAME)
    assert caught.value.hint == "pip install 'dipmp-pkg[aws]'"
