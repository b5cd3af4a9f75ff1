"""Pinning through the Kubo RPC API: one streamed `dag/import` with `pin-roots=true`.

Source: the Kubo RPC reference. The answer is NDJSON; HTTP 200 alone says nothing, since failures to pin are reported
inside it: `{"Root": {"Cid": {"/": cid}, "PinErrorMsg": ""}}`, one line a root.
"""

import json
import secrets
from collections.abc import Callable, Iterator

from ..cid import Cid, parse_cid
from ..errors import InvalidCid, PinnerError
from ..http import Answer, Fetcher, mask_url

_CALL = "/api/v0/dag/import?pin-roots=true&allow-big-block=false"
_MAX_ANSWER = 64 * 1024
_MIN_RATE = 64 * 1024
_HINT = "check that the address is that of a Kubo RPC API, and the node's log"


class KuboPinner:
    """Pins at a Kubo RPC endpoint, `http(s)://[user:password@]host:port[/prefix]`.

    One attempt may take `patience` seconds, plus the time the archive needs at 64 KiB/s. Connections that fail and
    answers that ask for another try (429, 502, 503, 504) are tried `attempts` times in all.
    """

    def __init__(self, url: str, fetcher: Fetcher, *, patience: float = 120, attempts: int = 2) -> None:
        self.name = f"kubo:{mask_url(url)}"
        self._url = url.rstrip("/") + _CALL
        self._fetcher = fetcher
        self._patience = patience
        self._attempts = attempts

    def pin(self, root: Cid, car: Callable[[], Iterator[bytes]], size: int) -> None:
        """Pin, as the port says."""
        for attempt in range(1, self._attempts + 1):
            try:
                answer = self._send(car(), size)
            except PinnerError:
                if attempt == self._attempts:
                    raise
                continue
            if answer.status not in (429, 502, 503, 504) or attempt == self._attempts:
                self._check(answer, root)
                return

    def _send(self, archive: Iterator[bytes], size: int) -> Answer:
        boundary = secrets.token_hex(16)
        head = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="file.car"\r\n'
            "Content-Type: application/vnd.ipld.car\r\n\r\n"
        ).encode()
        tail = f"\r\n--{boundary}--\r\n".encode()
        headers = {
            "Content-Type": f"multipart/form-data; boundary={boundary}",
            # With a known length the body is not chunked, and a truncated upload cannot pass for a whole one.
            "Content-Length": str(len(head) + size + len(tail)),
            "Connection": "close",
        }
        return self._fetcher.fetch(
            "POST",
            self._url,
            body=_framed(head, archive, tail, size),
            headers=headers,
            deadline=self._patience + size / _MIN_RATE,
            max_bytes=_MAX_ANSWER,
            error=PinnerError,
        )

    def _check(self, answer: Answer, root: Cid) -> None:
        if answer.status != 200:
            raise PinnerError(f"{self.name} answered {answer.status}: {_reason(answer.body)}", hint=_HINT)
        roots = [_root(line) for line in answer.body.splitlines() if line.strip()]
        if len(roots) != 1:
            raise PinnerError(f"{self.name} reported {len(roots)} pinned roots instead of one", hint=_HINT)
        cid, problem = roots[0]
        if problem:
            raise PinnerError(f"{self.name} stored {root} but did not pin it: {problem}", hint=_HINT)
        if cid != root:
            raise PinnerError(f"{self.name} pinned {cid} instead of {root}", hint="do not use this pinner")


def _framed(head: bytes, archive: Iterator[bytes], tail: bytes, size: int) -> Iterator[bytes]:
    yield head
    sent = 0
    for piece in archive:
        sent += len(piece)
        yield piece
    if sent != size:
        raise PinnerError(f"the archive has {sent} bytes where {size} were announced")
    yield tail


def _root(line: bytes) -> tuple[Cid, str]:
    """Return the root's CID and the pin error, "" for none, of one line of the answer. Raises PinnerError."""
    try:
        root = json.loads(line)["Root"]
        cid, problem = root["Cid"]["/"], root["PinErrorMsg"]
        if isinstance(cid, str) and isinstance(problem, str):
            return parse_cid(cid), _printable(problem)
    except (ValueError, KeyError, TypeError, RecursionError, InvalidCid):
        pass
    raise PinnerError(f"a pinner's answer is not that of dag/import: {_printable(line.decode(errors='replace'))}")


def _reason(body: bytes) -> str:
    try:
        message = json.loads(body)["Message"]
    except (ValueError, KeyError, TypeError, RecursionError):
        message = body.decode(errors="replace")
    return _printable(str(message)) or "nothing"


def _printable(text: str) -> str:
    """Return at most 200 characters that cannot disturb a terminal or a log line."""
    return "".join(char if char.isprintable() else " " for char in text[:200]).strip()
