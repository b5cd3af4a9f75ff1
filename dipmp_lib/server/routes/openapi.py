"""`/openapi.json`: the OpenAPI document."""

import json
from functools import cache
from importlib.metadata import PackageNotFoundError, version

from fastapi import APIRouter, Request
from starlette.responses import Response

from ..answers.conditional import whole
from ..headers import BRIEFLY, COMMON
from ..openapi import openapi_document
from ..routing import reading


def description_router() -> APIRouter:
    """Return the router of the OpenAPI document."""
    router = APIRouter()

    @reading(router, "/openapi.json")
    async def description(request: Request) -> Response:
        return whole(request, _document(), {**COMMON, **BRIEFLY, "Content-Type": "application/json"})

    return router


@cache
def _document() -> bytes:
    try:
        present = version("dipmp-pkg")
    except PackageNotFoundError:  # run from a source tree that was never installed
        present = "0"
    return json.dumps(openapi_document(present)).encode()
