"""Parameters from the AWS Parameters and Secrets Lambda Extension, over HTTP on loopback, so no SDK is loaded.

Source: "Using Parameter Store parameters in AWS Lambda functions" in the Systems Manager guide.
"""

import time
from collections.abc import Mapping
from urllib.parse import quote

from ...errors import MalformedAnswer, SecretError
from ...http import Answer, Fetcher
from ...http.strict_json import parse
from .value import MAX_VALUE, ParameterName

SECONDS = 2.0
"""For an answer, all tries together."""
_PAUSE = 0.05
_PORT = "2773"
_MAX_BYTES = 8 * MAX_VALUE
"""A value with every character escaped in JSON, and the document around it."""
_HINT = "allow the function ssm:GetParameter on it and kms:Decrypt on its key"


class ExtensionParameters:
    """Parameters read from the extension that `env` names; one that is still starting is asked again for `seconds`."""

    def __init__(self, fetcher: Fetcher, env: Mapping[str, str], *, seconds: float = SECONDS) -> None:
        self._fetcher = fetcher
        self._env = env  # read at each request: after a restored snapshot it holds another token
        self._seconds = seconds

    def get(self, name: ParameterName) -> str:
        """Return the value. Raises SecretError."""
        answer = self._ask(name)
        if answer.status != 200:
            raise SecretError(f"the secrets extension answered {answer.status} for {name}", hint=_HINT)
        return _value(answer.body, name)

    def _ask(self, name: ParameterName) -> Answer:
        ends = time.monotonic() + self._seconds
        port = self._env.get("PARAMETERS_SECRETS_EXTENSION_HTTP_PORT", _PORT)
        url = f"http://localhost:{port}/systemsmanager/parameters/get?name={quote(name.path, safe='')}"
        while True:
            answer = self._fetcher.fetch(
                "GET",
                url + "&withDecryption=true",
                headers={"X-Aws-Parameters-Secrets-Token": self._env.get("AWS_SESSION_TOKEN", "")},
                deadline=max(ends - time.monotonic(), _PAUSE),
                max_bytes=_MAX_BYTES,
                error=SecretError,
            )
            starting = answer.status == 400 and b"not ready" in answer.body
            if not starting or time.monotonic() + _PAUSE >= ends:
                return answer
            time.sleep(_PAUSE)


def _value(body: bytes, name: ParameterName) -> str:
    """Return the parameter's value in an answer. Raises SecretError, which shows nothing of it."""
    try:
        document = parse(body)
    except MalformedAnswer:
        document = None
    parameter = document.get("Parameter") if isinstance(document, dict) else None
    value = parameter.get("Value") if isinstance(parameter, dict) and parameter.get("Name") == name.path else None
    if not isinstance(value, str):
        raise SecretError(f"the secrets extension did not answer with the parameter {name}")
    return value
