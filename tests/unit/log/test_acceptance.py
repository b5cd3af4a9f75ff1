"""Acceptance of files: one version a release, no name twice, and versions that seal (docs/log-format.md, RELEASE)."""

import pytest

from dipmp_lib.log.acceptance import Acceptance
from dipmp_lib.log.blob import Blob
from dipmp_lib.log.entries import RELEASE, FileRecord, Release
from dipmp_lib.log.limits import SEAL_SECONDS
from dipmp_lib.log.notes import FoldNotes
from dipmp_lib.model.names import ProjectName
from tests.support.files.logs import OWNER_KEY, START, record


class Project:
    """The acceptance of `foo`, release by release."""

    def __init__(self) -> None:
        self.notes = FoldNotes()
        self.accepted = Acceptance(ProjectName("foo"), self.notes)
        self.number = 0

    def release(
        self, *files: str | FileRecord, after: int = 0, requires_python: str = "", revoked: bool = False
    ) -> list[str]:
        """Add a release, `after` seconds after the start; return the codes of its notes."""
        self.number += 1
        records = tuple(record(file) if isinstance(file, str) else file for file in files)
        blob = Blob(RELEASE, self.number, OWNER_KEY, START + after, b"")
        self.accepted.add(self.number, blob, Release(requires_python, records), revoked=revoked)
        return [note.code for note in self.notes.result() if note.entry == self.number]

    def files(self) -> list[str]:
        return list(self.accepted.files)


@pytest.fixture
def project() -> Project:
    return Project()


def test_a_file_carries_what_its_entry_says(project: Project) -> None:
    row = record("foo-1.0-py3-none-any.whl", size=2**21)
    assert project.release(row, after=7, requires_python=">=3.8") == []
    file = project.accepted.files[row.filename]
    assert (file.size, file.sha256, file.dag_root, file.metadata_sha256) == (
        row.size, row.sha256, row.dag_root, row.metadata_sha256,
    )  # fmt: skip
    assert (file.uploaded, file.publisher, file.entry) == (START + 7, OWNER_KEY, 1)
    assert (file.requires_python, file.yanked, project.accepted.releases) == (">=3.8", None, {1})


def test_a_release_has_files_of_the_version_of_its_first_good_one(project: Project) -> None:
    assert project.release("nonsense", "foo-1.0.tar.gz", "foo-2.0.tar.gz") == ["bad-filename", "other-version"]
    assert project.files() == ["foo-1.0.tar.gz"]


def test_no_file_name_is_taken_twice_however_it_is_spelled(project: Project) -> None:
    assert project.release("foo-1.0.tar.gz", "Foo-1.0.0.zip") == ["duplicate-file"]
    assert project.release("foo-1.0.tar.gz") == ["duplicate-file"]
    assert project.files() == ["foo-1.0.tar.gz"]
    assert project.accepted.files["foo-1.0.tar.gz"].entry == 1


def test_all_files_of_a_version_are_listed_as_its_first_one_spells_it(project: Project) -> None:
    project.release("foo-1.0.0.tar.gz")
    project.release("foo-1-py3-none-any.whl")
    assert {file.version for file in project.accepted.files.values()} == {"1.0.0"}


@pytest.mark.parametrize(("after", "codes"), [(0, []), (SEAL_SECONDS, []), (SEAL_SECONDS + 1, ["sealed"])])
def test_a_version_seals_a_while_after_its_first_file(project: Project, after: int, codes: list[str]) -> None:
    project.release("foo-1.0.tar.gz")
    assert project.release("foo-1.0-py3-none-any.whl", after=after) == codes
    assert project.release("foo-2.0.tar.gz", after=after) == []


def test_a_refused_file_starts_no_clock(project: Project) -> None:
    assert project.release(record("foo-1.0.tar.gz", size=0)) == ["bad-size"]
    assert project.release("foo-1.0.tar.gz", after=SEAL_SECONDS + 1) == []


def test_a_release_for_no_python_lists_nothing_and_is_a_release(project: Project) -> None:
    assert project.release("foo-1.0.tar.gz", requires_python="3.8") == ["bad-requires-python"]
    assert (project.files(), project.accepted.releases) == ([], {1})
    assert project.release("foo-1.0.tar.gz") == []


def test_files_of_a_revoked_key_are_withdrawn_and_their_names_stay_taken(project: Project) -> None:
    assert project.release("foo-1.0.tar.gz", revoked=True) == ["withdrawn"]
    assert project.accepted.withdrawn == {"foo-1.0.tar.gz"}
    assert project.release("foo-1.0.zip") == ["duplicate-file"]
    assert project.release("foo-1.0-py3-none-any.whl", after=SEAL_SECONDS + 1) == ["sealed"]
