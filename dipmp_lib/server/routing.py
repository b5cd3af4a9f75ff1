"""Routes that are read with GET and HEAD, registered with Starlette.

FastAPI's own decorator would take a request apart and validate it against the handler's signature; names in paths are
texts here, which the handlers parse themselves, and that machinery costs as much as a warm page does.
"""

from collections.abc import Awaitable, Callable
from functools import wraps

from fastapi import APIRouter, Request
from starlette.responses import Response

from .headers import READ_METHODS

ROUTE = "dipmp.route"
"""The key of the ASGI scope under which the log finds the path as it is documented."""
Handler = Callable[..., Awaitable[Response]]


def reading(router: APIRouter, path: str, *aliases: str, for_programs: bool = True) -> Callable[[Handler], Handler]:
    """Route requests for a path to a handler, which takes the request and the names in the path.

    Aliases are answered by the same handler and not part of the interface that OpenAPI describes; neither is what is
    not for programs.
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
