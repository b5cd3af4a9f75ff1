"""`/simple/{registry}/` and `/simple/{registry}/{project}/`: the index that pip, uv and poetry read."""

from functools import partial

from fastapi import APIRouter, Request
from starlette.responses import Response

from ..names import parse_registry
from ..simple_api import render_list, render_project
from .pages import Pages
from .reads import Reads
from .redirects import target, to_canonical, trailing_slash
from .routing import reading
from .workers import Workers


def simple_router(reads: Reads, pages: Pages, workers: Workers) -> APIRouter:
    """Return the router of the index."""
    router = APIRouter()

    @reading(router, "/simple/{registry}/", "/simple/{registry}")
    @workers.in_time
    async def project_list(request: Request, registry: str) -> Response:
        address = parse_registry(registry)
        redirect = to_canonical(request, registry + trailing_slash(request), f"{address}/")
        if redirect is not None:
            return redirect
        served = await reads.project_list(address)
        return await pages.answer(request, served, partial(render_list, served.value))

    @reading(router, "/simple/{registry}/{project}/", "/simple/{registry}/{project}")
    @workers.in_time
    async def project_page(request: Request, registry: str, project: str) -> Response:
        address, name = target(registry, project)
        given = f"{registry}/{project}{trailing_slash(request)}"
        redirect = to_canonical(request, given, f"{address}/{name}/")
        if redirect is not None:
            return redirect
        served = await reads.project(address, name)
        return await pages.answer(request, served, partial(render_project, served.value))

    return router
