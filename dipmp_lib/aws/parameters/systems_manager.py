"""Parameters from AWS Systems Manager by boto3, for servers without the secrets extension."""

from collections.abc import Callable
from functools import partial
from typing import Any

from ...errors import SecretError
from ..client import AwsError, aws, call
from . import ParameterName


class SystemsManager:
    """Parameters read and decrypted by GetParameter. Raises SecretError, and StoreError without boto3 or a region."""

    def __init__(self, client: Callable[[], Any] | None = None) -> None:
        self._client = client or partial(aws, "ssm")

    def get(self, name: ParameterName) -> str:
        """Return the value, as the port says."""
        try:
            answer = call(self._client().get_parameter, Name=name.path, WithDecryption=True)
        except AwsError as error:
            hint = "create it as a SecureString, and allow ssm:GetParameter on it"
            raise SecretError(f"{name} cannot be read: {error.code}", hint=hint) from None
        return str(answer["Parameter"]["Value"])
