"""Defects of indexes, found or possible, each with the check that must fail."""

import gzip
import itertools
import re
from collections.abc import Callable
from typing import Any, TypeAlias

from tests.support.faulty.broken_index import Defect, Exchange

Change: TypeAlias = Callable[[Exchange], None]
Ask: TypeAlias = Callable[[dict[str, str]], None]

JSON = "application/vnd.pypi.simple.v1+json"
_numbers = itertools.count()


def when(path: str, change: Change) -> Change:
    """Change the responses of matching paths."""
    return lambda exchange: change(exchange) if re.search(path, exchange.path) else None


def status(number: int) -> Change:
    """Change the status."""

    def change(exchange: Exchange) -> None:
        exchange.status = number
        exchange.headers.pop("location", None)

    return change


def header(name: str, value: str, *, only: int = 0) -> Change:
    """Set a header; with `only`, on responses of that status."""

    def change(exchange: Exchange) -> None:
        if only in (0, exchange.status):
            exchange.headers[name] = value

    return change


def without(*names: str) -> Change:
    """Remove headers."""

    def change(exchange: Exchange) -> None:
        for name in names:
            exchange.headers.pop(name, None)

    return change


def json_type(name: str) -> Change:
    """Change the content type of JSON pages."""
    return lambda exchange: header("content-type", name)(exchange) if exchange.is_json else None


def body(old: bytes, new: bytes) -> Change:
    """Replace text of every response that is not compressed."""

    def change(exchange: Exchange) -> None:
        if "content-encoding" not in exchange.headers:
            exchange.replace(exchange.body.replace(old, new))

    return change


def html(old: bytes, new: bytes) -> Change:
    """Replace text of HTML pages only."""
    return lambda exchange: body(old, new)(exchange) if exchange.is_html else None


def files(**values: object) -> Change:
    """Set keys of every file; `_` stands for `-`."""
    named = {name.replace("_", "-"): value for name, value in values.items()}
    return lambda exchange: exchange.edit_files(lambda item: item.update(named))


def page(edit: Callable[[dict[str, Any]], object]) -> Change:
    """Change project pages."""
    return lambda exchange: exchange.edit(lambda document: edit(document) if "files" in document else None)


def hashes(edit: Callable[[str], dict[str, str]]) -> Change:
    """Replace the digests of every file, given its sha256."""
    return lambda exchange: exchange.edit_files(lambda item: item.update(hashes=edit(item["hashes"]["sha256"])))


def url(edit: Callable[[str], str]) -> Change:
    """Change every file's URL."""
    return lambda exchange: exchange.edit_files(lambda item: item.update(url=edit(item["url"])))


def accept(edit: Callable[[str], str]) -> Ask:
    """Change the Accept header."""

    def ask(headers: dict[str, str]) -> None:
        if "accept" in headers:
            headers["accept"] = edit(headers["accept"])

    return ask


def forget(name: str, value: str) -> Ask:
    """Remove a request header that begins with the value."""

    def ask(headers: dict[str, str]) -> None:
        if headers.get(name, "").startswith(value):
            del headers[name]

    return ask


def at_accept(text: str, change: Change) -> Change:
    """Change the response where Accept contains the text, or with "" where there is no Accept."""

    def chosen(exchange: Exchange) -> None:
        sent = exchange.asked.get("accept")
        if (text in sent) if sent is not None and text else sent is None and not text:
            change(exchange)

    return chosen


def packed(exchange: Exchange) -> None:
    """Compress the response, whatever the client accepts."""
    if "content-encoding" not in exchange.headers and exchange.status == 200:
        exchange.replace(gzip.compress(exchange.body))
        exchange.headers["content-encoding"] = "gzip"


def flipped(exchange: Exchange) -> None:
    """Change one bit in the middle."""
    if exchange.status == 200:
        middle = len(exchange.body) // 2
        changed = bytes([exchange.body[middle] ^ 1])
        exchange.replace(exchange.body[:middle] + changed + exchange.body[middle + 1 :])


def counted(exchange: Exchange) -> None:
    """Give every response an ETag of its own."""
    if "etag" in exchange.headers:
        exchange.headers["etag"] = f'"{next(_numbers)}"'


def lost_prefix(exchange: Exchange) -> None:
    """Redirect as a server does that ignores the prefix of a proxy in front."""
    if exchange.status == 301:
        exchange.headers["location"] = exchange.path.rstrip("/") + "/"


def echo(exchange: Exchange) -> None:
    """Repeat the path on an error page."""
    if exchange.status == 404:
        exchange.headers["content-type"] = "text/html"
        exchange.replace(exchange.path.encode())


