"""IPFS gateway over a block store: GET and HEAD of `/ipfs/{cid}` as file, raw block or CAR.

Sources: the Path Gateway and Trustless Gateway specifications, RFC 9110 (ranges, conditions). Supported: `filename`,
`download`, `format=raw|car` or the same by Accept, one `Range`, `If-None-Match`, `If-Range`, `only-if-cached`,
`dag-scope=all|entity|block`, `car-version=1`. Not supported: directories and paths below a CID, `entity-bytes`, other
formats, content-type guessing (a file is always application/octet-stream, so that no browser runs it).
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from http import HTTPStatus
from urllib.parse import quote, urlencode

from ...errors import GatewayError, InvalidCid, MalformedCar
from ...http.ranges import wanted_range
from ...ipfs import car, unixfs
from ...ipfs.cid import Block, Cid, parse_cid
from .answers import Response, plain
from .blocks import BlockStore

PREFIX = "/ipfs/"
RAW_TYPE = "application/vnd.ipld.raw"
CAR_TYPE = "application/vnd.ipld.car"
_FORMATS = {"raw": RAW_TYPE, "car": CAR_TYPE}
_IMMUTABLE = "public, max-age=29030400, immutable"

Headers = Mapping[str, str]
Query = Mapping[str, str]


def answer(store: BlockStore, path: str, query: Query, headers: Headers) -> Response:
    """Answer a GET of `path` below `/ipfs/`; the answer to HEAD is the same without body. Header names: lower case."""
    text, _, below = path.partition("/")
    try:
        cid = parse_cid(text)
    except InvalidCid as error:
        return plain(HTTPStatus.BAD_REQUEST, str(error))
    wanted = _format(query, headers)
    if refusal := _refusal(store, cid, below, wanted, headers):
        return refusal
    try:
        return _found(store, cid, wanted, query, headers)
    except MalformedCar as error:
        return plain(HTTPStatus.NOT_ACCEPTABLE, f"{cid} cannot be shown as a file: {error}")
    except GatewayError as error:
        return plain(HTTPStatus.NOT_FOUND, str(error))


def _refusal(store: BlockStore, cid: Cid, below: str, wanted: str, headers: Headers) -> Response | None:
    if wanted not in ("", *_FORMATS):
        return plain(HTTPStatus.NOT_ACCEPTABLE, f"this gateway has no format {wanted[:20]!r}, only raw and car")
    if below:
        return plain(HTTPStatus.NOT_FOUND, f"{cid} is looked at as a file here, so nothing is below it")
    if not store.has(cid):
        only_cached = "only-if-cached" in headers.get("cache-control", "")
        return plain(HTTPStatus.PRECONDITION_FAILED if only_cached else HTTPStatus.NOT_FOUND, f"{cid} is not here")
    return None


def _found(store: BlockStore, cid: Cid, wanted: str, query: Query, headers: Headers) -> Response:
    scope = query.get("dag-scope", "all")
    etag = {"": f'"{cid}"', "raw": f'"{cid}.raw"', "car": f'W/"{cid}.car.{scope}"'}[wanted]
    common = {"Cache-Control": _IMMUTABLE, "ETag": etag, "X-Content-Type-Options": "nosniff"}
    common |= {"X-Ipfs-Path": f"{PREFIX}{cid}", "X-Ipfs-Roots": str(cid), "Vary": "Accept"}
    if _matches(headers.get("if-none-match", ""), etag):
        return Response(HTTPStatus.NOT_MODIFIED, common)
    if wanted and "format" not in query:
        common["Content-Location"] = f"{PREFIX}{cid}?{urlencode({**query, 'format': wanted})}"
    if wanted == "car":
        return _car(store, cid, scope, query, common)
    common |= _disposition(query, f"{cid}.bin" if wanted == "raw" else "", attached=wanted == "raw")
    common |= {"Content-Type": RAW_TYPE if wanted == "raw" else "application/octet-stream"}
    if wanted == "raw":
        # One block, at most 2 MiB; no other body is held in memory as a whole.
        data = store.get(cid)
        return _ranged(len(data), headers, common, lambda start, stop: iter((data[start:stop],)))
    size = unixfs.file_size(cid, store.get)
    return _ranged(size, headers, common, lambda start, stop: unixfs.read(cid, store.get, start, stop))


def _car(store: BlockStore, cid: Cid, scope: str, query: Query, common: dict[str, str]) -> Response:
    if scope not in ("all", "entity", "block") or "entity-bytes" in query or query.get("car-version", "1") != "1":
        return plain(HTTPStatus.BAD_REQUEST, "this gateway has CAR version 1 with dag-scope all, entity or block only")
    common |= {"Content-Type": f"{CAR_TYPE}; version=1; order=dfs; dups=y", "Accept-Ranges": "none"}
    common |= _disposition(query, f"{cid}.car", attached=True)
    root = Block(cid, store.get(cid))
    # A file is one entity, so `entity` is `all`.
    blocks = iter((root,)) if scope == "block" else unixfs.walk(cid, store.get)
    return Response(HTTPStatus.OK, common, car.write(cid, blocks), None)


def _ranged(
    size: int, headers: Headers, common: dict[str, str], body: Callable[[int, int], Iterator[bytes]]
) -> Response:
    """Answer with the whole body, or with one requested range (RFC 9110 section 14)."""
    common["Accept-Ranges"] = "bytes"
    span = wanted_range(headers.get("range", ""), headers.get("if-range"), common["ETag"], size)
    if span is None:
        return Response(HTTPStatus.OK, common, body(0, size), size)
    start, stop = span
    if start >= stop:
        refused = plain(HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, f"the body has {size} bytes")
        return replace(refused, headers={**refused.headers, "Content-Range": f"bytes */{size}"})
    common["Content-Range"] = f"bytes {start}-{stop - 1}/{size}"
    return Response(HTTPStatus.PARTIAL_CONTENT, common, body(start, stop), stop - start)


def _format(query: Query, headers: Headers) -> str:
    """Return "raw", "car", "" for a file, or an unknown format; the query has precedence over Accept."""
    if "format" in query:
        return query["format"]
    accepted = {part.partition(";")[0].strip().lower() for part in headers.get("accept", "").split(",")}
    return next((name for name, media_type in _FORMATS.items() if media_type in accepted), "")


def _disposition(query: Query, default: str, *, attached: bool) -> dict[str, str]:
    name = query.get("filename") or default
    attached = attached or query.get("download") == "true"
    if not name:
        return {"Content-Disposition": "attachment"} if attached else {}
    # Percent-encoding leaves nothing that could end the quoted string or the header.
    ascii_name = quote(re.sub(r"[^\x00-\x7f]", "_", name), safe="")
    value = f"filename=\"{ascii_name}\"; filename*=UTF-8''{quote(name, safe='', errors='replace')}"
    return {"Content-Disposition": f"{'attachment' if attached else 'inline'}; {value}"}


def _matches(header: str, etag: str) -> bool:
    """Tell whether If-None-Match names this entity, by weak comparison."""
    tags = {tag.strip().removeprefix("W/") for tag in header.split(",")}
    return "*" in tags or etag.removeprefix("W/") in tags
