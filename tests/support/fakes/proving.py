"""Uploads of three sizes, and a run of their proof of retrieval on a clock that moves only by its pauses."""

from Crypto.Cipher import ChaCha20

from dipmp_lib.publish.retrieval import ProofOptions, prove
from dipmp_lib.publish.uploads import Upload
from dipmp_lib.transactions.journal import MemoryPinNotes
from tests.support.fakes.clock import Clock
from tests.support.fakes.uploads import FakeGateway, Recorder, upload
from tests.support.files.content import MIB


def distinct(size: int) -> bytes:
    """Return bytes that repeat no block."""
    return ChaCha20.new(key=bytes(32), nonce=bytes(12)).encrypt(bytes(size))


SMALL_FILE = upload(distinct(300_000), "small.whl")
METADATA = upload(b"Metadata-Version: 2.4\n", "small.whl.metadata")
LARGE = upload(distinct(20 * MIB + 1), "large.whl")


def run(
    files: list[Upload], *gateways: FakeGateway, proof: ProofOptions | None = None, notes: MemoryPinNotes | None = None
) -> tuple[Recorder, Clock]:
    """Prove the retrieval of `files`; return the reporter and the clock."""
    reporter, clock = Recorder(), Clock()
    prove(
        files,
        gateways,
        reporter,
        proof=proof or ProofOptions(),
        notes=notes or MemoryPinNotes(),
        sleep=clock.sleep,
        clock=clock,
    )
    return reporter, clock
