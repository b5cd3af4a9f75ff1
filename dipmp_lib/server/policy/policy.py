"""Policy: which registries a server serves, and what its denylists withhold of them.

Policy is applied after the cache and the log: it changes answers, never what is stored.
"""

import hashlib
import time
from collections.abc import Callable, Collection
from dataclasses import replace
from enum import Enum

from ...caching import Lru
from ...errors import Denied, NotServed
from ...model.chains import CHAIN_IDS, ChainIds
from ...model.names import ProjectName, RegistryAddress
from ...model.pages import File, PagePolicy, PolicyNote, Project, Status
from ...telemetry import SILENCE, Event, Telemetry
from .rule import RuleAction, RuleTarget
from .source import NO_LISTS, RuleSource


class Tier(Enum):
    """Tier of a registry: PINNED ones come first, OPEN ones get threads and memory apart, with tighter limits."""

    PINNED = "pinned"
    OPEN = "open"


def spellings(registry: RegistryAddress, default_chain: int | None) -> tuple[RegistryAddress, ...]:
    """Return every way to write a registry's address: the default chain may be named by its short names, or not."""
    chain = ChainIds(default_chain).find(registry)
    if chain is None:
        return (registry,)
    names = [name for name, known in CHAIN_IDS.items() if known == chain] + ([""] if chain == default_chain else [])
    return tuple(RegistryAddress(registry.address, name) for name in names)


MAX_THINGS = 100_000
"""Files and notes on all remembered pages together."""
_UNKNOWN_CHAIN = 0
_DENYING = (RuleAction.BLOCK, RuleAction.QUARANTINE)


class Policy:
    """Policy of a server. Safe to use from several threads; only `check` reads files.

    `pinned` are the registries that come first, all where none is given; `others` is whether the rest is served.
    `chain_id` is that of the default chain, and `telemetry` is told of refusals. `clock` returns unix time.
    """

    def __init__(
        self,
        source: RuleSource = NO_LISTS,
        *,
        pinned: Collection[RegistryAddress] = (),
        others: bool = True,
        chain_id: int | None = None,
        telemetry: Telemetry = SILENCE,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._source = source
        self._pinned = frozenset(same for each in pinned for same in spellings(each, chain_id))
        self._others = others
        self._chains = ChainIds(chain_id)
        self._telemetry = telemetry
        self._clock = clock
        self._applied: Lru[tuple[RegistryAddress, str], tuple[bytes, str, Project]] = Lru(
            MAX_THINGS, lambda entry: entry[2].weight
        )

    @property
    def revision(self) -> str:
        """Word that changes with anything in the rules that could change an answer; "" without denylists."""
        rules = self._source.rules
        return rules.revision(self._clock()) if rules else ""

    @property
    def changes(self) -> bool:
        """Whether rules may change while the server runs, so that shared caches may keep nothing for long."""
        return self._source.watches

    def due(self) -> bool:
        """Tell whether `check` has to be called before anything is decided."""
        return self._source.due()

    def check(self) -> None:
        """Read the denylists that changed."""
        self._source.check()

    def tier_of(self, registry: object) -> Tier:
        """Return the tier of a registry; PINNED for any other key."""
        is_other = isinstance(registry, RegistryAddress) and self._pinned and registry not in self._pinned
        return Tier.OPEN if is_other else Tier.PINNED

    def tier(self, registry: RegistryAddress, name: ProjectName | str = "") -> Tier:
        """Return the tier of a registry, for reading it or one project in it. Raises NotServed, Denied."""
        tier = self.tier_of(registry)
        if tier is Tier.OPEN and not self._others:
            self._telemetry.tell(Event.DENIED, rule="not-pinned", registry=str(registry))
            raise NotServed(
                f"this server does not serve the registry {registry}", hint="ask its operator, or run a server yourself"
            )
        rules = self._source.rules
        if rules and (note := rules.registry(self._target(registry), name, self._clock())) is not None:
            raise self._denied(f"the registry {registry}", note)
        return tier

    def remembered(self, project: Project) -> Project | None:
        """Return the result of `apply` if it is in memory; None if `apply` has to be called."""
        revision = self.revision
        if not revision:
            return project
        entry = self._applied.get((project.registry, project.name))
        return entry[2] if entry is not None and entry[:2] == (project.head, revision) else None

    def apply(self, project: Project) -> Project:
        """Return the project as this server shows it.

        A denied project has the status quarantined (PEP 792) and no files; single denied files are left out. Its
        `policy` says so. A status from the chain stays.
        """
        revision = self.revision  # before the rules are read, so that newer ones are never taken for older
        shown = _apply(project, *self._notes(project)) if revision else project
        self._applied.put((project.registry, project.name), (project.head, revision, shown))
        return shown

    def require_file(self, project: Project, file: File) -> None:
        """Raise Denied where the project, as its log has it, or the file must not be served."""
        rules, target, now = self._source.rules, self._target(project.registry), self._clock()
        if not rules:
            return
        for note in (rules.project(target, project.name, now), rules.file(target, project.name, file, now)):
            if note is not None and note.action in _DENYING:
                raise self._denied(f"{file.filename} of {project.name} in {project.registry}", note)

    def _notes(self, project: Project) -> tuple[PolicyNote | None, list[PolicyNote]]:
        rules, target, now = self._source.rules, self._target(project.registry), self._clock()
        if not rules:
            return None, []
        found = (rules.file(target, project.name, file, now) for file in project.files)
        return rules.project(target, project.name, now), [note for note in found if note is not None]

    def _target(self, registry: RegistryAddress) -> RuleTarget:
        return self._chains.find(registry) or _UNKNOWN_CHAIN, registry.address

    def _denied(self, what: str, note: PolicyNote) -> Denied:
        self._telemetry.tell(Event.DENIED, rule=note.rule)
        why = f" ({note.reason})" if note.reason else ""
        where = note.url or "its operator says how to object"
        return Denied(
            f"this server's operator does not serve {what}{why}, although the chain lists it",
            rule=note.rule,
            policy_url=note.url,
            hint=f"see {where}; a server of somebody else may serve it",
        )


def _apply(project: Project, whole: PolicyNote | None, files: list[PolicyNote]) -> Project:
    notes = tuple(note for note in (whole, *files) if note is not None)
    if not notes:
        return project
    if whole is not None and whole.action in _DENYING:
        policy = replace(_page_policy((whole,), len(project.files)), denied=whole.rule)
        if project.status is Status.QUARANTINED:
            return replace(project, files=(), policy=policy)
        return replace(project, files=(), policy=policy, status=Status.QUARANTINED, status_reason=_reason(whole))
    denied = {note.filename for note in files if note.action in _DENYING}
    kept = tuple(file for file in project.files if file.filename not in denied)
    return replace(project, files=kept, policy=_page_policy(notes, len(project.files) - len(kept)))


def _page_policy(notes: tuple[PolicyNote, ...], withheld: int) -> PagePolicy:
    revision = hashlib.sha256(repr((notes, withheld)).encode()).hexdigest()[:16]
    return PagePolicy(revision=revision, notes=notes, withheld=withheld)


def _reason(note: PolicyNote) -> str:
    facts = [note.reason, note.ref, note.statement and f"statement {note.statement}", note.url and f"see {note.url}"]
    return ": ".join(["denied by this server's operator", ", ".join(fact for fact in facts if fact)]).removesuffix(": ")
