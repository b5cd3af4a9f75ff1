"""What a publish brings to pinners: one DAG for each file, and one for each wheel's METADATA."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import BinaryIO

from .. import car, unixfs
from ..cid import Cid
from ..dist import Distribution


@dataclass(frozen=True, slots=True)
class Upload:
    """One DAG to be pinned, and where its bytes are read from, each time anew.

    `listed` tells that the registry has it already, and a pinner may have lost it since it was noted.
    """

    label: str
    dag: unixfs.FileDag
    opener: Callable[[], BinaryIO]
    listed: bool = False

    @property
    def root(self) -> Cid:
        """What it is pinned under."""
        return self.dag.root

    @property
    def car_size(self) -> int:
        """The archive's length in bytes."""
        return car.size(self.dag)

    def archive(self) -> Iterator[bytes]:
        """Write the archive anew. Raises PublishError where the file changed."""
        return car.of_file(self.dag, self.opener)


def uploads_of(dists: Iterable[Distribution], *, listed: bool = False) -> list[Upload]:
    """Return the files and, for wheels, their METADATA, which is pinned under a root of its own."""
    return [upload for dist in dists for upload in _uploads(dist, listed)]


def _uploads(dist: Distribution, listed: bool) -> Iterator[Upload]:  # noqa: FBT001 - as of its caller
    name, metadata = dist.filename.text, dist.metadata
    yield Upload(name, dist.dag, lambda: dist.path.open("rb"), listed)
    if dist.metadata_dag is not None:
        yield Upload(f"{name}.metadata", dist.metadata_dag, lambda: BytesIO(metadata), listed)
