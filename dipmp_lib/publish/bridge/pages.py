"""Project pages for upload tools that check which files exist."""

from http import HTTPStatus

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import Response

from ...errors import ProjectNotFound
from ...model.names import ProjectName, RegistryAddress, parse_project
from ...registry.port import Registry
from ...simple_api import DEFAULT, negotiate, render_project
from . import answers

_HEADERS = {"Cache-Control": "no-store", "Vary": "Accept", "X-Content-Type-Options": "nosniff"}
_EMPTY = (
    '<!DOCTYPE html>\n<html lang="en"><head><meta name="pypi:repository-version" content="1.4"><title>{name}</title>'
    "</head>\n<body>Nothing is listed here: the bridge compares bytes, not names.</body></html>\n"
)


class BridgePages:
    """Project pages of one registry; the URLs of files start with `base`, the index server's URL, which ends in `/`."""

    def __init__(self, registry: Registry, address: RegistryAddress, base: str) -> None:
        self._registry, self._address, self._base = registry, address, base

    async def project(self, request: Request, text: str) -> Response:
        """Return the Simple API page for `uv publish --check-url`. Raises InvalidName, Upstream, Malformed."""
        name = parse_project(text)
        try:
            page = await anyio.to_thread.run_sync(self._registry.project, self._address, name)
        except ProjectNotFound as error:
            return answers.refusal(request, HTTPStatus.NOT_FOUND, "", str(error), "project-not-found")
        form = negotiate(request.headers.get("accept")) or DEFAULT
        body = render_project(page, form, self._base)
        return Response(body, headers={**_HEADERS, "Content-Type": form.content_type})

    def empty(self, text: str) -> Response:
        """Return an empty page for Hatch. Raises InvalidName.

        Hatch skips every file whose name is listed, whatever its bytes, and reports success even if other bytes are
        published. With an empty page it uploads everything; the bridge then accepts equal bytes without publishing
        them again, and refuses others.
        """
        name: ProjectName = parse_project(text)
        return Response(_EMPTY.format(name=name), headers=_HEADERS, media_type="text/html")
