"""A bridge in this process over a registry in memory, and upload forms, correct and wrong."""

import hashlib
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dipmp_lib.distributions import Distribution
from dipmp_lib.progress import Reporter, SilentReporter
from dipmp_lib.publish import Plan, Published, make_plan
from dipmp_lib.publish.bridge.app import Bridge, create_app
from dipmp_lib.publish.bridge.form import Bounds
from dipmp_lib.publish.bridge.pages import BridgePages
from dipmp_lib.publish.bridge.publish_now import PublishNow
from dipmp_lib.publish.bridge.upload_sink import UploadSink
from dipmp_lib.transactions import Quote, Receipt
from tests.support.fakes.publishing import ACTOR, listed
from tests.support.fakes.registry import REGISTRY, UPLOADED, FakeRegistry, make_project
from tests.support.programs.asgi import Answer, request
from tests.support.waiting import HANGS

TOKEN = "dipmp-a-token-for-tests"
BASIC = "Basic X190b2tlbl9fOmRpcG1wLWEtdG9rZW4tZm9yLXRlc3Rz"
"""`__token__` and TOKEN, as RFC 7617 writes them."""
BOUNDARY = "a8f0b7c1d2e3"
SMALL = Bounds(body=200_000, parts=50, fields=20_000, headers=4, header=300)


@dataclass
class MemoryPublisher:
    """Publishes to a registry in memory; `before` is called with each executed plan, and may raise."""

    registry: FakeRegistry = field(default_factory=lambda: FakeRegistry(make_project("other")))
    before: Callable[[Plan], None] = lambda _plan: None
    carried_out: list[Plan] = field(default_factory=list)
    running: int = 0
    held: bool = False

    def plan(self, dists: Sequence[Distribution]) -> Plan:
        """Lock the account, and plan."""
        self.held = True
        return self.preview(dists)

    def close(self) -> None:
        """Release the lock."""
        self.held = False

    def preview(self, dists: Sequence[Distribution]) -> Plan:
        """Plan against the registry."""
        projects = {dist.project: self.registry.projects.get((REGISTRY, dist.project)) for dist in dists}
        return make_plan(dists, projects, UPLOADED, ACTOR, registry=REGISTRY, publisher_until={})

    def quote(self, made: Plan) -> Quote:
        """Price every call alike."""
        return Quote(gas=(100_000,) * len(made.calls), max_fee=2, balance=10**18)

    def publish(self, made: Plan, reporter: Reporter) -> tuple[Published, ...]:
        """List the files; never two runs at a time."""
        self.running += 1
        assert self.running == 1
        assert self.held
        try:
            assert all(dist.path.read_bytes() for dist in made.additions)
            self.before(made)
            self.carried_out.append(made)
            for dist in made.additions:
                self._list(dist)
        finally:
            self.running -= 1
        receipt = Receipt(transaction=len(self.carried_out).to_bytes(32), block=7, gas_used=90_000, cost=180_000)
        return tuple(Published(entry, receipt) for entry in made.entries)

    def _list(self, dist: Distribution) -> None:
        known = self.registry.projects.get((REGISTRY, dist.project))
        self.registry.put(make_project(dist.project, *(known.files if known else ()), listed(dist), owner=ACTOR))

    @property
    def transactions(self) -> int:
        """The number of entries sent."""
        return sum(len(made.entries) for made in self.carried_out)


class SilentWatcher:
    """Ignores all events."""

    def planned(self, plan: Plan, quote: Quote) -> None:
        """Do nothing."""

    def published(self, published: tuple[Published, ...]) -> None:
        """Do nothing."""


def at_once(publisher: MemoryPublisher, **options: Any) -> PublishNow:  # noqa: ANN401
    """Return a sink that publishes every upload at once."""
    return PublishNow(publisher, SilentReporter(), SilentWatcher(), **options)


@dataclass
class TestBridge:
    """A bridge whose uploads arrive in `folder`."""

    __test__ = False
    folder: Path
    publisher: MemoryPublisher = field(default_factory=MemoryPublisher)
    sink: UploadSink | None = None
    bounds: Bounds = SMALL
    lenient: bool = False
    interim_seconds: float = 3.0

    def __post_init__(self) -> None:
        self.folder.mkdir(exist_ok=True)
        self.app = create_app(
            Bridge(
                token=TOKEN,
                sink=self.sink or at_once(self.publisher),
                pages=BridgePages(self.publisher.registry, REGISTRY, "https://index.example/"),
                folder=self.folder,
                bounds=self.bounds,
                lenient=self.lenient,
                interim_seconds=self.interim_seconds,
            )
        )

    def post(self, body: bytes, headers: Mapping[str, str] | None = None, *, path: str = "/legacy/") -> Answer:
        """Send a form, in pieces."""
        sent = {
            "Host": "127.0.0.1:5470",
            "Authorization": BASIC,
            "Content-Type": f"multipart/form-data; boundary={BOUNDARY}",
        }
        sent = {name: value for name, value in (sent | dict(headers or {})).items() if value}
        size = max(len(body) // 5, 1)
        pieces = [body[start : start + size] for start in range(0, len(body), size)] or [b""]
        return request(self.app, path, sent, method="POST", pieces=pieces)

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> Answer:
        """Ask for a page."""
        return request(self.app, path, {"Host": "127.0.0.1:5470"} | dict(headers or {}))


def part(name: str, data: bytes | str, filename: str | None = None, more: str = "") -> bytes:
    """Return one part of a form, its boundary before it."""
    named = f'; filename="{filename}"' if filename is not None else ""
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{named}\r\n{more}\r\n'
    return head.encode() + (data.encode() if isinstance(data, str) else data) + b"\r\n"


def form(*parts: bytes) -> bytes:
    """Return a whole form."""
    return b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()


def upload_form(path: Path, **changes: str | None) -> bytes:
    """Return a tool's form for a file; a field that is None is left out. `filename` is the file's name."""
    data = path.read_bytes()
    filename = changes.pop("filename", path.name)
    fields: dict[str, str | None] = {
        ":action": "file_upload",
        "protocol_version": "1",
        "metadata_version": "2.3",
        "name": "lies",
        "version": "0",
        "filetype": "bdist_wheel" if path.suffix == ".whl" else "sdist",
        "sha256_digest": hashlib.sha256(data).hexdigest(),
        "blake2_256_digest": hashlib.blake2b(data, digest_size=32).hexdigest(),
        "md5_digest": hashlib.md5(data, usedforsecurity=False).hexdigest(),
        "requires_python": ">=99",
    }
    named = {name.replace("action", ":action"): value for name, value in changes.items()}
    parts = [part(name, value) for name, value in (fields | named).items() if value is not None]
    return form(*parts, part("content", data, filename, "Content-Type: application/octet-stream\r\n"))


class Gate:
    """Blocks publishes until it is opened; `reached` is set by the first."""

    def __init__(self) -> None:
        self.reached, self.opened = threading.Event(), threading.Event()

    def __call__(self, _plan: Plan) -> None:
        self.reached.set()
        assert self.opened.wait(HANGS)
