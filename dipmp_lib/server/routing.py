"""Routes for GET and HEAD, registered with Starlette.

FastAPI's own decorator would validate a request against the handler's signature. Names in paths are texts here, which
the handlers parse themselves, and that machinery takes as long as a warm page.
"""

from collections.abc import Awaitable, Callable
from functools import wraps

from fastapi import APIRouter, Request
from starlette.responses import Response

from .headers import READ_METHODS

ROUTE = "dipmp.route"
"""Key of the ASGI scope that holds the route's documented path, for the log."""
Handler = Callable[..., Awaitable[Response]]


def reading(router: APIRouter, path: str, *aliases: str, for_programs: bool = True) -> Callable[[Handler], Handler]:
    """Decorate a handler, which takes the request and the names in the path, to answer requests for the path.

    Aliases are answered by the same handler. OpenAPI describes neither aliases nor routes that are not for programs.
    """

    def register(handler: Handler) -> Handler:
        @wraps(handler)
        async def endpoint(request: Request) -> Response:
            request.scope[ROUTE] = path
            return await handler(request, **request.path_params)

        router.add_route(path, endpoint, READ_METHODS, include_in_schema=for_programs)
        for alias in aliases:
            router.add_route(alias, endpoint, READ_METHODS, include_in_schema=False)
        return handler

    return register
