"""Downloads by sha256, kept across runs so that a mirror that was stopped fetches nothing twice. Bounded in bytes.

<sha256>/<file name>     whole files, verified when they came and again when they are used
part-*                   what is being written
lock                     held by the one run that uses the folder
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
from ...distributions.inspection import inspect
from ...errors import InvalidDistribution, PublishError, SourceError
from ...progress import Advance, Reporter
from .choose import Refusal, clause
from .page import SourceFile
from .resolve import Needs, read_needs
from .source import SourceIndex

Sink = Callable[[bytes], object]


class DownloadCache:
    """Files under `folder`, at most `limit` bytes of them; a context manager that holds the folder's lock.

    The files of this run are never dropped for others; the longest unused are.
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
        """Return the file if it is here whole; one that was damaged is dropped."""
        path = self._place(file)
        if not path.is_file():
            return None
        if _digest(path) != file.sha256:
            shutil.rmtree(path.parent)
            return None
        os.utime(path)
        self._used.add(path.parent.name)
        return path

    def keep(self, file: SourceFile, download: Callable[[int, Sink], None]) -> Path:
        """Have `download` pour at most so many bytes into a sink, and keep them.

        Raises SourceError unless they are the file that its index lists; PublishError where there is no room.
        """
        room = self._make_room(file)
        number, name = tempfile.mkstemp(dir=self.folder, prefix="part-")
        part = Path(name)
        try:
            with os.fdopen(number, "wb") as stream:
                digest, size = _poured(stream, lambda sink: download(room, sink))
            _check(file, digest, size)
            path = self._place(file)
            path.parent.mkdir(exist_ok=True)
            part.replace(path)
        except OSError as error:
            raise PublishError(f"{file.filename.text} cannot be kept in {self.folder}: {error.strerror}") from error
        finally:
            part.unlink(missing_ok=True)
        self._used.add(path.parent.name)
        return path

    def _place(self, file: SourceFile) -> Path:
        assert file.sha256 is not None  # noqa: S101 - files without a digest are refused before
        return self.folder / file.sha256.hex() / file.filename.text

    def _make_room(self, file: SourceFile) -> int:
        """Return how many bytes the file may have, after dropping what that takes."""
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
    """Return the bytes of the files as their index states them; those that it does not state count nothing."""
    return sum(file.size or 0 for file in files)


def _poured(stream: BinaryIO, download: Callable[[Sink], None]) -> tuple[bytes, int]:
    digest, size = hashlib.sha256(), 0

    def pour(piece: bytes) -> None:
        nonlocal size
        stream.write(piece)
        digest.update(piece)
        size += len(piece)

    download(pour)
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
    """Gets files and METADATA from one index, each of them once."""

    def __init__(self, index: SourceIndex, cache: DownloadCache) -> None:
        self._index, self._cache = index, cache
        self._needs: dict[str, Needs] = {}

    def needs(self, file: SourceFile) -> Needs:
        """Return what a file depends on: from its METADATA where the index has that, else from the file itself.

        Raises SourceError, PublishError.
        """
        name = file.filename.text
        if name not in self._needs:
            self._needs[name] = self._read_needs(file)
        return self._needs[name]

    def _read_needs(self, file: SourceFile) -> Needs:
        wheel = file.filename.kind == "bdist_wheel"
        if file.metadata_sha256 is not None:
            return read_needs(self._index.metadata(file), wheel=wheel)
        path = self.path(file)
        with path.open("rb") as stream:
            found = inspect(file.filename, stream, path.stat().st_size)
        if not found.metadata:
            return Needs((), known=False, broken=tuple(str(finding.text) for finding in found.findings[:1]))
        return read_needs(found.metadata, wheel=wheel)

    def path(self, file: SourceFile, advance: Advance = lambda _: None) -> Path:
        """Return where the file is, downloaded unless it is here already. Raises SourceError, PublishError."""
        found = self._cache.find(file)
        if found is not None:
            advance(file.size or 0)
            return found

        def download(room: int, sink: Sink) -> None:
            self._pour(file, room, sink, advance)

        return self._index.patiently(lambda: self._cache.keep(file, download))

    def _pour(self, file: SourceFile, room: int, sink: Sink, advance: Advance) -> None:
        def pour(piece: bytes) -> None:
            sink(piece)
            if file.size is not None:
                advance(len(piece))

        self._index.download(file, room, pour)

    def distributions(
        self, files: Sequence[SourceFile], reporter: Reporter
    ) -> tuple[tuple[Distribution, ...], tuple[Refusal, ...]]:
        """Download files and check them as a publisher does; return those that pass, and why the others do not.

        What today's indexes refuse for its form alone passes: it is as it is at the other index, and stays that way.
        Raises PublishError where there is no room for them.
        """
        dists: list[Distribution] = []
        refusals: list[Refusal] = []
        with reporter.task(f"Downloading {len(files)} files", total_size(files)) as advance:
            for file in files:
                try:
                    dists.append(Distribution.from_path(self.path(file, advance), lenient=True))
                except SourceError as error:
                    refusals.append(clause(file.filename.text, error))
                except InvalidDistribution as error:
                    refusals += [Refusal(*problem) for problem in error.problems]
        return tuple(dists), tuple(refusals)
