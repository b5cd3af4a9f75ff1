"""ASGI application: routers over ports, error handlers and the middleware around them."""

from collections.abc import Collection, Iterable

from fastapi import APIRouter, FastAPI
from starlette.exceptions import HTTPException

from ..errors import DipmpError
from .answers.page_limit import PageLimit
from .answers.pages import Pages
from .answers.problems import domain_error, routing_error, unexpected_error
from .async_registry import AsyncRegistry
from .people.pages import error_page
from .people.routes import people_router
from .request_log import RequestId, RequestLog
from .routes.files import files_router
from .routes.health import health_router
from .routes.openapi import description_router
from .routes.simple import simple_router
from .services import Services
from .workers import Workers

PARTS = ("simple", "files", "people")


def create_app(services: Services, parts: Collection[str] = PARTS, *, max_response: int | None = None) -> FastAPI:
    """Return the application with the given parts of PARTS; each Lambda function serves some, `dipmp serve` all.

    `max_response` is how many bytes a response may take where there is a limit, as Lambda counts them.
    """
    app = FastAPI(
        title="dipmp",
        openapi_url=None,
        redirect_slashes=False,
        # We have our own; FastAPI's would look for providers with every request.
        telemetry={"tracing": False, "metrics": False, "logs": False, "auto_configure": False},
    )
    app.state.error_page = error_page if "people" in parts else None
    app.add_exception_handler(DipmpError, domain_error)
    app.add_exception_handler(HTTPException, routing_error)
    app.add_exception_handler(Exception, unexpected_error)
    for router in _routers(services, parts, max_response):
        app.router.routes.extend(router.routes)  # an included router looks for the route twice
    if services.lines is not None:
        app.add_middleware(RequestLog, lines=services.lines)
    app.add_middleware(RequestId)  # the last one added is the outermost
    return app


def _routers(services: Services, parts: Collection[str], max_response: int | None) -> Iterable[APIRouter]:
    workers = Workers(services.policy.tier_of)
    registries = AsyncRegistry(services, workers)
    if "simple" in parts:  # first what is asked for most
        limit = PageLimit(workers, max_response, services.large)
        yield simple_router(registries, Pages(workers, services.counts, services.policy, limit), workers)
        yield description_router()
    if "files" in parts:
        yield files_router(registries, services, workers)
    if "people" in parts:
        yield people_router(services, registries, workers)
    yield health_router(services.counts)
