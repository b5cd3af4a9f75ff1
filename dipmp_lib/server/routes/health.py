"""`/healthz`: this process answers, and the events of the last minutes."""

import json

from fastapi import APIRouter, Request
from starlette.responses import Response

from ...telemetry import Event
from ..answers.conditional import whole
from ..headers import COMMON, NO_STORE
from ..metrics import EventCounts
from ..routing import reading

_NO_FAULT = {Event.DENIED.value}


def health_router(counts: EventCounts) -> APIRouter:
    """Return the router of the health route.

    Its answer is 200 while the process lives, since a chain's outage is no reason to restart servers; nothing else is
    asked.
    """
    router = APIRouter()

    @reading(router, "/healthz")
    async def health(request: Request) -> Response:
        recent = counts.recent()
        degraded = bool(recent.keys() - _NO_FAULT)
        body = json.dumps({"status": "degraded" if degraded else "ok", "recent": recent}).encode()
        return whole(request, body, {**COMMON, **NO_STORE, "Content-Type": "application/json"})

    return router
