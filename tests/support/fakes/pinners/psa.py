"""The IPFS Pinning Service API 1.0.0. Source: its OpenAPI document."""

import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qs

from dipmp_lib.ipfs.cid import parse_cid
from tests.support.fakes.pinners.pinned_blocks import PinnedBlocks, RefusedError
from tests.support.faulty.fault_proxy import Reply
from tests.support.faulty.toxics import Request

STATUSES = ("queued", "pinning", "pinned", "failed")
LOOK_UPS = {"cid", "name", "match", "status", "before", "after", "limit", "meta"}


class FakePsa:
    """Fetches from `source`; a pin request advances one step of `steps` each time it is shown, up to the last.

    `keep_cid` replaces the answered CID; `refused` are the reasons of refusals.
    """

    def __init__(
        self, vault: PinnedBlocks, source: PinnedBlocks, *, token: str, steps: Sequence[str] = ("queued", "pinned")
    ) -> None:
        self.vault, self.source = vault, source
        self.steps = list(steps)
        self.refused: list[str] = []
        self.keep_cid: str | None = None
        self.requests: dict[str, dict[str, Any]] = {}
        self._token = token

    def answer(self, request: Request) -> Reply:
        """Answer one request."""
        if request.headers.get("authorization") != f"Bearer {self._token}":
            return self._refuse(401, "UNAUTHORIZED", "no such token")
        path, _, query = request.path.partition("?")
        try:
            if (request.method, path) == ("GET", "/psa/pins"):
                return self._list(query)
            if (request.method, request.path) == ("POST", "/psa/pins"):
                return self._add(request)
        except RefusedError as error:
            return self._refuse(400, "BAD_REQUEST", str(error))
        found = self.requests.get(path.removeprefix("/psa/pins/"))
        if request.method != "GET" or query or found is None:
            return self._refuse(404, "NOT_FOUND", f"{request.method} {request.path}")
        return 200, json.dumps(self._shown(found)).encode()

    def _list(self, query: str) -> Reply:
        asked = parse_qs(query, strict_parsing=True)
        if set(asked) - LOOK_UPS or any(len(values) > 1 for values in asked.values()):
            raise RefusedError(f"unknown parameters in {query}")
        statuses = asked.get("status", ["pinned"])[0].split(",")
        if set(statuses) - set(STATUSES) or not 1 <= int(asked.get("limit", ["10"])[0]) <= 1000:
            raise RefusedError(f"impossible parameters in {query}")
        cids = {parse_cid(text) for text in asked["cid"][0].split(",")}
        found = [each for each in self.requests.values() if each["cid"] in cids and each["status"] in statuses]
        return 200, json.dumps({"count": len(found), "results": [self._shown(each) for each in found]}).encode()

    def _add(self, request: Request) -> Reply:
        if request.headers.get("content-type") != "application/json":
            raise RefusedError("not JSON")
        pin = request.json()
        if not isinstance(pin, dict) or "cid" not in pin or set(pin) - {"cid", "name", "origins", "meta"}:
            raise RefusedError("not a Pin")
        if len(pin.get("name", "")) > 255 or not all(each.startswith("/") for each in pin.get("origins", [])):
            raise RefusedError("a name that is too long, or origins that are no multiaddrs")
        name = f"request-{len(self.requests) + 1}"
        made = {"id": name, "cid": parse_cid(pin["cid"]), "pin": pin, "status": self.steps[0], "left": self.steps[1:]}
        self.requests[name] = made
        return 202, json.dumps(self._shown(made)).encode()

    def _shown(self, found: dict[str, Any]) -> dict[str, Any]:
        """Return a PinStatus, and advance the request."""
        shown = {
            "requestid": found["id"],
            "status": found["status"],
            "created": "2026-01-01T00:00:00Z",
            "pin": found["pin"] | ({"cid": self.keep_cid} if self.keep_cid else {}),
            "delegates": [],
        }
        if found["status"] == "pinned":
            self.vault.keep(found["cid"], self.source.blocks)
        if found["left"]:
            found["status"] = found["left"].pop(0)
        return shown

    def _refuse(self, status: int, reason: str, details: str) -> Reply:
        self.refused.append(details)
        return status, json.dumps({"error": {"reason": reason, "details": details}}).encode()
