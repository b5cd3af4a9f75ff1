"""`/simple/{registry}/` and `/simple/{registry}/{project}/`: the index that pip, uv and poetry read."""

from functools import partial

from fastapi import APIRouter, Request
from starlette.responses import Response

from ...simple_api import render_list, render_project
from ..answers.pages import Pages
from ..answers.redirects import project_at, registry_at
from ..async_registry import AsyncRegistry
from ..routing import reading
from ..workers import Workers


def simple_router(registries: AsyncRegistry, pages: Pages, workers: Workers) -> APIRouter:
    """Return the router of the index."""
    router = APIRouter()

    @reading(router, "/simple/{registry}/{project}/", "/simple/{registry}/{project}")
    @workers.in_time
    async def project_page(request: Request, registry: str, project: str) -> Response:
        address, name, redirect = project_at(request, registry, project)
        if redirect is not None:
            return redirect
        served = await registries.project(address, name)
        return await pages.answer(request, served, partial(render_project, served.value))

    @reading(router, "/simple/{registry}/", "/simple/{registry}")
    @workers.in_time
    async def project_list(request: Request, registry: str) -> Response:
        address, redirect = registry_at(request, registry)
        if redirect is not None:
            return redirect
        served = await registries.project_list(address)
        return await pages.answer(request, served, partial(render_list, served.value))

    return router
