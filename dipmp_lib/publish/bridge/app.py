"""The bridge's ASGI application: uploads to `/legacy/`, and project pages for tools that check for existing files."""

import base64
import binascii
import hmac
import secrets
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

from ...errors import DipmpError, InvalidUpload
from ...http.listen import is_loopback_host
from . import answers
from .form import DEFAULT_BOUNDS, Bounds, FormReader, ReceivedForm
from .pages import BridgePages
from .protocol import INTERIM_SECONDS, with_interim_responses
from .upload import is_upload, to_distribution
from .upload_sink import UploadSink

USER = "__token__"
_CHALLENGE = {"WWW-Authenticate": 'Basic realm="dipmp bridge", charset="UTF-8"'}


def new_token() -> str:
    """Return a token of 256 random bits."""
    return f"dipmp-{secrets.token_urlsafe(32)}"


def check_host(request: Request) -> None:
    """Refuse requests of web pages: those with another host name (DNS rebinding) or an Origin. Raises HTTPException."""
    if not is_loopback_host(request.headers.get("host", "")):
        raise HTTPException(403, "the Host header is not a loopback name")
    if "origin" in request.headers:
        raise HTTPException(403, "requests from web pages are refused")


def check_token(request: Request, token: str) -> None:
    """Refuse requests without the token (RFC 7617), compared in constant time. Raises HTTPException."""
    given = _basic(request.headers.get("authorization", ""))
    if given is None:
        raise HTTPException(401, f"this upload needs the user {USER} and the token that the bridge printed", _CHALLENGE)
    user, password = given
    same_user = hmac.compare_digest(user, USER.encode())
    if not hmac.compare_digest(password, token.encode()) or not same_user:
        raise HTTPException(403, f"the token is not the one that this bridge printed, or the user is not {USER}")


def _basic(header: str) -> tuple[bytes, bytes] | None:
    scheme, _, credentials = header.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        user, colon, password = base64.b64decode(credentials.strip(), validate=True).partition(b":")
    except (binascii.Error, ValueError):
        return None
    return (user, password) if colon else None


UPLOAD_PATHS = ("/legacy/", "/legacy")
_MAX_UPLOADS = 8
"""Uploads at a time; further requests wait before their bodies are read."""
_DRAIN_SECONDS = 30.0

Body = AsyncIterator[bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bridge:
    """The application's parts and options.

    Uploads are received in `folder`, which is private to this user. `lenient` is that of Distribution.from_path;
    `interim_seconds` is the interval of interim responses to a tool that waits.
    """

    token: str
    sink: UploadSink
    pages: BridgePages
    folder: Path
    bounds: Bounds = DEFAULT_BOUNDS
    lenient: bool = False
    interim_seconds: float = INTERIM_SECONDS


def create_app(bridge: Bridge) -> Starlette:
    """Return the application."""
    slots = anyio.Semaphore(_MAX_UPLOADS)

    async def upload(request: Request, body: Body) -> Response:
        check_token(request, bridge.token)
        answer: Response = await with_interim_responses(
            request.scope, _receive_in_slot(slots, bridge, request, body), bridge.interim_seconds
        )
        return answer

    async def page(request: Request, _body: Body) -> Response:
        return await bridge.pages.project(request, request.path_params["project"])

    async def nothing_listed(request: Request, _body: Body) -> Response:
        return bridge.pages.empty(request.path_params["project"])

    uploads = [Route(path, _guarded(upload), methods=["POST"]) for path in UPLOAD_PATHS]
    hatch = Route("/legacy/+simple/{project}/", _guarded(nothing_listed))
    return Starlette(routes=[*uploads, hatch, Route("/simple/{project}/", _guarded(page))])


def _guarded(handler: Callable[[Request, Body], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
    """Wrap a handler: refuse requests of web pages, and turn errors into responses."""

    async def guarded(request: Request) -> Response:
        body = request.stream()
        try:
            check_host(request)
            return await handler(request, body)
        except HTTPException as error:
            answer = answers.http_error(request, error)
        except DipmpError as error:
            answer = answers.failed(request, error)
        # A client that still sends does not read yet, and would lose the response if the connection closed now.
        with anyio.move_on_after(_DRAIN_SECONDS):
            async for _ in body:
                pass
        return answer

    return guarded


async def _receive_in_slot(slots: anyio.Semaphore, bridge: Bridge, request: Request, body: Body) -> Response:
    async with slots:
        folder = Path(tempfile.mkdtemp(dir=bridge.folder))
        try:
            received = await _receive(request, body, folder / "upload", bridge.bounds)
            return await anyio.to_thread.run_sync(_accept, received, bridge)
        finally:
            await anyio.to_thread.run_sync(lambda: shutil.rmtree(folder, ignore_errors=True))


async def _receive(request: Request, body: Body, path: Path, bounds: Bounds) -> ReceivedForm:
    reader = FormReader(request.headers.get("content-type", ""), path, bounds)
    try:
        async for piece in body:
            await anyio.to_thread.run_sync(reader.feed, piece)
        return reader.finish()
    except OSError as error:
        raise InvalidUpload(f"the file cannot be kept: {error.strerror}", hint="look at the disk of TMPDIR") from error
    finally:
        reader.close()


def _accept(received: ReceivedForm, bridge: Bridge) -> Response:
    if not is_upload(received):
        return answers.ignored()
    return answers.accepted(bridge.sink.take(to_distribution(received, lenient=bridge.lenient)))
