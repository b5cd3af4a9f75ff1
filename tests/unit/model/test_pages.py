"""Pages as values: how much of a bounded cache one takes."""

from dataclasses import replace

from dipmp_lib.model.names import ProjectName
from dipmp_lib.model.pages import Note, ProjectList
from tests.support.fakes.registry import REGISTRY, make_file, make_project

NOTE = Note(entry=0, code="unknown-kind")


def test_a_page_weighs_itself_its_files_and_its_notes() -> None:
    project = make_project("foo", make_file("foo-1.0.tar.gz", "1.0"), make_file("foo-1.1.tar.gz", "1.1"))
    assert project.weight == 3
    assert replace(project, files=(), notes=(NOTE, NOTE, NOTE)).weight == 4


def test_a_list_weighs_itself_its_names_and_its_notes() -> None:
    empty = ProjectList(registry=REGISTRY, head=bytes(32), count=0, names=())
    assert empty.weight == 1
    assert replace(empty, names=(ProjectName("a"), ProjectName("b")), notes=(NOTE,)).weight == 4
