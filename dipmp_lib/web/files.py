"""`/files/{registry}/{project}/{filename}`: a file, or the way to a gateway that has it, and a wheel's METADATA."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from ..byteranges import byte_range
from ..cid import file_cid
from ..errors import FileNotListed
from ..model import File, Project
from ..simple_api import visible_files
from .bodies import whole
from .downloads import Downloads
from .headers import BRIEFLY, COMMON, FOR_EVER, NO_STORE, WATCHED_FOR_EVER, field, none_match
from .metadata import Metadata
from .reads import Reads
from .redirects import target, to_canonical, to_url
from .routing import reading
from .services import Gateways, Services
from .workers import Workers

METADATA_SUFFIX = ".metadata"


def files_router(reads: Reads, services: Services, workers: Workers) -> APIRouter:
    """Return the router of the files."""
    router = APIRouter()
    kept = WATCHED_FOR_EVER if services.policy.changes else FOR_EVER
    metadata = Metadata(services.gateways, services.objects)
    downloads = None if services.files is None else Downloads(services.files, kept)

    @reading(router, "/files/{registry}/{project}/{filename}")
    @workers.in_time
    async def file(request: Request, registry: str, project: str, filename: str) -> Response:
        address, name = target(registry, project)
        redirect = to_canonical(request, f"{registry}/{project}/{filename}", f"{address}/{name}/{filename}")
        if redirect is not None:
            return redirect
        page = (await reads.logged(address, name)).value
        found = _find(page, filename.removesuffix(METADATA_SUFFIX))
        reads.require_file(page, found)
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
        etag = f'"{digest.hex()}"'
        headers = {**COMMON, **kept, "Content-Type": "application/octet-stream", "ETag": etag}
        if none_match(field(request, "if-none-match"), etag):
            return Response(status_code=304, headers=headers)
        body = metadata.peek(digest)
        if body is None:
            body = await workers.run(page.registry, lambda: metadata.get(digest))
        return whole(request, body, headers)

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
