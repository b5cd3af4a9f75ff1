"""The applications of the read benchmark, each under uvicorn with one worker, as `dipmp serve` runs.

python -m bench.read_app dipmp|bare PORT

`dipmp` is the whole application over a registry in memory, which is asked again every two seconds as a chain would be.
`bare` is FastAPI with one asynchronous route that returns prepared bytes.
"""

import sys

from fastapi import FastAPI, Request
from starlette.responses import Response

from dipmp_lib.ipfs.cid import Cid
from dipmp_lib.registry import CachedRegistry
from dipmp_lib.server.app import create_app
from dipmp_lib.server.services import Services
from dipmp_lib.simple_api import Format, render_project
from tests.support.fakes.registry import REGISTRY, FakeGateways, FakeRegistry, make_file, make_project, metadata_of

SIZES = (20, 2_000)
WHEEL = "small-0.0-py3-none-any.whl"
NAMES = dict(zip(SIZES, ("small", "large"), strict=True))
PROJECTS = {
    size: make_project(name, *(make_file(f"{name}-{n}.0-py3-none-any.whl", f"{n}.0") for n in range(size)))
    for size, name in NAMES.items()
}


def project_path(size: int) -> str:
    return f"/simple/{REGISTRY}/{NAMES[size]}/"


def page(size: int) -> bytes:
    return render_project(PROJECTS[size], Format.JSON)


class WarmGateways(FakeGateways):
    """Gateways that had every file a moment ago."""

    def peek(self, cid: Cid, filename: str) -> str | None:
        return self.pick(cid, filename, 0)


def dipmp() -> FastAPI:
    registry = FakeRegistry(*PROJECTS.values())
    return create_app(Services(CachedRegistry(registry), WarmGateways("https://g.example/ipfs", metadata_of(WHEEL))))


def bare() -> FastAPI:
    app = FastAPI(openapi_url=None)
    pages = {NAMES[size]: page(size) for size in SIZES}
    metadata = metadata_of(WHEEL)

    @app.get("/simple/{registry}/{project}/")
    async def project(request: Request, registry: str, project: str) -> Response:  # noqa: ARG001
        if "if-none-match" in request.headers:
            return Response(status_code=304, headers={"ETag": '"x"'})
        return Response(pages[project], headers={"Content-Type": Format.JSON.content_type, "ETag": '"x"'})

    @app.get("/files/{registry}/{project}/{filename}")
    async def file(registry: str, project: str, filename: str) -> Response:  # noqa: ARG001
        if filename.endswith(".metadata"):
            return Response(metadata, headers={"Content-Type": "application/octet-stream"})
        return Response(status_code=302, headers={"Location": "https://g.example/ipfs/x"})

    return app


if __name__ == "__main__":
    from dipmp_lib.http.listen import listen
    from dipmp_lib.server.uvicorn import server

    kind, port = sys.argv[1:]
    with listen("127.0.0.1", int(port)) as listening:
        server({"dipmp": dipmp, "bare": bare}[kind](), log=False).run(sockets=[listening])
