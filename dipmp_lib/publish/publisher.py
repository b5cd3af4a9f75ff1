"""Publishing to one registry with one key: what the command, the upload bridge and the mirror have in common."""

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
from .pin_and_prove import Storage
from .plan import Plan, PlannedEntry
from .planning import plan, read_claims, read_permissions, read_projects
from .readback import read_back
from .retrieval import DEFAULT_PROOF, ProofOptions
from .uploads import Gateway, MemoryPinNotes, PinNotes


@dataclass(frozen=True, slots=True)
class Published:
    """One entry that is on chain, and the receipt of its transaction."""

    entry: PlannedEntry
    receipt: Receipt


def run(
    plan: Plan,
    storage: Storage,
    writer: Writer,
    reporter: Reporter,
    *,
    registries: Sequence[Registry],
    sleep: Callable[[float], None] = time.sleep,
) -> tuple[Published, ...]:
    """Pin and prove, send one transaction per entry, and read all of it back from `registries`, which are one.

    Raises PinnerError, GatewayError and PublishError before anything is on chain; TransactionError, which says what
    is on chain, also where that cannot be read back.
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

    Of the `pinners`, `pins` have to keep everything; `gateways` are where files are fetched back from, as far as
    `proof` says; `notes` say what need not be done again. `witnesses` are the registry as each endpoint shows it.
    `clock` gives unix seconds.
    """

    address: RegistryAddress
    actor: bytes
    registry: Registry
    writer: Writer
    pinners: Sequence[Pinner]
    gateways: Sequence[Gateway] = ()
    pins: int = 1
    proof: ProofOptions = DEFAULT_PROOF
    witnesses: Sequence[Registry] = ()
    notes: PinNotes = field(default_factory=MemoryPinNotes)
    clock: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep

    def plan(self, dists: Sequence[Distribution], *, partly: bool = False) -> Plan:
        """Finish what an earlier run left unfinished, then decide what happens to each file.

        The account is held from then on. Raises as Writer.settle and `plan` say.
        """
        self.writer.settle()
        return self.look(dists, partly=partly)

    def look(
        self, dists: Sequence[Distribution], earlier: InvalidDistribution | None = None, *, partly: bool = False
    ) -> Plan:
        """Decide what would happen to each file, for somebody who sends nothing. Raises as `plan` says.

        Where `earlier` says what is wrong with other files, it raises that together with all else.
        """
        projects = read_projects(self.registry, self.address, [dist.project for dist in dists])
        permissions = read_permissions(self.writer, projects, self.actor)
        return plan(
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
        """Return the time that decides (unix seconds): the chain's own, or this machine's if that is later.

        The next block is never older than the newest, nor much older than now.
        """
        return max(self.writer.chain_time(), int(self.clock()))

    def close(self) -> None:
        """Let others send with the key."""
        self.writer.close()

    def quote(self, made: Plan) -> Quote:
        """Simulate and price a plan. Raises TransactionError for one that would fail, or that the key cannot pay."""
        return self.writer.quote(made.calls)

    def keep(self, made: Plan, reporter: Reporter) -> None:
        """Bring the bytes to where they can be had, as `publish` does first; nothing is sent. Raises as `run` says."""
        self.storage.store(made.additions, made.skipped, reporter)

    def publish(self, made: Plan, reporter: Reporter) -> tuple[Published, ...]:
        """Carry a plan out. Raises as `run` says; running the same publish again goes on where this one stopped."""
        registries = self.witnesses or (self.registry,)
        return run(made, self.storage, self.writer, reporter, registries=registries, sleep=self.sleep)

    @property
    def storage(self) -> Storage:
        """Where the bytes go."""
        return Storage(
            pinners=self.pinners,
            gateways=self.gateways,
            pins=self.pins,
            proof=self.proof,
            notes=self.notes,
            sleep=self.sleep,
        )
