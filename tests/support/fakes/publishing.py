"""A pinner and a writer for tests of publishing: they record calls in one common list, and fail on demand."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from io import BytesIO
from typing import Any

from dipmp_lib.distributions import Distribution
from dipmp_lib.errors import CallRefused, DipmpError, GatewayError
from dipmp_lib.ipfs import car
from dipmp_lib.ipfs.cid import Cid
from dipmp_lib.model.names import ProjectName
from dipmp_lib.model.pages import File, Project
from dipmp_lib.publish import Plan, make_plan
from dipmp_lib.transactions import Call, Quote, Receipt
from tests.support.fakes.registry import REGISTRY, UPLOADED

ACTOR = bytes.fromhex("a1" * 20)


def listed(dist: Distribution, **changes: object) -> File:
    """Return the file as the registry lists it after its publication."""
    record = dist.record
    file = File(
        filename=record.filename,
        version=dist.version,
        size=record.size,
        sha256=record.sha256,
        dag_root=record.dag_root,
        metadata_sha256=record.metadata_sha256,
        requires_python=dist.requires_python,
        uploaded=UPLOADED,
        publisher=ACTOR,
        entry=1,
    )
    return replace(file, **changes)  # type: ignore[arg-type]


def plan_of(
    dists: Sequence[Distribution],
    project: Project | None,
    *,
    now: int = UPLOADED + 60,
    until: int = 0,
    **options: Any,  # noqa: ANN401
) -> Plan:
    """Plan against one project; every other name is free. `until` is the end of ACTOR's permission in `demo`."""
    names = sorted({dist.project for dist in dists})
    projects = {name: project if project and project.name == name else None for name in names}
    permissions = {ProjectName("demo"): until}
    return make_plan(dists, projects, now, ACTOR, registry=REGISTRY, publisher_until=permissions, **options)


@dataclass
class FakePinner:
    """Implements Pinner with verified blocks, and a gateway to them."""

    events: list[str] = field(default_factory=list)
    name: str = "fake"
    operator: str = ""
    fetches: bool = False
    failure: DipmpError | None = None
    blocks: dict[Cid, bytes] = field(default_factory=dict)
    roots: list[Cid] = field(default_factory=list)

    def pin(self, root: Cid, archive: Callable[[], Iterator[bytes]], size: int) -> None:
        """Read and check the whole archive; store its blocks."""
        self.events.append(f"pin {root}")
        if self.failure is not None:
            raise self.failure
        data = b"".join(archive())
        assert len(data) == size
        found = car.read(BytesIO(data))
        assert found.roots == (root,)
        self.blocks.update({block.cid: block.data for block in found.blocks})
        assert root in self.blocks
        self.roots.append(root)

    def block(self, cid: Cid, max_bytes: int = 0) -> bytes:
        """Return a block, as a gateway."""
        self.events.append(f"get {cid}")
        if cid not in self.blocks:
            raise GatewayError(f"no gateway delivers {cid}")
        return self.blocks[cid]


@dataclass
class FakeWriter:
    """A writer without a chain; `on_send` is called before a receipt is given, and may raise."""

    events: list[str] = field(default_factory=list)
    until: dict[str, int] = field(default_factory=dict)
    on_send: Callable[[Call], None] = lambda _call: None
    sent: list[Call] = field(default_factory=list)
    unclaimable: dict[str, CallRefused] = field(default_factory=dict)

    chain_id: int = 31337

    def settle(self) -> bool:
        """Record the call."""
        self.events.append("settle")
        return False

    def close(self) -> None:
        """Do nothing."""

    def chain_time(self) -> int:
        """Return 0."""
        return 0

    def claim_refusal(self, project: ProjectName) -> CallRefused | None:
        """Return the error of an unclaimable name."""
        return self.unclaimable.get(project)

    def publisher_until(self, project: ProjectName) -> int:
        """Return the expiry in `until`, 0 for none."""
        return self.until.get(project, 0)

    def quote(self, calls: Sequence[Call]) -> Quote:
        """Price every call alike."""
        return Quote(gas=(100_000,) * len(calls), max_fee=2, balance=10**18)

    def send(self, call: Call) -> Receipt:
        """Record the call."""
        self.events.append(f"send {call.function} {call.project}")
        self.on_send(call)
        self.sent.append(call)
        number = len(self.sent)
        return Receipt(transaction=number.to_bytes(32), block=number, gas_used=90_000, cost=180_000)
