"""`/`, `/registry/{registry}/` and `/project/{registry}/{project}/`: the pages for people."""

from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from starlette.responses import Response

from ...model.names import parse_registry
from ..answers.redirects import project_at, registry_at, to_registry
from ..async_registry import AsyncRegistry
from ..routing import reading
from ..services import Services
from ..workers import Workers
from .pages import PeoplePages

if TYPE_CHECKING:
    from .registry import Views


def people_router(services: Services, registries: AsyncRegistry, workers: Workers) -> APIRouter:
    """Return the router of the pages for people."""
    router = APIRouter()
    pages = PeoplePages(workers, services.counts, services.policy)

    @reading(router, "/", for_programs=False)
    @workers.in_time
    async def home(request: Request) -> Response:
        wanted = request.query_params.get("registry", "").strip()
        if wanted:
            return to_registry(parse_registry(wanted))
        return await pages.home(request, {"pinned": [str(address) for address in services.site.pinned]})

    @reading(router, "/registry/{registry}/", "/registry/{registry}", for_programs=False)
    @workers.in_time
    async def registry_page(request: Request, registry: str) -> Response:
        address, redirect = registry_at(request, registry)
        if redirect is not None:
            return redirect
        served = await registries.project_list(address)
        return await pages.page(
            request, "registry.html", lambda: _views(services).registry(served.value, request.query_params), served
        )

    @reading(router, "/project/{registry}/{project}/", "/project/{registry}/{project}", for_programs=False)
    @workers.in_time
    async def project_page(request: Request, registry: str, project: str) -> Response:
        address, name, redirect = project_at(request, registry, project)
        if redirect is not None:
            return redirect
        served = await registries.project(address, name)
        return await pages.page(
            request, "project.html", lambda: _views(services).project(served.value, request.query_params), served
        )

    return router


def _views(services: Services) -> "Views":
    from .registry import Views  # noqa: PLC0415 - with the first page, as the templates

    return Views(services)
