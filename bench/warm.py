"""Microseconds of a warm call of each handler, against FastAPI and Mangum with one route and prepared bytes.

python -m bench.warm          (make bench-cold runs it with the artifact's packages)

The functions log as on Lambda, a line for each request, and read a registry in memory. Rounds take turns; the best of
each counts.
"""

import asyncio
import gzip
import os
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from fastapi import FastAPI, Request
from mangum import Mangum
from starlette.responses import Response

from bench.read_app import PROJECTS, SIZES, WHEEL, WarmGateways, page, project_path
from dipmp_lib.registry import CachedRegistry, Lifetimes
from dipmp_lib.server.app import create_app
from dipmp_lib.server.aws_lambda import TEXT_TYPES, lambda_handler
from dipmp_lib.server.large_pages import LAMBDA_LIMIT
from dipmp_lib.server.metrics import JsonLines
from dipmp_lib.server.services import Services
from tests.support.fakes.registry import REGISTRY, FakeRegistry, metadata_of
from tests.support.lambda_runtime.events import to_event

ROUNDS, CALLS = 25, 100
GOAL = 1.1
PIP = [
    ("accept", "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html; q=0.1, text/html; q=0.01"),
    ("user-agent", "pip/26.3"),
    ("host", "api.example"),
]
Handler = Callable[[dict[str, Any], Any], dict[str, Any]]
Headers = Sequence[tuple[str, str]]


def functions() -> dict[str, Handler]:
    """Return the handlers of `simple` and `files`; their registry stays fresh for the benchmark."""
    lines = JsonLines(open(os.devnull, "w", encoding="ascii"), "bench")  # noqa: SIM115, PTH123 - open until the end
    registry = CachedRegistry(FakeRegistry(*PROJECTS.values()), lifetimes=Lifetimes(fresh=3600))
    services = Services(registry, WarmGateways("https://g.example/ipfs", metadata_of(WHEEL)), lines=lines)
    return {
        "simple": lambda_handler(create_app(services, ["simple", "people"], max_response=LAMBDA_LIMIT)),
        "files": lambda_handler(create_app(services, ["files"])),
    }


def bare(answers: Mapping[str, dict[str, Any]]) -> Handler:
    """Return a handler that answers as the functions did, byte for byte."""
    app = FastAPI(openapi_url=None)
    bodies = {key: page(SIZES[0]) for key in answers}
    bodies |= {"zipped": gzip.compress(page(SIZES[0]), 6, mtime=0), "large": page(SIZES[1]), "304": b"", "file": b""}

    @app.get("/{kind}/{registry}/{project}/{case}")
    async def answer(request: Request, kind: str, registry: str, project: str, case: str) -> Response:  # noqa: ARG001
        said = answers[case]
        return Response(bodies[case], said["statusCode"], said["headers"])

    return Mangum(app, lifespan="off", text_mime_types=TEXT_TYPES)


def measure(handlers: Mapping[str, tuple[Handler, dict[str, Any]]]) -> dict[str, float]:
    """Return the CPU seconds of one call of each."""
    best = dict.fromkeys(handlers, 1.0)
    for _ in range(ROUNDS):
        for name, (handler, event) in handlers.items():
            began = time.process_time()
            for _ in range(CALLS):
                handler(event, None)
            best[name] = min(best[name], (time.process_time() - began) / CALLS)
    return best


def main() -> None:
    asyncio.set_event_loop(asyncio.new_event_loop())
    ours = functions()
    small, large = project_path(SIZES[0]), project_path(SIZES[1])
    first = ours["simple"](to_event("GET", small, PIP, b""), None)
    zipped: Headers = [*PIP, ("accept-encoding", "gzip, deflate")]
    known: Headers = [*PIP, ("if-none-match", first["headers"]["etag"])]
    cases: dict[str, tuple[str, str, str, Headers]] = {
        "page": (f"project page, {SIZES[0]} files", "simple", small, PIP),
        "zipped": (f"project page, {SIZES[0]} files, gzip", "simple", small, zipped),
        "large": (f"project page, {SIZES[1]:,} files", "simple", large, PIP),
        "304": ("304", "simple", small, known),
        "file": ("redirect to a file", "files", f"/files/{REGISTRY}/small/{WHEEL}", PIP),
    }
    events = {case: to_event("GET", path, headers, b"") for case, (_, _, path, headers) in cases.items()}
    answers = {case: ours[function](events[case], None) for case, (_, function, _, _) in cases.items()}
    other = bare(answers)
    print(f"\n{'warm call':32}{'bare us':>9}{'ours us':>9}{'ratio':>8}   (goal: at most {GOAL})")
    for case, (name, function, _, headers) in cases.items():
        twin = to_event("GET", f"/kind/{REGISTRY}/project/{case}", headers, b"")
        same = ("statusCode", "body", "isBase64Encoded")
        assert [other(twin, None).get(key) for key in same] == [answers[case].get(key) for key in same], case
        best = measure({"bare": (other, twin), "ours": (ours[function], events[case])})
        ratio = best["ours"] / best["bare"]
        verdict = "" if ratio <= GOAL else "   above the goal"
        print(f"{name:32}{best['bare'] * 1e6:9.0f}{best['ours'] * 1e6:9.0f}{ratio:8.2f}{verdict}")


if __name__ == "__main__":
    main()
