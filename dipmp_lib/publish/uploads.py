"""Uploads to pinners: one DAG for each file, and one for each wheel's METADATA."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import BinaryIO, Protocol

from ..distributions import Distribution
from ..ipfs import car, unixfs
from ..ipfs.cid import Cid


@dataclass(frozen=True, slots=True)
class Upload:
    """One DAG to pin; `opener` opens its bytes from the start.

    `listed` is true for a file that the registry lists already: a pinner may have lost it since the note.
    """

    label: str
    dag: unixfs.FileDag
    opener: Callable[[], BinaryIO]
    listed: bool = False

    @property
    def root(self) -> Cid:
        """The root CID."""
        return self.dag.root

    @property
    def car_size(self) -> int:
        """The CAR archive's length in bytes."""
        return car.size(self.dag)

    def archive(self) -> Iterator[bytes]:
        """Yield the CAR archive from its start. Raises PublishError where the file changed since it was hashed."""
        return car.of_file(self.dag, self.opener)


def uploads_of(dists: Iterable[Distribution], *, listed: bool = False) -> list[Upload]:
    """Return an upload for each file and, for wheels, one for the METADATA, which has a root of its own."""
    return [upload for dist in dists for upload in _uploads(dist, listed)]


def _uploads(dist: Distribution, listed: bool) -> Iterator[Upload]:  # noqa: FBT001 - as of its caller
    name, metadata = dist.filename.text, dist.metadata
    yield Upload(name, dist.dag, lambda: dist.path.open("rb"), listed)
    if dist.metadata_dag is not None:
        yield Upload(f"{name}.metadata", dist.metadata_dag, lambda: BytesIO(metadata), listed)


class Gateway(Protocol):
    """An IPFS gateway, as installers use it."""

    @property
    def name(self) -> str:
        """Its name in messages, without secrets."""
        ...

    @property
    def operator(self) -> str:
        """Its operator (see `provider_of`), "" if unknown."""
        ...

    def block(self, cid: Cid, max_bytes: int = ...) -> bytes:
        """Return the bytes of one block, verified against its CID. Raises GatewayError."""
        ...
