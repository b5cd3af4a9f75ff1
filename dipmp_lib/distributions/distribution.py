"""Distributions: wheels and sdists on disk, read and checked one by one or as a set."""

from collections.abc import Sequence
from dataclasses import dataclass
from io import SEEK_END, BytesIO
from pathlib import Path
from typing import BinaryIO, Self, cast

from ..errors import InvalidDistribution, InvalidFilename
from ..ipfs import unixfs
from ..ipfs.cid import Cid
from ..log.entries import FileRecord
from ..log.limits import MAX_SIZE
from ..model.filenames import Filename, parse_filename
from ..model.names import ProjectName
from ..progress import Advance, Reporter, SilentReporter
from .findings import Finding, Severity
from .inspection import Inspection, inspect
from .metadata import check_sidecar, without_sidecars

WHEEL = "bdist_wheel"
LENIENT = "build it again with today's tools; --lenient publishes such files as they are, with a warning"


@dataclass(frozen=True, slots=True, kw_only=True)
class Distribution:
    """A wheel or sdist that can be published.

    `dag` is the file as UnixFS. `metadata` has the bytes of METADATA or PKG-INFO, `requires_python` is "" where these
    state none. `metadata_dag` is the one-block DAG of a wheel's METADATA, None for an sdist, whose metadata may change
    when it is built. `warnings` are clauses about the file ("has …") for a person.
    """

    path: Path
    filename: Filename
    dag: unixfs.FileDag
    metadata: bytes
    metadata_dag: unixfs.FileDag | None
    requires_python: str
    warnings: tuple[str, ...] = ()

    @classmethod
    def from_path(cls, path: Path, reporter: Reporter | None = None, *, lenient: bool = False) -> Self:
        """Read and check one file. Raises InvalidDistribution with every problem.

        `lenient` makes warnings of faults of form, which today's indexes refuse and older files have.
        """
        try:
            filename = parse_filename(path.name)
        except InvalidFilename as error:
            clause = str(error).removeprefix(f"{path.name!a} ")
            raise InvalidDistribution([(path.name, clause)]) from error
        try:
            with path.open("rb") as stream:
                return cls._read(path, filename, stream, reporter or SilentReporter(), lenient=lenient)
        except OSError as error:
            raise InvalidDistribution([(path.name, f"cannot be read: {error.strerror}")]) from error

    @classmethod
    def _read(cls, path: Path, filename: Filename, stream: BinaryIO, reporter: Reporter, *, lenient: bool) -> Self:
        size = stream.seek(0, SEEK_END)
        if not 0 < size <= MAX_SIZE:
            text = "is empty" if size == 0 else f"has {size} bytes, and a registry lists files of up to {MAX_SIZE}"
            raise InvalidDistribution([(path.name, text)])
        stream.seek(0)
        found = inspect(filename, stream, size)
        warnings = _accept(path, found, lenient=lenient)
        stream.seek(0)
        with reporter.task(f"Hashing {path.name}", size) as advance:
            dag = unixfs.scan(cast("BinaryIO", _Counted(stream, advance)))
        return cls(
            path=path,
            filename=filename,
            dag=dag,
            metadata=found.metadata,
            metadata_dag=unixfs.scan(BytesIO(found.metadata)) if filename.kind == WHEEL else None,
            requires_python=found.requires_python,
            warnings=warnings,
        )

    @property
    def project(self) -> ProjectName:
        """The project, in PEP 503 normal form."""
        return self.filename.project

    @property
    def version(self) -> str:
        """The version, in PEP 440 canonical form."""
        return self.filename.version

    @property
    def cid(self) -> Cid:
        """The CID of the file's root block."""
        return self.dag.root

    @property
    def record(self) -> FileRecord:
        """The file as a RELEASE entry of the log lists it."""
        return FileRecord(
            filename=self.filename.text,
            size=self.dag.size,
            sha256=self.dag.sha256,
            dag_root=self.dag.dag_root,
            metadata_sha256=self.metadata_dag.sha256 if self.metadata_dag else None,
        )


def _accept(path: Path, found: Inspection, *, lenient: bool) -> tuple[str, ...]:
    """Return the warnings. Raises InvalidDistribution."""
    refused = {Severity.ERROR} if lenient else {Severity.ERROR, Severity.FORM}
    problems = [finding for finding in found.findings if finding.severity in refused]
    sidecar = check_sidecar(path, found.metadata) if found.metadata else None
    if sidecar:
        problems.append(Finding(path.name, sidecar))
    if problems:
        of_form = all(finding.severity is Severity.FORM for finding in problems)
        raise InvalidDistribution([finding.problem for finding in problems], hint=LENIENT if of_form else "")
    return tuple(finding.clause for finding in found.findings)


class _Counted:
    """A stream that reports the bytes read from it."""

    def __init__(self, inner: BinaryIO, advance: Advance) -> None:
        self._inner, self._advance = inner, advance

    def read(self, size: int) -> bytes:
        data = self._inner.read(size)
        self._advance(len(data))
        return data


@dataclass(frozen=True, slots=True)
class Reading:
    """The files that can be published, by project, version and name, and the problems of the others, if any."""

    dists: tuple[Distribution, ...]
    error: InvalidDistribution | None


def read_each(paths: Sequence[Path], reporter: Reporter | None = None, *, lenient: bool = False) -> Reading:
    """Read every file, each path once; `lenient` as for Distribution.from_path."""
    found: list[Distribution] = []
    problems: list[tuple[str, str]] = []
    hints: set[str] = set()
    for path in without_sidecars([path.absolute() for path in paths]):
        try:
            found.append(Distribution.from_path(path, reporter, lenient=lenient))
        except InvalidDistribution as error:
            problems += error.problems
            hints.add(error.hint)
    twice = _duplicates(found)
    problems += twice
    hint = LENIENT if hints == {LENIENT} and not twice else ""
    found.sort(key=lambda dist: (dist.project, dist.version, dist.filename.text))
    return Reading(tuple(found), InvalidDistribution(problems, hint=hint) if problems else None)


def read_distributions(
    paths: Sequence[Path], reporter: Reporter | None = None, *, lenient: bool = False
) -> tuple[Distribution, ...]:
    """Read every file as read_each does. Raises InvalidDistribution with the problems of all files."""
    reading = read_each(paths, reporter, lenient=lenient)
    if reading.error is not None:
        raise reading.error
    return reading.dists


def _duplicates(dists: Sequence[Distribution]) -> list[tuple[str, str]]:
    first: dict[tuple[object, ...], Distribution] = {}
    problems = []
    for dist in dists:
        other = first.setdefault(dist.filename.key, dist)
        if other is not dist:
            problems.append((dist.path.name, f"is given twice: {other.path} names the same distribution"))
    return problems