FILE, METADATA, PAGE, ABSENT = r"^/ipfs/", r"\.metadata$", r"^/simple/[^/]+/[^/]+/$", "no-such-project"
MIDDLE_MANGUM = header("content-type", "application/json", only=304)
DEFECTS = {
    "plain-json": Defect("test_n01_json", json_type("application/json")),
    "duplicate-keys": Defect("test_n01_json", body(b'{"meta"', b'{"name":"x","meta"')),
    "latest-type": Defect("test_n04_latest_json", json_type("application/vnd.pypi.simple.latest+json")),
    "no-accept-406": Defect("test_n13_no_header", at_accept("", status(406))),
    "charset-500": Defect("test_n15_parameters", at_accept("charset", status(500))),
    "case-406": Defect("test_n16_case", at_accept("VND", status(406))),
    "weights-ignored": Defect("test_n17_weights", ask=accept(lambda text: JSON if JSON in text else text)),
    "exclusion-ignored": Defect("test_n18_exclusion", ask=accept(lambda text: text.replace(";q=0,", ","))),
    "garbage-500": Defect("test_n20_garbage", at_accept("garbage", status(500))),
    "head-405": Defect("test_h01_head", lambda e: status(405)(e) if e.method == "HEAD" else None),
    "no-vary": Defect("test_h04_vary", without("vary")),
    "always-gzip": Defect("test_h09_identity", when(PAGE, packed)),
    "no-cors": Defect("test_h13_cors", without("access-control-allow-origin")),
    "etag-counts": Defect("test_c03_etag_stays", counted),
    "304-plain-json": Defect("test_c05_content_type_of_304", MIDDLE_MANGUM),
    "304-without-etag": Defect("test_c07_headers_of_304", lambda e: without("etag")(e) if e.status == 304 else None),
    "strong-comparison": Defect("test_c08_weak", ask=forget("if-none-match", "W/")),
    "lists-ignored": Defect("test_c09_list_of_tags", ask=forget("if-none-match", '"a"')),
    "one-etag": Defect("test_c13_one_tag_per_form", header("etag", '"same"')),
    "kept-for-an-hour": Defect("test_c16_fresh_releases", header("cache-control", "max-age=3600")),
    "version-number": Defect("test_j01_version", page(lambda d: d["meta"].update({"api-version": 1.4}))),
    "listed-twice": Defect("test_j04_unique_names", page(lambda d: d["files"].append(d["files"][0]))),
    "size-null": Defect("test_j05_null", files(size=None)),
    "upper-case-hash": Defect("test_j07_hashes", hashes(lambda text: {"SHA256": text})),
    "upper-case-digest": Defect("test_j07_hashes", hashes(lambda text: {"sha256": text.upper()})),
    "short-digest": Defect("test_j07_hashes", hashes(lambda text: {"sha256": text[:40]})),
    "no-digest": Defect("test_j08_sha256", hashes(lambda text: {})),
    "size-text": Defect("test_j10_size", files(size="123")),
    "time-without-zone": Defect("test_j11_upload_time", files(upload_time="2026-01-01T00:00:00")),
    "time-number": Defect("test_j11_upload_time", files(upload_time=1_700_000_000)),
    "yanked-empty": Defect("test_j14_yanked", files(yanked="")),
    "bad-python": Defect("test_j15_requires_python", files(requires_python=">=3.x")),
    "versions-missing": Defect("test_j20_versions_of_files", page(lambda d: d["versions"].pop())),
    "status-in-meta": Defect("test_j24_place_of_status", page(lambda d: d["meta"].update({"project-status": {}}))),
    "state": Defect("test_j23_status", page(lambda d: d.update({"project-status": {"state": "active"}}))),
    "relative-provenance": Defect("test_j26_provenance", files(provenance="../provenance")),
    "pep-708": Defect("test_j28_no_tracking", page(lambda d: d.update({"alternate-locations": []}))),
    "cid-url": Defect("test_u01_last_segment", url(lambda text: "/ipfs/bafy")),
    "query": Defect("test_u02_no_query", url(lambda text: text + "?filename=" + text.rpartition("/")[2])),
    "html-lacks-a-file": Defect("test_a01_files", html(b"<a ", b"<b ")),
    "html-other-python": Defect("test_a04_requires_python", html(b"&gt;=3.8", b"&gt;=3.9")),
    "html-not-yanked": Defect("test_a06_yanked", html(b"data-yanked", b"data-junked")),
    "html-1.5": Defect("test_m02_version", html(b'content="1.4"', b'content="1.5"')),
    "html-old-doctype": Defect("test_m01_doctype", html(b"<!DOCTYPE html>", b"")),
    "html-empty-metadata": Defect(
        "test_m08_core_metadata", html(b'data-core-metadata="sha256=', b'data-core-metadata="')
    ),
    "html-script": Defect("test_m13_nothing_active", html(b"</body>", b"<script></script></body>")),
    "list-without-names": Defect("test_l01_list", body(b'{"name":"demo-pkg"}', b'"demo-pkg"')),
    "not-listed": Defect("test_l04_listed", body(b',{"name":"demo-pkg"}', b"")),
    "lost-prefix": Defect("test_r01_slash", lost_prefix),
    "spelling-500": Defect("test_r03_other_spellings", when("DEMO", status(500))),
    "absolute-redirect": Defect("test_r05_relative", header("location", "http://127.0.0.1/simple/x/", only=301)),
    "absent-empty-page": Defect("test_e01_absent", when(ABSENT, status(200))),
    "absent-403": Defect("test_e01_absent", when(ABSENT, status(403))),
    "hostile-500": Defect("test_e05_hostile_paths", when("script", status(500))),
    "echo": Defect("test_e06_no_echo", echo),
    "file-missing": Defect("test_f01_downloads", when(FILE, status(404))),
    "other-bytes": Defect("test_f02_digest", when(FILE, flipped)),
    "wrong-size": Defect("test_f03_size", files(size=1)),
    "file-gzip": Defect("test_f04_no_encoding", when(FILE, packed)),
    "range-wrong": Defect("test_f06_range", when(FILE, lambda e: e.replace(e.body[::-1]) if e.status == 206 else None)),
    "metadata-missing": Defect("test_d01_metadata", when(METADATA, status(404))),
    "metadata-digest": Defect("test_d02_digest", when(METADATA, flipped)),
    "metadata-differs": Defect("test_d03_same_as_inside", when(METADATA, lambda e: e.replace(e.body + b"\n"))),
    "quarantine-404": Defect("test_q01_page", when("bad-pkg", status(404))),
    "quarantine-active": Defect("test_q02_status", page(lambda d: d.update({"project-status": {"status": "active"}}))),
    "quarantine-offers": Defect("test_q03_no_files", page(lambda d: d["files"].append({"filename": "x.whl"}))),
}
