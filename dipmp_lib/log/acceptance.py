"""Acceptance of a project's files: fold rules 1 to 3. Source: docs/log-format.md, "RELEASE"."""

from ..model.filenames import Filename
from ..model.names import ProjectName
from ..model.pages import File
from .blob import Blob
from .entries import FileRecord, Release
from .limits import SEAL_SECONDS
from .notes import FoldNotes
from .rules import Rejection, check_file, check_requires_python


class Acceptance:
    """The accepted files of a project, added release by release in log order; they may be withdrawn, never removed."""

    def __init__(self, project: ProjectName, notes: FoldNotes) -> None:
        self.files: dict[str, File] = {}
        """Accepted files by file name, in log order, withdrawn ones included."""
        self.withdrawn: set[str] = set()
        self.releases: set[int] = set()
        """Numbers of the entries that are releases."""
        self._project = project
        self._notes = notes
        self._taken: set[tuple[str, ...]] = set()
        self._versions: dict[str, tuple[int, str]] = {}

    def add(self, number: int, blob: Blob, release: Release, *, revoked: bool) -> None:
        """Add a RELEASE entry; files of a `revoked` one are accepted and withdrawn at once, their names stay taken."""
        self.releases.add(number)
        problem = check_requires_python(release.requires_python)
        if problem is not None:
            self._notes.add(number, problem.code, detail=problem.detail)
            return
        version = None
        for record in release.files:
            name = check_file(record, self._project)
            if isinstance(name, Filename):
                version = version or name.version_key
                name = self._check_history(name, version, blob.time)
            if isinstance(name, Rejection):
                self._notes.add(number, name.code, record.filename, name.detail)
                continue
            self._accept(name, _file(number, blob, release, record, self._version(name, blob.time)))
            if revoked:
                self.withdrawn.add(name.text)
                self._notes.add(number, "withdrawn", name.text, "its publisher's key was compromised")

    def _check_history(self, name: Filename, version: str, time: int) -> Filename | Rejection:
        if name.version_key != version:
            return Rejection("other-version", "a release has files of one version")
        if name.key in self._taken:
            return Rejection("duplicate-file", "the name is taken by an earlier file")
        first, normal = self._versions.get(version, (time, ""))
        if time - first > SEAL_SECONDS:
            return Rejection("sealed", f"version {normal} was sealed {SEAL_SECONDS} seconds after its first file")
        return name

    def _version(self, name: Filename, time: int) -> str:
        """Return the spelling of the version's first accepted file, which all its files are listed under."""
        return self._versions.setdefault(name.version_key, (time, name.version))[1]

    def _accept(self, name: Filename, file: File) -> None:
        self._taken.add(name.key)
        self.files[name.text] = file


def _file(number: int, blob: Blob, release: Release, record: FileRecord, version: str) -> File:
    return File(
        filename=record.filename,
        version=version,
        size=record.size,
        sha256=record.sha256,
        dag_root=record.dag_root,
        metadata_sha256=record.metadata_sha256,
        requires_python=release.requires_python,
        uploaded=blob.time,
        publisher=blob.actor,
        entry=number,
    )
