"""Filebase: PUT of an archive and HEAD, of the S3 API. Source: Filebase's S3 documentation.

The signature's form (AWS Signature Version 4) is checked, not its value.
"""

import re

from tests.support.fakes.pinners.pinned_blocks import PinnedBlocks, RefusedError
from tests.support.faulty.fault_proxy import Reply
from tests.support.faulty.toxics import Request


class FakeFilebase:
    """One bucket. `delay` is the number of HEADs before an object is imported; `keep_cid` replaces the CID."""

    def __init__(self, vault: PinnedBlocks, bucket: str, key: str) -> None:
        self.vault = vault
        self.refused: list[str] = []
        self.keep_cid: str | None = None
        self.delay = 0
        self._cids: dict[str, str] = {}
        self._path = re.compile(rf"/{re.escape(bucket)}/[A-Za-z0-9._-]+")
        self._signature = re.compile(
            rf"AWS4-HMAC-SHA256 Credential={key}/[0-9]{{8}}/us-east-1/s3/aws4_request, "
            r"SignedHeaders=([a-z0-9;-]+), Signature=[0-9a-f]{64}"
        )

    def answer(self, request: Request) -> Reply:
        """Answer one request."""
        signed = self._signature.fullmatch(request.headers.get("authorization", ""))
        if signed is None or "host" not in signed[1].split(";"):
            return self._refuse(403, "AccessDenied")
        if not self._path.fullmatch(request.path):
            return self._refuse(404, "NoSuchBucket")
        try:
            if request.method == "PUT":
                return self._put(request, signed[1].split(";"))
        except RefusedError as error:
            return self._refuse(400, str(error))
        return self._head(request.path) if request.method == "HEAD" else self._refuse(405, "MethodNotAllowed")

    def _put(self, request: Request, signed: list[str]) -> Reply:
        headers = request.headers
        if headers.get("x-amz-meta-import") != "car" or "x-amz-meta-import" not in signed:
            raise RefusedError("NotACar")
        if headers.get("content-length") != str(len(request.body)) or "x-amz-trailer" in headers:
            raise RefusedError("MissingContentLength")
        root = self.vault.import_car(request.body)
        self._cids[request.path] = self.keep_cid or str(root)
        return 200, b"", {"ETag": '"0123456789abcdef0123456789abcdef"'}

    def _head(self, path: str) -> Reply:
        if path not in self._cids:
            return 404, b""
        if self.delay:
            self.delay -= 1
            return 200, b"", {"x-amz-meta-import": "car"}
        return 200, b"", {"x-amz-meta-import": "car", "x-amz-meta-cid": self._cids[path]}

    def _refuse(self, status: int, code: str) -> Reply:
        self.refused.append(code)
        return status, f"<Error><Code>{code.partition(':')[0]}</Code><Message>{code}</Message></Error>".encode()
