"""One JSON-RPC 2.0 endpoint over HTTP."""

import json
import re
from collections.abc import Sequence
from itertools import count

from ...errors import Exhausted, MalformedAnswer, Reverted, RpcError
from ...http import Answer, Fetcher, mask_url
from ...http.strict_json import parse

DEADLINE = 2.5
MAX_BYTES = 8 * 1024 * 1024

_HEADERS = {"Content-Type": "application/json", "Accept": "application/json"}
_REVERTED = 3
_REFUSALS = re.compile("revert|invalidopcode|feopcode|opcodenotfound|invalidjump|stackunderflow|writeprotection")
_EXHAUSTION = re.compile("outofgas|operandoog|gasuint64overflow|insufficientgas|executionaborted|executiontimeout")
"""Messages of geth, reth, Nethermind, Besu and anvil about an execution that failed, in letters and digits alone."""
_NO_LETTER = re.compile("[^a-z0-9]")
_REVERT_DATA = re.compile(r"(?:Reverted )?(0x(?:[0-9a-fA-F]{2})*)")


class HttpRpc:
    """Client of one endpoint. `deadline` is in seconds, from connecting to the last byte; `max_bytes` bounds an answer.

    `str()` and every message show its host only, because keys of providers are part of the path.
    """

    def __init__(self, url: str, fetcher: Fetcher, *, deadline: float = DEADLINE, max_bytes: int = MAX_BYTES) -> None:
        self._url = url
        self._fetcher = fetcher
        self._deadline = deadline
        self._max_bytes = max_bytes
        self._ids = count(1)

    def __str__(self) -> str:
        return mask_url(self._url)

    def request(self, method: str, params: Sequence[object]) -> object:
        """Return the result. Raises as the port says."""
        number = next(self._ids)
        call = {"jsonrpc": "2.0", "id": number, "method": method, "params": list(params)}
        answer = self._fetcher.fetch(
            "POST",
            self._url,
            body=json.dumps(call, separators=(",", ":"), allow_nan=False).encode(),
            headers=_HEADERS,
            deadline=self._deadline,
            max_bytes=self._max_bytes,
            error=RpcError,
        )
        return self._result(answer, number)

    def _result(self, answer: Answer, number: int) -> object:
        """Parse the answer (JSON-RPC 2.0, section 5). Providers send errors with an HTTP error status, or with 200."""
        try:
            reply = _reply(answer.body, number)
            if "error" in reply:
                raise _error(str(self), reply["error"])
        except MalformedAnswer as error:
            if answer.status != 200:
                raise RpcError(f"{self} answered with HTTP status {answer.status}") from None
            raise MalformedAnswer(f"{self} did not answer in JSON-RPC: {error}") from None
        if answer.status != 200:
            raise RpcError(f"{self} answered with HTTP status {answer.status}")
        return reply["result"]


def _reply(body: bytes, number: int) -> dict[str, object]:
    reply = parse(body)
    if not isinstance(reply, dict):
        raise MalformedAnswer("the answer is not an object")
    if reply.get("jsonrpc") != "2.0":
        raise MalformedAnswer("the version is not 2.0")
    # An error about a request that could not even be parsed has the id null.
    wanted = (number, None) if "error" in reply else (number,)
    if type(reply.get("id", "")) not in (int, type(None)) or reply["id"] not in wanted:
        raise MalformedAnswer("the id is not the one asked with")
    if ("result" in reply) == ("error" in reply):
        raise MalformedAnswer("there is not exactly one of result and error")
    return reply


def _error(endpoint: str, error: object) -> RpcError:
    code, message = (error.get("code"), error.get("message")) if isinstance(error, dict) else (None, None)
    if not isinstance(error, dict) or type(code) is not int or not isinstance(message, str):
        raise MalformedAnswer("the error is not an object with code and message")
    data = error.get("data")
    said = f"{endpoint} answered with error {str(code)[:20]}: {message[:200]!a}"
    letters = _NO_LETTER.sub("", message[:200].lower())
    if code == _REVERTED or _REFUSALS.search(letters):
        match = _REVERT_DATA.fullmatch(data) if isinstance(data, str) else None
        return Reverted(said, code=code, data=match[1].lower() if match else "")
    # After a revert, whose reason is the contract's own text. Nothing was refused here: the same call with more gas,
    # or at an endpoint that allows what was asked for, may well succeed.
    kind = Exhausted if _EXHAUSTION.search(letters) else RpcError
    return kind(said, code=code, data=data if isinstance(data, str) else "")
