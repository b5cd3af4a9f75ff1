"""The bridge's ASGI application: uploads to `/legacy/`, and the pages in which tools look for what exists already."""

import shutil
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import anyio
import anyio.to_thread
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ..errors import DipmpError, InvalidUpload
from . import answers
from .access import check_host, check_token
from .form import DEFAULT_BOUNDS, Bounds, FormReader, Received
from .intake import Intake
from .pages import Pages
from .protocol import PULSE, alive
from .upload import is_upload, to_distribution

UPLOAD_PATHS = ("/legacy/", "/legacy")
_MAX_UPLOADS = 8
"""At a time; further ones wait before they are read."""
_DRAIN_SECONDS = 30.0

Body = AsyncIterator[bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bridge:
    """What the application works with; uploads arrive in `folder`, which is private to this user.

    `lenient` is that of Distribution.from_path; `pulse` are the seconds between signs of life to a tool that waits.
    """

    token: str
    intake: Intake
    pages: Pages
    folder: Path
    bounds: Bounds = DEFAULT_BOUNDS
    lenient: bool = False
    pulse: float = PULSE


def create_app(bridge: Bridge) -> Starlette:
    """Return the application."""
    turns = anyio.Semaphore(_MAX_UPLOADS)

    async def upload(request: Request, body: Body) -> Response:
        check_token(request, bridge.token)
        answer: Response = await alive(request.scope, _in_turn(turns, bridge, request, body), bridge.pulse)
        return answer

    async def page(request: Request, _body: Body) -> Response:
        return await bridge.pages.project(request, request.path_params["project"])

    async def nothing_listed(request: Request, _body: Body) -> Response:
        return bridge.pages.empty(request.path_params["project"])

    uploads = [Route(path, _guarded(upload), methods=["POST"]) for path in UPLOAD_PATHS]
    hatch = Route("/legacy/+simple/{project}/", _guarded(nothing_listed))
    return Starlette(routes=[*uploads, hatch, Route("/simple/{project}/", _guarded(page))])


def _guarded(handler: Callable[[Request, Body], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
    """Let nobody in but programs of this machine, and turn errors into answers."""

    async def guarded(request: Request) -> Response:
        body = request.stream()
        try:
            check_host(request)
            return await handler(request, body)
        except HTTPException as error:
            answer = answers.http_error(request, error)
        except DipmpError as error:
            answer = answers.failed(request, error)
        # A client that still sends does not read: closing the connection now would cost it the answer.
        with anyio.move_on_after(_DRAIN_SECONDS):
            async for _ in body:
                pass
        return answer

    return guarded


async def _in_turn(turns: anyio.Semaphore, bridge: Bridge, request: Request, body: Body) -> Response:
    async with turns:
        folder = Path(tempfile.mkdtemp(dir=bridge.folder))
        try:
            received = await _receive(request, body, folder / "upload", bridge.bounds)
            return await anyio.to_thread.run_sync(_take, received, bridge)
        finally:
            await anyio.to_thread.run_sync(lambda: shutil.rmtree(folder, ignore_errors=True))


async def _receive(request: Request, body: Body, path: Path, bounds: Bounds) -> Received:
    reader = FormReader(request.headers.get("content-type", ""), path, bounds)
    try:
        async for piece in body:
            await anyio.to_thread.run_sync(reader.feed, piece)
        return reader.finish()
    except OSError as error:
        raise InvalidUpload(f"the file cannot be kept: {error.strerror}", hint="look at the disk of TMPDIR") from error
    finally:
        reader.close()


def _take(received: Received, bridge: Bridge) -> Response:
    if not is_upload(received):
        return answers.ignored()
    return answers.taken(bridge.intake.take(to_distribution(received, lenient=bridge.lenient)))
