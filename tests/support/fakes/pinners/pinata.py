"""Pinata: the v3 upload with a JWT, and the older call with a key and secret.

Source: Pinata's API reference, "Upload a File" and "Pin File to IPFS".
"""

import io
import json

from dipmp_lib.ipfs import unixfs
from tests.support.fakes.pinners.multipart import read_form
from tests.support.fakes.pinners.pinned_blocks import PinnedBlocks, RefusedError
from tests.support.faulty.fault_proxy import Reply
from tests.support.faulty.toxics import Request

OPTIONAL = {"name", "group_id", "keyvalues", "car"}
DEFAULTS = unixfs.Profile(256 * 1024, 174, 1, raw_leaves=True)


class FakePinata:
    """Both APIs of one account. `keep_cid` replaces the answered CID; `refused` are the reasons of refusals."""

    def __init__(self, vault: PinnedBlocks, *, jwt: str, key: str, secret: str) -> None:
        self.vault = vault
        self.refused: list[str] = []
        self.keep_cid: str | None = None
        self._jwt, self._key, self._secret = jwt, key, secret

    def answer(self, request: Request) -> Reply:
        """Answer one request."""
        calls = {("POST", "/v3/files"): self._upload, ("POST", "/pinning/pinFileToIPFS"): self._pin_file}
        call = calls.get((request.method, request.path))
        if call is None:
            return self._refuse(404, f"{request.method} {request.path}")
        try:
            return call(request)
        except RefusedError as error:
            return self._refuse(400, str(error))

    def _upload(self, request: Request) -> Reply:
        if request.headers.get("authorization") != f"Bearer {self._jwt}":
            return self._refuse(401, "Not Authorized")
        form = read_form(request)
        if form.fields.get("network") != "public":
            raise RefusedError("a private file cannot be fetched")
        if unknown := set(form.fields) - {"network"} - OPTIONAL:
            raise RefusedError(f"unknown fields {unknown}")
        if form.fields.get("car") != "true":
            raise RefusedError("a file that would be cut in another way")
        root = self.vault.import_car(form.file)
        data = {
            "id": "0195a5c4-242f-7c01-bee8-000000000000",
            "name": form.fields.get("name", form.filename),
            "cid": self.keep_cid or str(root),
            "size": len(form.file),
            "number_of_files": 1,
            "mime_type": form.media_type,
            "group_id": None,
            "network": "public",
        }
        return 200, json.dumps({"data": data}).encode()

    def _pin_file(self, request: Request) -> Reply:
        keys = (request.headers.get("pinata_api_key"), request.headers.get("pinata_secret_api_key"))
        if keys != (self._key, self._secret) or "authorization" in request.headers:
            return self._refuse(401, "INVALID_CREDENTIALS")
        form = read_form(request)
        if set(form.fields) - {"pinataOptions", "pinataMetadata"}:
            raise RefusedError("unknown fields")
        if json.loads(form.fields.get("pinataOptions", "{}")) != {"cidVersion": 1}:
            raise RefusedError("not CIDv1")
        dag = unixfs.scan(io.BytesIO(form.file), DEFAULTS)
        self.vault.keep(dag.root, {block.cid: block.data for block in unixfs.blocks(dag, io.BytesIO(form.file))})
        found = {"IpfsHash": self.keep_cid or str(dag.root), "PinSize": dag.dag_size, "Timestamp": "2026-01-01T00:00Z"}
        return 200, json.dumps(found).encode()

    def _refuse(self, status: int, why: str) -> Reply:
        self.refused.append(why)
        return status, json.dumps({"error": {"reason": "REFUSED", "details": why}}).encode()
