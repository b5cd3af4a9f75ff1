"""What a publish brings to pinners: one DAG for each file, and one for each wheel's METADATA."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import BinaryIO, Protocol

from ..distributions import Distribution
from ..ipfs import car, unixfs
from ..ipfs.cid import Cid


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


class Gateway(Protocol):
    """Gets blocks from where installers will get them."""

    @property
    def name(self) -> str:
        """What messages call it; holds no secret."""
        ...

    @property
    def operator(self) -> str:
        """Who runs it, as `operator_of` says, "" where that is not known."""
        ...

    def block(self, cid: Cid, max_bytes: int = ...) -> bytes:
        """Return one block's bytes, whose hash is verified. Raises GatewayError."""
        ...


class PinNotes(Protocol):
    """Remembers what was pinned and proven, which is as true for the next run. Safe to use from several threads."""

    def known(self, key: str) -> bool:
        """Tell whether something was noted under the key."""
        ...

    def keep(self, key: str, facts: Mapping[str, str | int | None]) -> None:
        """Note something under the key."""
        ...


class MemoryPinNotes:
    """Keeps notes for one run, and to be looked at. Safe to use from several threads."""

    def __init__(self) -> None:
        self.facts: dict[str, Mapping[str, str | int | None]] = {}

    def known(self, key: str) -> bool:
        """Tell whether something was noted under the key."""
        return key in self.facts

    def keep(self, key: str, facts: Mapping[str, str | int | None]) -> None:
        """Note something under the key."""
        self.facts[key] = dict(facts)
