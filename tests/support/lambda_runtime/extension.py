"""A stand-in for the AWS Parameters and Secrets Lambda Extension, as far as it reads parameters.

Each environment has its own, as in a real one: loopback HTTP, the environment's session token in a header, 400 until
the first invocation. Source: "Using Parameter Store parameters in AWS Lambda functions" in the Systems Manager guide.
"""

import hmac
import json
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, urlsplit

from .loopback import LoopbackHandler, LoopbackServer

PATH = "/systemsmanager/parameters/get"
TOKEN = "X-Aws-Parameters-Secrets-Token"
Parameters = Callable[[str], str | None]
"""Returns a parameter's decrypted value by its name, None where there is none."""


def no_parameters(_: str) -> None:
    """Return None for every name."""


def stored_parameters(options: Mapping[str, str]) -> Parameters:
    """Return the parameters in a Systems Manager; `options` are the arguments of boto3's client."""
    import boto3

    ssm = boto3.client("ssm", **options)

    def parameter(name: str) -> str | None:
        try:
            return str(ssm.get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"])
        except ssm.exceptions.ParameterNotFound:
            return None

    return parameter


class Extension:
    """Listens from construction to `close`; refuses every request until it is `ready`."""

    def __init__(self, parameters: Parameters, token: str) -> None:
        self.ready = False
        self._parameters = parameters
        self._token = token
        self._server = LoopbackServer(_handler(self))
        self._server.start()

    @property
    def port(self) -> int:
        """The port on loopback."""
        return int(self._server.server_address[1])

    def close(self) -> None:
        """Stop listening."""
        self._server.stop()

    def answer(self, target: str, token: str) -> tuple[int, bytes]:
        """Return status and body for one request."""
        parts = urlsplit(target)
        query = parse_qs(parts.query)
        if not self.ready:
            return 400, b"not ready to serve traffic, please wait"
        if not hmac.compare_digest(token.encode(), self._token.encode()):
            return 403, b"token mismatch"
        if parts.path != PATH or query.get("withDecryption") != ["true"]:
            return 400, b"bad request"
        name = query.get("name", [""])[0]
        value = self._parameters(name)
        if value is None:
            return 400, b"an unexpected error occurred while executing request"
        return 200, json.dumps(_document(name, value)).encode()


def _document(name: str, value: str) -> dict[str, Any]:
    parameter = {"DataType": "text", "Name": name, "Type": "SecureString", "Value": value, "Version": 1}
    return {"Parameter": parameter, "ResultMetadata": {}}


def _handler(extension: Extension) -> type[BaseHTTPRequestHandler]:
    class Handler(LoopbackHandler):
        def do_GET(self) -> None:  # noqa: N802 - http.server's name
            self.reply_json(*extension.answer(self.path, self.headers.get(TOKEN, "")))

    return Handler
