"""Where a publish's bytes go, and what has to be shown about them before the chain is told."""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from ..distributions import Distribution
from ..ipfs.pinning import Pinner
from ..progress import Reporter
from .quorum import pin_all
from .retrieval import DEFAULT_PROOF, ProofOptions, independent, prove
from .uploads import Gateway, MemoryPinNotes, PinNotes, uploads_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Storage:
    """Pinners, of which `pins` have to keep everything, and gateways that have to deliver it; without any, none do.

    `notes` say what need not be done again; `clock` is monotonic.
    """

    pinners: Sequence[Pinner]
    gateways: Sequence[Gateway] = ()
    pins: int = 1
    proof: ProofOptions = DEFAULT_PROOF
    notes: PinNotes = field(default_factory=MemoryPinNotes)
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic

    def store(self, additions: Iterable[Distribution], listed: Iterable[Distribution], reporter: Reporter) -> None:
        """Pin everything, and prove that what is new can be had.

        Files that are `listed` are pinned again whatever the notes say, so a second pinner, or one that lost bytes,
        gets them. Raises PinnerError, GatewayError and PublishError.
        """
        added = uploads_of(additions)
        uploads = [*added, *uploads_of(listed, listed=True)]
        witnesses = independent(self.gateways, self.pinners) if self.gateways and added else []
        if uploads:
            pin_all(uploads, self.pinners, reporter, quorum=self.pins, notes=self.notes)
        if witnesses:
            prove(
                added,
                witnesses,
                reporter,
                proof=self.proof,
                notes=self.notes,
                sleep=self.sleep,
                clock=self.clock,
            )
