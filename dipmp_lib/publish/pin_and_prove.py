"""The storage half of a publish: pin every file, then prove that it can be retrieved."""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from ..distributions import Distribution
from ..ipfs.pinning import Pinner
from ..progress import Reporter
from ..transactions.journal import MemoryPinNotes, PinNotes
from .quorum import pin_all
from .retrieval import DEFAULT_PROOF, ProofOptions, independent, prove
from .uploads import Gateway, uploads_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Storage:
    """The pinners and gateways of a publish.

    At least `pins` of the `pinners` have to keep everything. New files are fetched back through `gateways`; without
    gateways nothing is proven. `notes` remember finished pins and proofs; `clock` is monotonic, in seconds.
    """

    pinners: Sequence[Pinner]
    gateways: Sequence[Gateway] = ()
    pins: int = 1
    proof: ProofOptions = DEFAULT_PROOF
    notes: PinNotes = field(default_factory=MemoryPinNotes)
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic

    def store(self, additions: Iterable[Distribution], listed: Iterable[Distribution], reporter: Reporter) -> None:
        """Pin all files, and prove the retrieval of the `additions`.

        `listed` files are pinned again whatever the notes say, so that a new pinner, or one that lost bytes, gets
        them. Raises PinnerError, GatewayError, PublishError.
        """
        added = uploads_of(additions)
        uploads = [*added, *uploads_of(listed, listed=True)]
        gateways = independent(self.gateways, self.pinners) if self.gateways and added else []
        if uploads:
            pin_all(uploads, self.pinners, reporter, required=self.pins, notes=self.notes)
        if gateways:
            prove(
                added,
                gateways,
                reporter,
                proof=self.proof,
                notes=self.notes,
                sleep=self.sleep,
                clock=self.clock,
            )
