"""Publishing to one registry with one key, as used by `dipmp publish`, the upload bridge and the mirror."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from ..distributions import Distribution
from ..errors import DipmpError, InvalidDistribution, TransactionError
from ..ipfs.pinning import Pinner
from ..model.names import RegistryAddress
from ..progress import Reporter
from ..registry.port import Registry
from ..transactions import AGAIN, Quote, Receipt, Writer
from ..transactions.journal import MemoryPinNotes, PinNotes
from .pin_and_prove import Storage
from .plan import Plan, PlannedEntry
from .planning import make_plan, read_claims, read_permissions, read_projects
from .readback import read_back
from .retrieval import DEFAULT_PROOF, ProofOptions
from .uploads import Gateway


@dataclass(frozen=True, slots=True)
class Published:
    """One entry that is on chain, and the receipt of its transaction."""

    entry: PlannedEntry
    receipt: Receipt


def publish_plan(
    plan: Plan,
    storage: Storage,
    writer: Writer,
    reporter: Reporter,
    *,
    registries: Sequence[Registry],
    sleep: Callable[[float], None] = time.sleep,
) -> tuple[Published, ...]:
    """Pin and prove, send one transaction per entry, and read the result back.

    `registries` are the same registry, read through different endpoints. Raises PinnerError, GatewayError and
    PublishError before anything is on chain; later TransactionError, which names the transactions that are on chain.
    """
    storage.store(plan.additions, plan.skipped, reporter)
    published = _send_all(plan, writer, reporter)
    try:
        read_back(plan, registries, reporter, sleep)
    except DipmpError as error:
        raise TransactionError(f"{error} ({_on_chain(published)})", hint=error.hint or AGAIN) from error
    return published


def _on_chain(published: Sequence[Published]) -> str:
    return "on chain: " + ", ".join(f"0x{each.receipt.transaction.hex()}" for each in published)


def _send_all(plan: Plan, writer: Writer, reporter: Reporter) -> tuple[Published, ...]:
    published: list[Published] = []
    for entry in plan.entries:
        try:
            published.append(_send(entry, plan.actor, writer, reporter))
        except DipmpError as error:
            if not published:
                raise
            raise TransactionError(
                f"{error} ({len(published)} of {len(plan.entries)} transactions are {_on_chain(published)})",
                hint=error.hint or AGAIN,
            ) from error
    return tuple(published)


def _send(entry: PlannedEntry, actor: bytes, writer: Writer, reporter: Reporter) -> Published:
    with reporter.task(f"Publishing {entry.project} {entry.version}", 1) as advance:
        receipt = writer.send(entry.call(actor))
        advance(1)
    return Published(entry, receipt)


@dataclass(frozen=True, slots=True, kw_only=True)
class Publisher:
    """Plans and carries out publishes by `actor`, the address of the writer's key.

    `pinners`, `gateways`, `pins`, `proof` and `notes` are those of Storage. `endpoint_registries` read the registry
    through one endpoint each. `clock` returns unix seconds.
    """

    address: RegistryAddress
    actor: bytes
    registry: Registry
    writer: Writer
    pinners: Sequence[Pinner]
    gateways: Sequence[Gateway] = ()
    pins: int = 1
    proof: ProofOptions = DEFAULT_PROOF
    endpoint_registries: Sequence[Registry] = ()
    notes: PinNotes = field(default_factory=MemoryPinNotes)
    clock: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep

    def plan(self, dists: Sequence[Distribution], *, partly: bool = False) -> Plan:
        """Settle transactions of an earlier run, then plan; the account stays locked until `close`.

        Raises as Writer.settle and `make_plan` say.
        """
        self.writer.settle()
        return self.preview(dists, partly=partly)

    def preview(
        self, dists: Sequence[Distribution], earlier: InvalidDistribution | None = None, *, partly: bool = False
    ) -> Plan:
        """Return the plan without settling or locking anything, as for a dry run. Raises as `make_plan` says."""
        projects = read_projects(self.registry, self.address, [dist.project for dist in dists])
        permissions = read_permissions(self.writer, projects, self.actor)
        return make_plan(
            dists,
            projects,
            self.now(),
            self.actor,
            registry=self.address,
            publisher_until=permissions,
            unclaimable=read_claims(self.writer, projects),
            earlier=earlier,
            partly=partly,
        )

    def now(self) -> int:
        """Return the expected time of the next block in unix seconds: the chain's time or this machine's, if later."""
        # The next block is never older than the newest, nor much older than now.
        return max(self.writer.chain_time(), int(self.clock()))

    def close(self) -> None:
        """Release the account's lock."""
        self.writer.close()

    def quote(self, plan: Plan) -> Quote:
        """Simulate and price a plan. Raises TransactionError if it would fail, or the key cannot pay for it."""
        return self.writer.quote(plan.calls)

    def store(self, plan: Plan, reporter: Reporter) -> None:
        """Pin the bytes and prove their retrieval, as `publish` does first. Raises as `publish_plan` says."""
        self.storage.store(plan.additions, plan.skipped, reporter)

    def publish(self, plan: Plan, reporter: Reporter) -> tuple[Published, ...]:
        """Carry a plan out; a second run of the same publish continues where this one stopped.

        Raises as `publish_plan` says.
        """
        registries = self.endpoint_registries or (self.registry,)
        return publish_plan(plan, self.storage, self.writer, reporter, registries=registries, sleep=self.sleep)

    @property
    def storage(self) -> Storage:
        """The storage half of a publish."""
        return Storage(
            pinners=self.pinners,
            gateways=self.gateways,
            pins=self.pins,
            proof=self.proof,
            notes=self.notes,
            sleep=self.sleep,
        )
