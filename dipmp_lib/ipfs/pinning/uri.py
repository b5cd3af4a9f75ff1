"""Pinners by URI, which names the variables or the file with the secrets, and contains none itself.

    kubo:URL              a Kubo RPC endpoint, or the embedded store
    pinata:[VARIABLE]     Pinata with a JWT, from PINATA_JWT unless named
    pinata-legacy:        Pinata with PINATA_API_KEY and PINATA_API_SECRET
    filebase:BUCKET       Filebase with FILEBASE_ACCESS_KEY and FILEBASE_SECRET_KEY
    psa:URL[?origin=MULTIADDR…]#VARIABLE     a service with the IPFS Pinning Service API

A name with a `/` in it is a file, one value a line: `pinata:./jwt`, `filebase:BUCKET#/run/secrets/filebase`.
"""

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit, urlunsplit

from ...errors import InvalidInput, InvalidSettings
from ...http import Fetcher
from ...http.url import parse_target
from .credentials import Credentials, read_credentials
from .filebase import FilebasePinner
from .kubo import KuboPinner
from .pinata import LegacyPinataPinner, PinataPinner
from .port import ATTEMPTS, Pinner, RetryingPinner
from .service_api import PsaPinner

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}")
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")


@dataclass(frozen=True, slots=True)
class _Context:
    fetcher: Fetcher
    environment: Mapping[str, str] = field(repr=False)

    def credentials(self, kind: str, where: str, *names: str) -> Credentials:
        """Read the values of `names`; `where` is a file or, for a single value, another variable, or empty."""
        if "/" in where:
            return read_credentials(kind, names, self.environment, where)
        if where and (len(names) > 1 or not _VARIABLE.fullmatch(where)):
            # What stands there may be the secret itself, so it is not repeated.
            raise InvalidSettings([f"what follows {kind}: is neither the name of a variable nor a file with a / in it"])
        return read_credentials(kind, [where] if where else names, self.environment)


def pinner_from_uri(
    uri: str, fetcher: Fetcher | None = None, *, environment: Mapping[str, str] | None = None, attempts: int = ATTEMPTS
) -> Pinner:
    """Return the pinner of a URI, which is tried again while it is busy, `attempts` times in all.

    Variables are looked up in `environment`, else in the process's. Raises InvalidSettings.
    """
    kind, _, rest = uri.strip().partition(":")
    make = _KINDS.get(kind)
    if make is None:
        known = ", ".join(f"{each}:" for each in _KINDS)
        raise InvalidSettings(
            [f"the pinner {kind[:20]!r} is unknown; write one of {known} as in kubo:http://HOST:5001"]
        )
    context = _Context(fetcher or Fetcher(), os.environ if environment is None else environment)
    return RetryingPinner(make(rest, context), attempts=attempts)


def variable_of(uri: str) -> str:
    """Return the variable that a pinner's URI names for its secret, "" where it names none."""
    kind, _, rest = uri.strip().partition(":")
    where = rest.rpartition("#")[2] if "#" in rest or kind == "pinata" else ""
    return where if _VARIABLE.fullmatch(where) else ""


def _kubo(rest: str, context: _Context) -> Pinner:
    _require_url("kubo", rest, "the URL of a Kubo RPC endpoint")
    return KuboPinner(rest, context.fetcher)


def _pinata(rest: str, context: _Context) -> Pinner:
    where = rest.removeprefix("#")
    return PinataPinner(context.credentials("pinata", where, "PINATA_JWT"), context.fetcher, name=f"pinata:{where}")


def _legacy(rest: str, context: _Context) -> Pinner:
    where = rest.removeprefix("#")
    return LegacyPinataPinner(
        context.credentials("pinata-legacy", where, "PINATA_API_KEY", "PINATA_API_SECRET"), context.fetcher
    )


def _filebase(rest: str, context: _Context) -> Pinner:
    bucket, _, where = rest.partition("#")
    if not _BUCKET.fullmatch(bucket):
        raise InvalidSettings(["the pinner filebase: needs the name of a bucket after it"])
    names = ("FILEBASE_ACCESS_KEY", "FILEBASE_SECRET_KEY")
    return FilebasePinner(bucket, context.credentials("filebase", where, *names), context.fetcher)


def _psa(rest: str, context: _Context) -> Pinner:
    base, _, where = rest.partition("#")
    _require_url("psa", base, "the URL of a Pinning Service API and #VARIABLE")
    parts = urlsplit(base)
    query = parse_qs(parts.query, keep_blank_values=True)
    if "@" in parts.netloc or set(query) - {"origin"} or not where:
        raise InvalidSettings(["the pinner psa: is written psa:URL[?origin=MULTIADDR]#VARIABLE, without any secret"])
    url = urlunsplit((parts.scheme, parts.netloc, parts.path, "", ""))
    return PsaPinner(url, context.credentials("psa", where, where), context.fetcher, origins=query.get("origin", ()))


def _require_url(kind: str, url: str, what: str) -> None:
    try:
        parse_target(url)
    except InvalidInput as error:
        raise InvalidSettings([f"the pinner {kind}: needs {what} after it ({error})"]) from None


_KINDS: dict[str, Callable[[str, _Context], Pinner]] = {
    "kubo": _kubo,
    "pinata": _pinata,
    "pinata-legacy": _legacy,
    "filebase": _filebase,
    "psa": _psa,
}
