"""A registry with real wheels, a gateway with their blocks, and an index server in front of faulty proxies of it."""

import hashlib
import io
import random
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from dipmp_lib.devnet.ipfs.blocks import BlockStore
from dipmp_lib.devnet.ipfs.server import serve_blocks
from dipmp_lib.http import Fetcher
from dipmp_lib.http.listen import listen
from dipmp_lib.ipfs import unixfs
from dipmp_lib.ipfs.cid import Block, file_cid, raw_cid
from dipmp_lib.ipfs.gateways import GatewayPool
from dipmp_lib.ipfs.gateways.files import FileReader
from dipmp_lib.model.pages import File
from dipmp_lib.server.app import create_app
from dipmp_lib.server.uvicorn import background
from tests.support.fakes.registry import REGISTRY, FakeRegistry, make_file, make_project, make_services
from tests.support.fakes.telemetry import RecordedTelemetry
from tests.support.faulty.fault_proxy import FaultProxy
from tests.support.faulty.toxics import Request, Toxic
from tests.support.files.wheels import build_wheel
from tests.support.waiting import HANGS

MODES = ("redirect", "stream")


@dataclass(frozen=True)
class Content:
    """One wheel: its bytes, its file in the registry, and the project's name."""

    name: str
    data: bytes
    file: File

    @property
    def path(self) -> str:
        """The file's path in the index."""
        return f"/files/{REGISTRY}/{self.name}/{self.file.filename}"


@dataclass(frozen=True)
class Lab:
    """The wheels, and a gateway with all of their blocks."""

    wheels: tuple[Content, ...]
    gateway_url: str

    @property
    def small(self) -> Content:
        """A wheel of one block."""
        return self.wheels[0]

    @property
    def large(self) -> Content:
        """A wheel of six blocks."""
        return self.wheels[1]


@dataclass(frozen=True)
class Server:
    """A running index; `gateways` are its proxies to the gateway."""

    origin: str
    gateways: tuple[FaultProxy, ...]
    told: RecordedTelemetry

    @property
    def index_url(self) -> str:
        """The index's URL, as pip takes it."""
        return f"{self.origin}/simple/{REGISTRY}/"


@contextmanager
def file_lab(folder: Path) -> Iterator[Lab]:
    """Build the wheels and serve their blocks."""
    noise = random.Random(1).randbytes(5_500_000)  # noqa: S311
    wheels = (_content(folder, "small-one", b"small"), _content(folder, "large-one", noise))
    store = BlockStore(folder / "blocks")
    for wheel in wheels:
        dag = unixfs.scan(io.BytesIO(wheel.data))
        for block in unixfs.blocks(dag, io.BytesIO(wheel.data)):
            store.put(block)
        metadata = _metadata(wheel.data)
        store.put(Block(raw_cid(hashlib.sha256(metadata).digest()), metadata))
    with serve_blocks(store) as blocks:
        yield Lab(wheels, blocks.gateway_url)


@contextmanager
def file_server(lab: Lab, mode: str, *ways: tuple[Toxic, ...], patience: float = HANGS) -> Iterator[Server]:
    """Serve the wheels through proxies of the gateway; each of `ways` are the toxics of one proxy.

    `patience` is the time limit for all gateways together, in seconds.
    """
    told = RecordedTelemetry()
    with ExitStack() as stack:
        proxies = tuple(stack.enter_context(FaultProxy(lab.gateway_url, *toxics)) for toxics in ways)
        fetcher = Fetcher()
        stack.callback(fetcher.close)
        gateways = GatewayPool([proxy.url for proxy in proxies], fetcher, telemetry=told, patience=patience)
        registry = FakeRegistry(*(make_project(wheel.name, wheel.file) for wheel in lab.wheels))
        files = FileReader(gateways, telemetry=told) if mode == "stream" else None
        services = replace(make_services(registry), gateways=gateways, files=files)
        yield Server(stack.enter_context(background(create_app(services), listen("127.0.0.1", 0))), proxies, told)


def to_server(request: Request) -> bool:
    """Return whether a request is our server's, not a redirected client's."""
    return request.headers.get("user-agent") == "dipmp"


def to_client(request: Request) -> bool:
    """Return whether a request is a redirected client's."""
    return not to_server(request)


def is_get(request: Request) -> bool:
    """Return whether the response to a request has a body."""
    return request.method == "GET"


def _content(folder: Path, name: str, payload: bytes) -> Content:
    path = build_wheel(folder, name, payload=payload)
    data = path.read_bytes()
    dag = unixfs.scan(io.BytesIO(data))
    dag_root = None if dag.root == file_cid(dag.sha256, None) else dag.root.digest
    file = make_file(path.name, "1.0", data, dag_root=dag_root)
    return Content(name, data, replace(file, metadata_sha256=hashlib.sha256(_metadata(data)).digest()))


def _metadata(wheel: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(wheel)) as archive:
        [name] = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
        return archive.read(name)
