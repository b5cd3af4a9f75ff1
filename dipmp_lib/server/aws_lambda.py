"""The application as an AWS Lambda handler behind an API Gateway HTTP API (payload format 2.0)."""

from functools import cached_property
from typing import Any

from fastapi import FastAPI
from mangum import Mangum
from mangum.adapter import DEFAULT_TEXT_MIME_TYPES
from mangum.handlers import HTTPGateway

TEXT_TYPES = [*DEFAULT_TEXT_MIME_TYPES, "application/vnd.pypi.simple", "application/problem+json"]
"""Everything that Mangum must not wrap in base64, which costs a third of Lambda's 6 MB."""


class StagedGateway(HTTPGateway):
    """An HTTP API whose named stage is the first segment of the path; ASGI calls that the root path."""

    @cached_property
    def scope(self) -> dict[str, Any]:
        """The ASGI scope; routing drops the root path where the path begins with it, as on no custom domain it does.

        Mangum asks for it before and after the application has run.
        """
        scope = dict(super().scope)
        stage = self.event["requestContext"].get("stage", "$default")
        if stage != "$default":
            scope["root_path"] = f"/{stage}"
        return scope


def lambda_handler(app: FastAPI) -> Mangum:
    """Return the handler. No lifespan: Mangum would run it again on every invocation."""
    return Mangum(app, lifespan="off", custom_handlers=[StagedGateway], text_mime_types=TEXT_TYPES)
