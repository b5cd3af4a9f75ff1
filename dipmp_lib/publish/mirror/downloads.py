"""Downloads of files and metadata from the other index, with a bounded cache on disk that lasts across runs.

<sha256>/<file name>     complete files, verified when they are stored and again when they are used
part-*                   files that are being written
lock                     locked by the one run that uses the folder
"""

import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Self

from ...distributions import Distribution
from ...distributions.findings import Finding
from ...distributions.inspection import inspect
from ...errors import InvalidDistribution, PublishError, SourceError
from ...progress import Advance, Reporter
from .page_parser import SourceFile
from .resolve import Dependencies, read_dependencies
from .source import SourceIndex

Sink = Callable[[bytes], object]


class DownloadCache:
    """A cache of files under `folder`, at most `limit` bytes; a context manager that holds the folder's lock.

    The least recently used files make room for new ones, those of this run excepted. Raises PublishError on entry where
    another run holds the lock.
    """

    def __init__(self, folder: Path, limit: int) -> None:
        self.folder = folder
        self.limit = limit
        self._used: set[str] = set()
        self._lock: BinaryIO | None = None

    def __enter__(self) -> Self:
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._lock = (self.folder / "lock").open("wb")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._lock.close()
            raise PublishError(
                f"another mirror uses the downloads in {self.folder}", hint="wait for it, or give another --cache"
            ) from None
        for left in self.folder.glob("part-*"):
            left.unlink()
        return self

    def __exit__(self, *_: object) -> None:
        if self._lock is not None:
            self._lock.close()

    def find(self, file: SourceFile) -> Path | None:
        """Return the path of a complete file, None if it is missing; a damaged one is deleted."""
        path = self._path_of(file)
        if not path.is_file():
            return None
        if _digest(path) != file.sha256:
            shutil.rmtree(path.parent)
            return None
        os.utime(path)
        self._used.add(path.parent.name)
        return path

    def store(self, file: SourceFile, download: Callable[[int, Sink], None]) -> Path:
        """Store what `download(max_bytes, sink)` writes to the sink, and return the path.

        Raises SourceError unless the bytes are the file that the index lists, PublishError where there is no room.
        """
        room = self._make_room(file)
        number, name = tempfile.mkstemp(dir=self.folder, prefix="part-")
        part = Path(name)
        try:
            with os.fdopen(number, "wb") as stream:
                digest, size = _write_hashed(stream, lambda sink: download(room, sink))
            _check(file, digest, size)
            path = self._path_of(file)
            path.parent.mkdir(exist_ok=True)
            part.replace(path)
        except OSError as error:
            raise PublishError(f"{file.filename.text} cannot be kept in {self.folder}: {error.strerror}") from error
        finally:
            part.unlink(missing_ok=True)
        self._used.add(path.parent.name)
        return path

    def _path_of(self, file: SourceFile) -> Path:
        assert file.sha256 is not None  # noqa: S101 - files without a digest are refused before
        return self.folder / file.sha256.hex() / file.filename.text

    def _make_room(self, file: SourceFile) -> int:
        """Delete files until this one fits, and return how many bytes it may have. Raises PublishError."""
        entries = [(path.stat(), path) for path in self.folder.glob("*/*") if path.is_file()]
        held = sum(stat.st_size for stat, _ in entries)
        needed = file.size or 0
        others = [(stat.st_mtime, stat.st_size, path) for stat, path in entries if path.parent.name not in self._used]
        for _, size, path in sorted(others):
            if held + needed <= self.limit and (file.size is not None or held < self.limit // 2):
                break
            shutil.rmtree(path.parent)
            held -= size
        if held + max(needed, 1) > self.limit:
            raise PublishError(
                f"{file.filename.text} does not fit the {self.limit >> 20} MiB for downloads, of which this mirror "
                f"has taken {held >> 20} MiB",
                hint="give more with --cache-size, or mirror fewer files at once",
            )
        return self.limit - held


def total_size(files: Iterable[SourceFile]) -> int:
    """Return the sum of the sizes that the index states, in bytes; a file without one counts as 0."""
    return sum(file.size or 0 for file in files)


def _write_hashed(stream: BinaryIO, download: Callable[[Sink], None]) -> tuple[bytes, int]:
    digest, size = hashlib.sha256(), 0

    def write(piece: bytes) -> None:
        nonlocal size
        stream.write(piece)
        digest.update(piece)
        size += len(piece)

    download(write)
    return digest.digest(), size


def _check(file: SourceFile, digest: bytes, size: int) -> None:
    name = file.filename.text
    if file.size is not None and size != file.size:
        raise SourceError(f"{name} came with {size} bytes where its index says {file.size}")
    if digest != file.sha256:
        listed = file.sha256.hex() if file.sha256 else "none"
        raise SourceError(f"{name} came with the sha256 {digest.hex()}, and its index says {listed}")


def _digest(path: Path) -> bytes:
    with suppress(OSError), path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").digest()
    return b""


class Collector:
    """Downloads files and METADATA from one index, each of them once."""

    def __init__(self, index: SourceIndex, cache: DownloadCache) -> None:
        self._index, self._cache = index, cache
        self._dependencies: dict[str, Dependencies] = {}

    def dependencies(self, file: SourceFile) -> Dependencies:
        """Return a file's dependencies, from its METADATA where the index serves that, else from the file itself.

        Raises SourceError, PublishError.
        """
        name = file.filename.text
        if name not in self._dependencies:
            self._dependencies[name] = self._read_dependencies(file)
        return self._dependencies[name]

    def _read_dependencies(self, file: SourceFile) -> Dependencies:
        wheel = file.filename.kind == "bdist_wheel"
        if file.metadata_sha256 is not None:
            return read_dependencies(self._index.metadata(file), wheel=wheel)
        path = self.path(file)
        with path.open("rb") as stream:
            found = inspect(file.filename, stream, path.stat().st_size)
        if not found.metadata:
            return Dependencies((), known=False, broken=tuple(finding.clause for finding in found.findings[:1]))
        return read_dependencies(found.metadata, wheel=wheel)

    def path(self, file: SourceFile, advance: Advance = lambda _: None) -> Path:
        """Return the path of the file, downloaded unless it is in the cache. Raises SourceError, PublishError."""
        found = self._cache.find(file)
        if found is not None:
            advance(file.size or 0)
            return found

        def download(room: int, sink: Sink) -> None:
            self._download(file, room, sink, advance)

        return self._index.with_retries(lambda: self._cache.store(file, download))

    def _download(self, file: SourceFile, room: int, sink: Sink, advance: Advance) -> None:
        def write(piece: bytes) -> None:
            sink(piece)
            if file.size is not None:
                advance(len(piece))

        self._index.download(file, room, write)

    def distributions(
        self, files: Sequence[SourceFile], reporter: Reporter
    ) -> tuple[tuple[Distribution, ...], tuple[Finding, ...]]:
        """Download and check files; return those that pass, and the findings of the others.

        Findings of form alone (Severity.FORM) are accepted, since a mirror cannot change the file. Raises PublishError
        where the cache has no room.
        """
        dists: list[Distribution] = []
        refusals: list[Finding] = []
        with reporter.task(f"Downloading {len(files)} files", total_size(files)) as advance:
            for file in files:
                try:
                    dists.append(Distribution.from_path(self.path(file, advance), lenient=True))
                except SourceError as error:
                    refusals.append(Finding.from_error(file.filename.text, error))
                except InvalidDistribution as error:
                    refusals += [Finding(*problem) for problem in error.problems]
        return tuple(dists), tuple(refusals)
