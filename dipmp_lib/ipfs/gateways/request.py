"""Requests to one gateway (Path Gateway and Trustless Gateway specifications), and the check of its answers."""

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from ...errors import GatewayError, InvalidInput, InvalidSettings, MalformedCar
from ...http import Answer, Fetcher, mask_url
from ...http.url import parse_target
from ..cid import Cid, verify

if TYPE_CHECKING:  # redirects need no UnixFS
    from ..unixfs import Leaf

RAW_TYPE = "application/vnd.ipld.raw"
MAX_BLOCK = 2 * 1024 * 1024
_ABSENT = (404, 410, 451)
_NO_RAW = (400, 404, 406, 415, 501)
"""Statuses of gateways that serve files but no raw blocks; some do not find the block of a part of a file at all."""


class AbsentError(GatewayError):
    """The gateway says that it does not have the content."""


class NotRawError(AbsentError):
    """The gateway does not serve the raw block; it may still serve the file."""


class WrongBytesError(GatewayError):
    """The gateway sent other bytes than those asked for."""


def file_url(base: str, cid: Cid, filename: str) -> str:
    """Return the URL of a file at a gateway; its name is in the query, so that nothing in it can change the path."""
    return f"{base}/{cid}?filename={quote(filename, safe='', errors='replace')}"


@dataclass(frozen=True, slots=True)
class GatewayClient:
    """Client of gateways. Every method raises GatewayError or a subclass above; deadlines are total, in seconds."""

    fetcher: Fetcher

    def probe(self, base: str, cid: Cid, filename: str, size: int, deadline: float) -> None:
        """Ask whether a client that follows a redirect would get a body of `size` bytes, and could resume it."""
        answer = self._fetch("HEAD", file_url(base, cid, filename), deadline)
        if answer.status != 200:
            raise _refused(base, answer)
        if answer.headers.get("content-length") != str(size):
            raise GatewayError(f"{mask_url(base)} does not say that the file has {size} bytes")
        if _media_type(answer) == "text/html" or answer.headers.get("accept-ranges", "").lower() == "none":
            raise GatewayError(f"{mask_url(base)} has a page or a body that cannot be resumed in place of the file")

    def block(self, base: str, cid: Cid, max_bytes: int, deadline: float) -> bytes:
        """Return a block, verified. A gateway that ignores the format does no harm where the file is the block."""
        answer = self._fetch("GET", f"{base}/{cid}?format=raw", deadline, max_bytes, Accept=RAW_TYPE)
        if answer.status in _NO_RAW:
            raise NotRawError(f"{mask_url(base)} answered {answer.status}")
        if answer.status != 200:
            raise _refused(base, answer)
        try:
            verify(cid, answer.body)
        except MalformedCar:
            if (found := _media_type(answer)) == RAW_TYPE:
                raise _wrong_bytes(base) from None
            raise GatewayError(f"{mask_url(base)} does not serve raw blocks, but {found[:60]!r}") from None
        return answer.body

    def part(self, base: str, file: Cid, leaf: "Leaf", deadline: float) -> bytes:
        """Return the bytes of a raw leaf, verified, as a range of the file that they are a part of."""
        first, last = leaf.offset, leaf.offset + leaf.size - 1
        headers = {"Accept": "*/*", "Range": f"bytes={first}-{last}"}
        answer = self._fetch("GET", f"{base}/{file}", deadline, leaf.size, **headers)
        if answer.status != 206 or not answer.headers.get("content-range", "").startswith(f"bytes {first}-{last}/"):
            raise _refused(base, answer)
        try:
            verify(leaf.cid, answer.body)
        except MalformedCar:
            raise _wrong_bytes(base) from None
        return answer.body

    def _fetch(self, method: str, url: str, deadline: float, max_bytes: int = 0, **headers: str) -> Answer:
        return self.fetcher.fetch(
            method, url, headers=headers, deadline=deadline, max_bytes=max_bytes, error=GatewayError
        )


def _media_type(answer: Answer) -> str:
    return answer.headers.get("content-type", "").partition(";")[0].strip().lower()


def _refused(base: str, answer: Answer) -> GatewayError:
    kind = AbsentError if answer.status in _ABSENT else GatewayError
    return kind(f"{mask_url(base)} answered {answer.status}")


def _wrong_bytes(base: str) -> WrongBytesError:
    return WrongBytesError(f"{mask_url(base)} sent other bytes than those of the block")


def gateway_base(url: str) -> str:
    """Return `https://host[/prefix]/ipfs` for a gateway given with or without its `/ipfs`. Raises InvalidSettings."""
    base = url.strip().rstrip("/").removesuffix("/ipfs").rstrip("/")
    try:
        parse_target(base)
    except InvalidInput as error:
        raise InvalidSettings([f"{mask_url(base)} is not the URL of a gateway ({error})"]) from None
    if "?" in base or "#" in base:
        raise InvalidSettings([f"the gateway {mask_url(base)} has a query or fragment"])
    return f"{base}/ipfs"


def is_public(base: str) -> bool:
    """Tell whether clients may be sent there: a user and password in the URL are for this server alone."""
    return "@" not in urlsplit(base).netloc
