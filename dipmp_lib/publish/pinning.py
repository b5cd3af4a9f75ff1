"""Bringing bytes to pinners, and checking that they can be had."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from typing import BinaryIO

from .. import car, unixfs
from ..cid import Cid
from ..dist import Distribution
from ..errors import GatewayError, PinnerError
from ..pinning import Pinner
from ..progress import Advance, Reporter
from .ports import Blocks

RETRIEVAL_ATTEMPTS = 6
_FIRST_PAUSE = 1.0


@dataclass(frozen=True, slots=True)
class Upload:
    """One DAG to be pinned, and where its bytes are read from, each time anew."""

    label: str
    dag: unixfs.FileDag
    opener: Callable[[], BinaryIO]


def uploads_of(dist: Distribution) -> list[Upload]:
    """Return the file itself and, for a wheel, its METADATA, which is pinned under a root of its own."""
    name, metadata = dist.filename.text, dist.metadata
    uploads = [Upload(name, dist.dag, lambda: dist.path.open("rb"))]
    if dist.metadata_dag is not None:
        uploads.append(Upload(f"{name}.metadata", dist.metadata_dag, lambda: BytesIO(metadata)))
    return uploads


def pin_all(dists: Sequence[Distribution], pinners: Sequence[Pinner], reporter: Reporter) -> None:
    """Pin every file with every pinner. Raises PinnerError; PublishError where a file changed meanwhile."""
    for upload in [upload for dist in dists for upload in uploads_of(dist)]:
        size = car.size(upload.dag)
        for pinner in pinners:
            with reporter.task(f"Pinning {upload.label} ({pinner.name})", size) as advance:
                _pin(pinner, upload, _archive(upload, advance), size)


def _pin(pinner: Pinner, upload: Upload, archive: Callable[[], Iterator[bytes]], size: int) -> None:
    try:
        pinner.pin(upload.dag.root, archive, size)
    except PinnerError as error:
        raise PinnerError(
            f"the pinner {pinner.name} does not have {upload.label}, so nothing was written on chain: {error}",
            hint=error.hint or "check DIPMP_PINNER (or --pinner), then run it again",
        ) from error


def check_retrievable(
    dists: Sequence[Distribution], blocks: Blocks, reporter: Reporter, sleep: Callable[[float], None]
) -> None:
    """Fetch every block of everything that was pinned, as installers would, and check its hash.

    Raises GatewayError where a block cannot be had for about 30 s.
    """
    uploads = [upload for dist in dists for upload in uploads_of(dist)]
    with reporter.task("Fetching back", sum(upload.dag.size for upload in uploads)) as advance:
        for upload in uploads:
            for piece in unixfs.read(upload.dag.root, partial(_fetch, upload, blocks, sleep)):
                advance(len(piece))


def _archive(upload: Upload, advance: Advance) -> Callable[[], Iterator[bytes]]:
    def archive() -> Iterator[bytes]:
        for piece in car.of_file(upload.dag, upload.opener):
            yield piece
            advance(len(piece))

    return archive


def _fetch(upload: Upload, blocks: Blocks, sleep: Callable[[float], None], cid: Cid) -> bytes:
    pause = _FIRST_PAUSE
    for attempt in range(1, RETRIEVAL_ATTEMPTS + 1):
        try:
            return blocks.block(cid, unixfs.MAX_BLOCK)
        except GatewayError as error:
            if attempt == RETRIEVAL_ATTEMPTS:
                raise GatewayError(
                    f"{upload.label} was pinned, but cannot be fetched back, so nothing was written on chain: {error}",
                    hint="check that the gateways of IPFS_GATEWAY reach the pinner, or run it again in a minute",
                ) from error
            sleep(pause)
            pause *= 2
    raise AssertionError  # the last attempt returns or raises
