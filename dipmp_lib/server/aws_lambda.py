"""AWS Lambda handler of an application behind an API Gateway HTTP API (payload format 2.0)."""

from functools import cached_property
from typing import Any

from fastapi import FastAPI
from mangum import Mangum
from mangum.adapter import DEFAULT_TEXT_MIME_TYPES
from mangum.handlers import HTTPGateway

TEXT_TYPES = [*DEFAULT_TEXT_MIME_TYPES, "application/vnd.pypi.simple", "application/problem+json"]
"""Content types that Mangum sends as text: base64 would take a third of Lambda's 6 MB."""


class StagedGateway(HTTPGateway):
    """HTTP API whose named stage is the first segment of the path, which ASGI calls the root path."""

    @cached_property
    def scope(self) -> dict[str, Any]:
        """The ASGI scope, made once, as Mangum asks for it before and after the application has run.

        Routing drops the root path where the path begins with it; on a custom domain, paths have no stage.
        """
        scope = dict(super().scope)
        stage = self.event["requestContext"].get("stage", "$default")
        if stage != "$default":
            scope["root_path"] = f"/{stage}"
        return scope


def lambda_handler(app: FastAPI) -> Mangum:
    """Return the handler. No lifespan: Mangum would run it again on every invocation."""
    return Mangum(app, lifespan="off", custom_handlers=[StagedGateway], text_mime_types=TEXT_TYPES)
