"""Pinning by the Kubo RPC API, also at the embedded store: one streamed `dag/import` with `pin-roots=true`.

Source: the Kubo RPC reference. The answer is NDJSON, one line a root, and failures to pin are reported inside a 200:
`{"Root": {"Cid": {"/": cid}, "PinErrorMsg": ""}}`. The node's own errors are 500 with
`{"Message": …, "Code": …, "Type": "error"}`, and another try does not change them.
"""

from ...errors import InvalidCid, MalformedAnswer, PinnerBusy, PinnerError
from ...http import Answer, Fetcher, mask_url
from ...http.strict_json import parse
from ..cid import Cid, parse_cid
from ..providers import provider_of
from .answers import MAX_ANSWER, MIN_RATE, MultipartForm, printable, require_root, require_success
from .port import Archive

_CALL = "/api/v0/dag/import?pin-roots=true&allow-big-block=false"
_HINT = "check that the address is that of a Kubo RPC API, and the node's log"


class KuboPinner:
    """Pins at a Kubo RPC endpoint, `http(s)://[user:password@]host:port[/prefix]`.

    It may take `patience` seconds, plus the time the archive needs at 64 KiB/s.
    """

    fetches = False

    def __init__(self, url: str, fetcher: Fetcher, *, patience: float = 120) -> None:
        self.name = f"kubo:{mask_url(url)}"
        self.operator = provider_of(url)
        self._url = url.rstrip("/") + _CALL
        self._fetcher = fetcher
        self._patience = patience

    def pin(self, root: Cid, car: Archive, size: int) -> None:
        """Pin, as the port says."""
        form = MultipartForm({}, "file.car", "application/vnd.ipld.car", size)
        answer = self._fetcher.fetch(
            "POST",
            self._url,
            body=form.body(car()),
            headers=form.headers,
            deadline=self._patience + size / MIN_RATE,
            max_bytes=MAX_ANSWER,
            error=PinnerBusy,
        )
        message = _message(answer)
        if answer.status == 500 and message:
            raise PinnerError(f"{self.name} answered 500: {message}", hint=_HINT)
        require_success(self.name, answer, message)
        self._check(answer, root)

    def _check(self, answer: Answer, root: Cid) -> None:
        if answer.status != 200:
            raise PinnerError(f"{self.name} answered {answer.status}", hint=_HINT)
        roots = [self._root(line) for line in answer.body.splitlines() if line.strip()]
        if len(roots) != 1:
            raise PinnerError(f"{self.name} reported {len(roots)} pinned roots instead of one", hint=_HINT)
        cid, problem = roots[0]
        if problem:
            raise PinnerError(f"{self.name} stored {root} but did not pin it: {problem}", hint=_HINT)
        require_root(self.name, cid, root)

    def _root(self, line: bytes) -> tuple[str, str]:
        """Return the root's CID and the pin error, "" for none, of one line of the answer. Raises PinnerError."""
        match _parsed(line):
            case {"Root": {"Cid": {"/": str(cid)}, "PinErrorMsg": str(problem)}} if _is_cid(cid):
                return cid, printable(problem.encode(errors="replace"))
        raise PinnerError(f"the answer of {self.name} is not that of dag/import: {printable(line)}", hint=_HINT)


def _is_cid(text: str) -> bool:
    try:
        parse_cid(text)
    except InvalidCid:
        return False
    return True


def _message(answer: Answer) -> str:
    match _parsed(answer.body):
        case {"Message": str(message)}:
            return printable(message.encode(errors="replace"))
    return ""


def _parsed(body: bytes) -> object:
    try:
        return parse(body)
    except MalformedAnswer:
        return None
