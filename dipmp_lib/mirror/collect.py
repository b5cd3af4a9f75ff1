"""Bringing files here, through the cache, and reading what they need."""

from collections.abc import Sequence
from pathlib import Path

from ..archives import inspect
from ..dist import Distribution
from ..errors import InvalidDistribution, SourceError
from ..progress import Advance, Reporter
from .cache import DownloadCache, Sink, total_size
from .index import SourceIndex
from .metadata import Needs, read_needs
from .page import SourceFile
from .refusal import Refusal, clause


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
