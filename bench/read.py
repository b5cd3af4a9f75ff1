"""Requests per second of a warm dipmp, against bare FastAPI, proxpi and nginx with the same responses.

python -m bench.read [seconds]

Every request is wrk's, 16 connections from one thread on the loopback, for so many seconds, in rounds that take turns;
the best round counts. Goals: at least 0.9 of bare FastAPI with bytes made before, at least 3 times proxpi.
"""

import re
import shutil
import subprocess
import sys
import tempfile
import urllib.request
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from bench.peers import nginx, ours, proxpi
from bench.read_app import NAMES, SIZES, WHEEL, project_path
from tests.support.fakes.registry import REGISTRY, metadata_of

ROUNDS = 3
JSON = "application/vnd.pypi.simple.v1+json"
FILE = f"/files/{REGISTRY}/small/{WHEEL}"
_RATE = re.compile(r"Requests/sec:\s+([0-9.]+)")
_BAD = re.compile(r"Non-2xx or 3xx responses: ([0-9]+)")


@dataclass(frozen=True)
class Load:
    """One row: the path at each server, by its name; servers without such a response are left out."""

    name: str
    paths: dict[str, str]
    headers: dict[str, str]
    status: int = 200


def loads(origin: str) -> list[Load]:
    pages = [
        Load(
            f"project page, {size:,} files",
            {
                "dipmp": project_path(size),
                "bare": project_path(size),
                "proxpi": f"/index/{NAMES[size]}/",
                "nginx": f"/{NAMES[size]}/",
            },
            {"Accept": JSON},
        )
        for size in SIZES
    ]
    small = project_path(SIZES[0])
    with urllib.request.urlopen(urllib.request.Request(origin + small, headers={"Accept": JSON})) as answer:
        etag = answer.headers["ETag"]
    return [
        *pages,
        Load("304", {"dipmp": small, "bare": small}, {"Accept": JSON, "If-None-Match": etag}, 304),
        Load(
            ".metadata",
            {"dipmp": f"{FILE}.metadata", "bare": f"{FILE}.metadata", "nginx": "/small/metadata"},
            {},
        ),
        Load("redirect to a file", {"dipmp": FILE, "bare": FILE, "nginx": "/redirect"}, {}, 302),
    ]


def measure(seconds: int) -> dict[str, dict[str, float]]:
    """Return requests per second by row and server."""
    with ExitStack() as stack:
        urls = {kind: stack.enter_context(ours(kind)) for kind in ("dipmp", "bare")}
        urls["proxpi"] = stack.enter_context(proxpi(f"{urls['dipmp']}/simple/{REGISTRY}/"))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        urls["nginx"] = stack.enter_context(nginx(folder, metadata_of(WHEEL)))
        table: dict[str, dict[str, float]] = {}
        for load in loads(urls["dipmp"]):
            best = table.setdefault(load.name, {})
            for _ in range(ROUNDS):
                for server, path in load.paths.items():
                    _check(urls[server] + path, load)
                    best[server] = max(best.get(server, 0.0), _wrk(urls[server] + path, load, seconds))
        return table


def _wrk(url: str, load: Load, seconds: int) -> float:
    headers = [part for name, value in load.headers.items() for part in ("-H", f"{name}: {value}")]
    command = ["wrk", "-t1", "-c16", f"-d{seconds}s", *headers, url]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    if _BAD.search(said):
        raise RuntimeError(f"{url} answered with errors:\n{said}")
    rate = _RATE.search(said)
    if rate is None:
        raise RuntimeError(said)
    return float(rate[1])


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_args: object, **_kwargs: object) -> None:
        return None


def _check(url: str, load: Load) -> None:
    """Check the response. Raises RuntimeError for another status or an empty body."""
    try:
        with urllib.request.build_opener(_NoRedirect).open(urllib.request.Request(url, headers=load.headers)) as answer:
            status, body = answer.status, answer.read()
    except urllib.error.HTTPError as error:
        status, body = error.code, b""
    if status != load.status or (status == 200 and not body):
        raise RuntimeError(f"{url} answered {status}, not {load.status}")


def main() -> int:
    if shutil.which("wrk") is None:
        sys.stderr.write("error: wrk is not installed (Debian: apt-get install wrk nginx-light)\n")
        return 1
    seconds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    print(f"{'requests/s, warm':26}{'dipmp':>9}{'bare':>9}{'proxpi':>9}{'nginx':>9}   of bare   of proxpi")
    for name, row in measure(seconds).items():
        cells = "".join(
            f"{row[server]:9.0f}" if server in row else f"{'-':>9}" for server in ("dipmp", "bare", "proxpi", "nginx")
        )
        over = f"{row['dipmp'] / row['proxpi']:9.1f} x" if "proxpi" in row else f"{'-':>11}"
        print(f"{name:26}{cells}{row['dipmp'] / row['bare']:8.2f} x {over}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
