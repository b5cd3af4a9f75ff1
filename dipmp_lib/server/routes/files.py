"""`/files/{registry}/{project}/{filename}`: a file, or a redirect to a gateway that has it, and a wheel's METADATA."""

import hashlib
from contextlib import suppress

from fastapi import APIRouter, Request
from starlette.responses import Response

from ...errors import FileNotListed, Upstream
from ...http.ranges import byte_range
from ...ipfs.cid import file_cid, raw_cid
from ...log.limits import MAX_METADATA
from ...model.pages import File, Project
from ...registry.objects import ObjectStore, metadata_key
from ...simple_api import visible_files
from ..answers.conditional import answer, whole
from ..answers.downloads import Downloads
from ..answers.redirects import target, to_canonical, to_url
from ..async_registry import AsyncRegistry
from ..byte_cache import ByteCache
from ..headers import BRIEFLY, FOR_EVER, NO_STORE, OCTETS, WATCHED_FOR_EVER
from ..routing import reading
from ..services import Gateways, Services
from ..workers import Workers

CACHE_BYTES = 16 * 1024 * 1024


class Metadata:
    """METADATA files by their sha256: from memory, the object store or gateways, and always verified."""

    def __init__(self, gateways: Gateways, objects: ObjectStore | None, *, max_bytes: int = CACHE_BYTES) -> None:
        self._gateways = gateways
        self._objects = objects
        self._known: ByteCache[bytes] = ByteCache(max_bytes)

    def peek(self, digest: bytes) -> bytes | None:
        """Return the METADATA if it is in memory, else None."""
        return self._known.get(digest)

    def get(self, digest: bytes) -> bytes:
        """Return the METADATA. Raises GatewayError."""
        return self._known.get_or_make(digest, lambda: self._stored(digest) or self._fetched(digest))

    def _stored(self, digest: bytes) -> bytes | None:
        """Return what the store has if its hash is right; a store that fails counts as empty."""
        if self._objects is None:
            return None
        with suppress(Upstream):
            body = self._objects.get(metadata_key(digest), MAX_METADATA)
            if body is not None and hashlib.sha256(body).digest() == digest:
                return body
        return None

    def _fetched(self, digest: bytes) -> bytes:
        return self._gateways.block(raw_cid(digest), MAX_METADATA)


METADATA_SUFFIX = ".metadata"


def files_router(registries: AsyncRegistry, services: Services, workers: Workers) -> APIRouter:
    """Return the router of the files."""
    router = APIRouter()
    caching = WATCHED_FOR_EVER if services.policy.changes else FOR_EVER
    metadata = Metadata(services.gateways, services.objects)
    downloads = None if services.files is None else Downloads(services.files, caching)

    @reading(router, "/files/{registry}/{project}/{filename}")
    @workers.in_time
    async def file(request: Request, registry: str, project: str, filename: str) -> Response:
        address, name = target(registry, project)
        redirect = to_canonical(request, f"{registry}/{project}/{filename}", f"{address}/{name}/{filename}")
        if redirect is not None:
            return redirect
        page = (await registries.project_in_log(address, name)).value
        found = _find(page, filename.removesuffix(METADATA_SUFFIX))
        registries.require_file(page, found)
        if filename.endswith(METADATA_SUFFIX):
            return await _metadata(request, page, _metadata_digest(found))
        if downloads is not None:
            return await downloads.answer(request, found)
        return await _redirect(request, page, found)

    async def _redirect(request: Request, page: Project, found: File) -> Response:
        gateways: Gateways = services.gateways
        cid, name, size = file_cid(found.sha256, found.dag_root), found.filename, found.size
        start, _ = byte_range(request.headers.get("range", ""), size) or (0, size)
        url = None if start else gateways.peek(cid, name)
        if url is None:
            url = await workers.run(page.registry, lambda: gateways.pick(cid, name, size, resumed=start > 0))
        return to_url(url, NO_STORE if start else BRIEFLY)

    async def _metadata(request: Request, page: Project, digest: bytes) -> Response:
        async def respond(headers: dict[str, str]) -> Response:
            body = metadata.peek(digest)
            if body is None:
                body = await workers.run(page.registry, lambda: metadata.get(digest))
            return whole(request, body, headers)

        return await answer(request, f'"{digest.hex()}"', {**caching, "Content-Type": OCTETS}, respond)

    return router


def _find(project: Project, filename: str) -> File:
    for file in visible_files(project):
        if file.filename == filename:
            return file
    raise FileNotListed(
        f"{project.name} in {project.registry} lists no file {filename[:255]!r}",
        hint=f"its files are on /simple/{project.registry}/{project.name}/",
    )


def _metadata_digest(file: File) -> bytes:
    if file.metadata_sha256 is None:
        raise FileNotListed(
            f"{file.filename} has no separate metadata", hint="only wheels have; download the file itself"
        )
    return file.metadata_sha256
