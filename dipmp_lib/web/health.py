"""`/healthz`: whether this process answers."""

import json

from fastapi import APIRouter, Request
from starlette.responses import Response

from .headers import COMMON, NO_STORE, READ_METHODS


def health_router() -> APIRouter:
    """Return the router of the health route; it asks nobody else, so that a chain's outage restarts no server."""
    router = APIRouter()

    @router.api_route("/healthz", methods=READ_METHODS)
    async def health(request: Request) -> Response:
        body = json.dumps({"status": "ok"}).encode()
        headers = {**COMMON, **NO_STORE, "Content-Type": "application/json", "Content-Length": str(len(body))}
        return Response(b"" if request.method == "HEAD" else body, headers=headers)

    return router
