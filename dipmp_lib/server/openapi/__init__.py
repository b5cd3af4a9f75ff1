"""OpenAPI 3.1 document of the HTTP interface.

It is written as data, because what FastAPI derives from the routes is wrong for them: no request is ever refused with
422, and one handler answers GET and HEAD. Pure; a test compares it with the routes.
"""

from .document import openapi_document

__all__ = ["openapi_document"]
