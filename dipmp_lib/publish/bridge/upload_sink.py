"""Ports of the bridge: the sink of checked uploads, the publisher behind it, and the watcher at the terminal."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from ...distributions import Distribution
from ...progress import Reporter
from ...transactions import Quote
from .. import Plan, Published


class UploadState(StrEnum):
    """The state of a file when the tool gets its response."""

    PUBLISHED = "published"
    LISTED = "listed"
    COLLECTED = "collected"


@dataclass(frozen=True, slots=True)
class AcceptedUpload:
    """The state of an accepted file, and a sentence about it that is true by now."""

    state: UploadState
    sentence: str


class Publishing(Protocol):
    """Plans and carries out publishes, as `dipmp_lib.publish.Publisher` does."""

    def plan(self, dists: Sequence[Distribution]) -> Plan:
        """Settle transactions of an earlier run, lock the account, and return the plan."""
        ...

    def preview(self, dists: Sequence[Distribution]) -> Plan:
        """Return the plan without settling or locking anything."""
        ...

    def close(self) -> None:
        """Release the account's lock."""
        ...

    def quote(self, plan: Plan) -> Quote:
        """Simulate and price a plan."""
        ...

    def publish(self, plan: Plan, reporter: Reporter) -> tuple[Published, ...]:
        """Carry a plan out."""
        ...


class UploadSink(Protocol):
    """Accepts files; safe to use from several threads.

    As in `sink.take(Distribution.from_path(path)).state is UploadState.PUBLISHED`.
    """

    def take(self, dist: Distribution) -> AcceptedUpload:
        """Accept one file, whose path is valid during the call only. Raises PublishError, Upstream, Malformed."""
        ...


class Watcher(Protocol):
    """Is told about publishes, to show them at the terminal."""

    def planned(self, plan: Plan, quote: Quote) -> None:
        """Called before a plan is carried out."""
        ...

    def published(self, published: tuple[Published, ...]) -> None:
        """Called with the entries that are on chain."""
        ...


def listed(dist: Distribution) -> AcceptedUpload:
    """Return the result for bytes that the registry lists already."""
    return AcceptedUpload(
        UploadState.LISTED, f"{dist.filename.text} is already published with these bytes: nothing was sent"
    )
