"""Pinning by the IPFS Pinning Service API 1.0.0: the service gets a CID and fetches the blocks itself.

Source: the API's OpenAPI document. `POST /pins` answers 202 with a `requestid` and a `status`: queued, pinning, pinned
or failed. Only `pinned` is; asking again for the same CID makes a second request, so it is looked up first.
"""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from urllib.parse import quote

from ...errors import PinnerBusy, PinnerError
from ...http import Answer, Fetcher, mask_url
from ..cid import Cid
from ..providers import provider_of
from .answers import parse_object, printable, require_root, require_success, unexpected
from .credentials import Credentials
from .port import Archive

_MAX_ANSWER = 1024 * 1024
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 30.0
_ALIVE = ("queued", "pinning", "pinned")


class PsaPinner:
    """Pins at `url`, the API's base without `/pins`. It may take `patience` seconds to fetch and pin,
    and `call_patience` to answer a call.

    `origins` are multiaddrs of nodes that have the blocks, which the service is advised to ask.
    """

    fetches = True

    def __init__(
        self,
        url: str,
        credentials: Credentials,
        fetcher: Fetcher,
        *,
        origins: Sequence[str] = (),
        patience: float = 600,
        call_patience: float = 30,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name = f"psa:{mask_url(url)}"
        self.operator = provider_of(url)
        self._url = url.rstrip("/") + "/pins"
        self._credentials = credentials
        self._fetcher = fetcher
        self._origins = list(origins)
        self._patience = patience
        self._call_patience = call_patience
        self._sleep = sleep
        self._clock = clock

    def pin(self, root: Cid, car: Archive, size: int) -> None:  # noqa: ARG002 - it fetches the blocks
        """Pin, as the port says."""
        ends, pause = self._clock() + self._patience, _FIRST_PAUSE
        found = self._look_up(root) or self._ask(root)
        while (status := self._status(found, root)) != "pinned":
            if self._clock() + pause > ends:
                raise PinnerError(
                    f"{self.name} has {root} only {status} after {self._patience:g} s, and that is not pinned",
                    hint="run it again later, which asks for the same request, or use a pinner that takes archives",
                )
            self._sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)
            found = self._call("GET", f"/{quote(self._id(found), safe='')}")

    def _look_up(self, root: Cid) -> Mapping[str, object] | None:
        """Return the most advanced request for the CID that the service has and did not fail, None without one."""
        listed = self._call("GET", f"?cid={root}&status={','.join(_ALIVE)}&limit=10").get("results")
        if not isinstance(listed, list):
            raise PinnerError(f"{self.name} answered without a list of results")
        found = [each for each in listed if isinstance(each, dict) and each.get("status") in _ALIVE]
        return max(found, key=lambda each: _ALIVE.index(each["status"]), default=None)

    def _ask(self, root: Cid) -> Mapping[str, object]:
        pin = {"cid": str(root), "name": str(root)} | ({"origins": self._origins} if self._origins else {})
        return self._call("POST", "", json.dumps(pin).encode())

    def _call(self, method: str, tail: str, body: bytes = b"") -> Mapping[str, object]:
        headers = {"Authorization": f"Bearer {self._credentials.token()}", "Accept": "application/json"}
        answer = self._fetcher.fetch(
            method,
            self._url + tail,
            body=body,
            headers=headers | ({"Content-Type": "application/json"} if body else {}),
            deadline=self._call_patience,
            max_bytes=_MAX_ANSWER,
            error=PinnerBusy,
        )
        require_success(self.name, answer)
        return parse_object(self.name, answer)

    def _status(self, found: Mapping[str, object], root: Cid) -> str:
        match found:
            case {"status": "failed"}:
                raise PinnerError(f"{self.name} failed to pin {root}{_details(found)}", hint="run it again later")
            case {"status": "queued" | "pinning" | "pinned" as status, "pin": {"cid": cid}}:
                require_root(self.name, cid, root)
                return str(status)
        raise unexpected(self.name, Answer(200, {}, repr(found).encode()))

    def _id(self, found: Mapping[str, object]) -> str:
        requestid = found.get("requestid")
        if not isinstance(requestid, str) or not 0 < len(requestid) <= 1024:
            raise PinnerError(f"{self.name} gave no requestid")
        return requestid


def _details(found: Mapping[str, object]) -> str:
    match found:
        case {"info": {"status_details": str(details)}}:
            return f": {printable(details.encode(errors='replace'))}"
    return ""
