"""Who may use the bridge: programs on this machine that name loopback as the host and know the token.

Loopback is within reach of every web page in the user's browser and of every user of the machine.
"""

import base64
import binascii
import hmac
import secrets

from starlette.exceptions import HTTPException
from starlette.requests import Request

from ..local.loopback import is_loopback_host

USER = "__token__"
_CHALLENGE = {"WWW-Authenticate": 'Basic realm="dipmp bridge", charset="UTF-8"'}


def new_token() -> str:
    """Return a token of 256 random bits."""
    return f"dipmp-{secrets.token_urlsafe(32)}"


def check_host(request: Request) -> None:
    """Refuse requests that a web page makes: those under another host name (DNS rebinding), or with an origin."""
    if not is_loopback_host(request.headers.get("host", "")):
        raise HTTPException(403, "the Host header is not a loopback name")
    if "origin" in request.headers:
        raise HTTPException(403, "requests from web pages are refused")


def check_token(request: Request, token: str) -> None:
    """Refuse requests without the token (RFC 7617), comparing in constant time."""
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
