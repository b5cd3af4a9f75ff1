"""What becomes of a checked file: published before the tool hears of it, or kept until the tool has ended."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from ...distributions import Distribution
from ...progress import Reporter
from ...transactions import Quote
from .. import Plan, Published


class UploadState(StrEnum):
    """How far a file has come when the tool gets its answer."""

    PUBLISHED = "published"
    LISTED = "listed"
    KEPT = "kept"


@dataclass(frozen=True, slots=True)
class AcceptedUpload:
    """A file that was taken, and a sentence that says nothing but what is so by now."""

    state: UploadState
    sentence: str


class Publishing(Protocol):
    """Plans and carries out publishes, as `dipmp_lib.publish.Publisher` does."""

    def plan(self, dists: Sequence[Distribution]) -> Plan:
        """Finish what an earlier run left unfinished, hold the key's account, and decide what happens to each file."""
        ...

    def look(self, dists: Sequence[Distribution]) -> Plan:
        """Decide what would happen to each file; nothing is sent, and nothing held."""
        ...

    def close(self) -> None:
        """Let others send with the key."""
        ...

    def quote(self, made: Plan) -> Quote:
        """Simulate and price a plan."""
        ...

    def publish(self, made: Plan, reporter: Reporter) -> tuple[Published, ...]:
        """Carry a plan out."""
        ...


class UploadSink(Protocol):
    """Takes files, several at a time from as many threads."""

    def take(self, dist: Distribution) -> AcceptedUpload:
        """Take one file, whose path holds as long as the call. Raises PublishError, Upstream, Malformed."""
        ...


class Watcher(Protocol):
    """Hears what is published, for the person at the terminal."""

    def planned(self, plan: Plan, quote: Quote) -> None:
        """Hear of a plan that will be carried out now."""
        ...

    def published(self, published: tuple[Published, ...]) -> None:
        """Hear of what is on chain."""
        ...


def listed(dist: Distribution) -> AcceptedUpload:
    """Return the answer for bytes that the registry lists already."""
    return AcceptedUpload(
        UploadState.LISTED, f"{dist.filename.text} is already published with these bytes: nothing was sent"
    )
