"""Resolution: dependencies as files state them, and the latest versions that meet all of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.requirements import Requirement
from packaging.version import Version

from dipmp_lib.errors import ProjectNotFound, SourceError
from dipmp_lib.model.names import ProjectName
from dipmp_lib.publish.mirror.page_parser import SourceFile, SourcePage
from dipmp_lib.publish.mirror.resolve import Dependencies, Resolved, Resolver, read_dependencies
from dipmp_lib.publish.mirror.target import this_machine
from tests.support.files.source_files import source_file, source_page

NOTHING = Dependencies((), known=True)


def test_dependencies_that_cannot_be_read() -> None:
    text = f"Metadata-Version: 2.1\nRequires-Dist: ok>=1\nRequires-Dist: ((((\nRequires-Dist: x; {'(' * 4000}\n"
    found = read_dependencies(text.encode(), wheel=True)
    assert [str(each) for each in found.requirements] == ["ok>=1"]
    assert len(found.broken) == 2
    assert found.known


@pytest.mark.parametrize(
    ("head", "known"),
    [
        ("Metadata-Version: 2.1\n", False),
        ("Metadata-Version: 2.2\n", True),
        ("Metadata-Version: 2.4\nDynamic: Requires-Dist\n", False),
        ("", False),
    ],
)
def test_what_an_sdist_knows_of_its_dependencies(head: str, known: bool) -> None:
    assert read_dependencies(head.encode(), wheel=False).known is known


@given(st.binary(max_size=300))
def test_reading_dependencies_is_total(data: bytes) -> None:
    read_dependencies(data, wheel=True)


Index = dict[str, dict[str, list[str]]]
"""The requirements by project and version."""


def resolve(index: Index, *roots: str) -> Resolved:
    def page(name: ProjectName) -> SourcePage:
        if name not in index:
            raise ProjectNotFound(f"no {name}")
        return SourcePage(name, tuple(source_file(f"{name}-{version}-py3-none-any.whl") for version in index[name]), ())

    def dependencies(one: SourceFile) -> Dependencies:
        texts = index[one.filename.project][one.filename.version]
        return Dependencies(tuple(Requirement(text) for text in texts), known=True)

    return Resolver(page, dependencies).resolve([Requirement(root) for root in roots], this_machine(), with_deps=True)


def test_a_requirement_seen_late_changes_an_early_choice() -> None:
    index: Index = {
        "app": {"1.0": ["lib", "mid"]},
        "mid": {"1.0": ["deep"]},
        "deep": {"1.0": ["lib<2"]},
        "lib": {"2.0": ["two"], "1.0": ["one"]},
        "one": {"1.0": []},
        "two": {"1.0": []},
    }
    found = resolve(index, "app")
    assert found.versions == {"app": "1", "lib": "1", "mid": "1", "one": "1", "deep": "1"}
    assert found.missing == {}


def test_circles_end() -> None:
    index: Index = {"a": {"1.0": ["b[x]"]}, "b": {"1.0": ["a", "c; extra == 'x'"]}, "c": {"1.0": ["b"]}}
    assert set(resolve(index, "a").versions) == {"a", "b", "c"}


def test_what_cannot_be_satisfied_is_said() -> None:
    index: Index = {"a": {"1.0": ["c<1"]}, "b": {"1.0": ["c>1", "d @ https://x.example/d.whl"]}, "c": {"1.0": []}}
    found = resolve(index, "a", "b")
    assert "has no version" in found.missing["c"]
    assert "<1,>1" in found.missing["c"]
    assert "is wanted from a URL" in found.missing["d"]
    assert "x.example" not in found.missing["d"]


def test_prereleases_only_where_nothing_else_fits() -> None:
    index: Index = {"a": {"1.0": [], "2.0rc1": []}, "b": {"1.0b1": []}}
    assert resolve(index, "a", "b").versions == {"a": "1", "b": "1b1"}
    assert resolve(index, "a>=2.0rc1").versions == {"a": "2rc1"}


def test_an_index_that_invents_projects_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dipmp_lib.publish.mirror.resolve.MAX_PROJECTS", 50)

    class Endless(dict[str, dict[str, list[str]]]):
        def __contains__(self, name: object) -> bool:
            return True

        def __missing__(self, name: str) -> dict[str, list[str]]:
            return {"1.0": [f"p{int(name[1:]) + 1}"]}

    with pytest.raises(SourceError, match="more than 50 projects"):
        resolve(Endless(), "p1")


def test_no_dependencies_without_being_asked() -> None:
    def unasked(_file: SourceFile) -> Dependencies:
        raise AssertionError

    resolver = Resolver(lambda name: source_page(name, f"{name}-1.0.tar.gz"), unasked)
    found = resolver.resolve([Requirement("a")], this_machine(), with_deps=False)
    assert found.versions == {"a": "1"}


def test_dependencies_that_are_not_known_are_warned_of() -> None:
    answers = {
        "a": Dependencies((), known=False),
        "b": Dependencies((), known=True, broken=("'(((('",)),
    }
    resolver = Resolver(
        lambda name: source_page(name, f"{name}-1.0.tar.gz"), lambda file: answers[file.filename.project]
    )
    found = resolver.resolve([Requirement("a"), Requirement("b")], this_machine(), with_deps=True)
    assert found.warnings == {
        "a": "1.0 says what it needs only when it is built: mirror that by name",
        "b": "1.0 has requirements that cannot be read: '(((('",
    }


def test_the_file_that_is_cheapest_to_read_is_asked() -> None:
    asked: list[str] = []

    def dependencies(file: SourceFile) -> Dependencies:
        asked.append(file.filename.text)
        return NOTHING

    files = [
        source_file("a-1.0.tar.gz"),
        source_file("a-1.0-1-py3-none-any.whl", content=b"small"),
        source_file("a-1.0-2-py3-none-any.whl", content=b"larger", metadata_sha256=bytes(32)),
    ]
    resolver = Resolver(lambda name: source_page(name, *files), dependencies)
    resolver.resolve([Requirement("a")], this_machine(), with_deps=True)
    resolver = Resolver(lambda name: source_page(name, *files[:2]), dependencies)
    resolver.resolve([Requirement("a")], this_machine(), with_deps=True)
    assert asked == ["a-1.0-2-py3-none-any.whl", "a-1.0-1-py3-none-any.whl"]


def test_candidates_are_files_that_can_be_mirrored() -> None:
    page = source_page(
        "a",
        "a-1.0.tar.gz",
        source_file("a-2.0.tar.gz", yanked=True),
        source_file("a-3.0.tar.gz", sha256=None),
        source_file("a-4.0.tar.gz", ">=3.99"),
        "a-5.0-cp27-cp27m-win32.whl",
    )
    assert list(Resolver(lambda _: page, lambda _: NOTHING).candidates(page, this_machine())) == [Version("1.0")]
    assert Resolver(lambda _: page, lambda _: NOTHING, sdists=False).candidates(page, this_machine()) == {}


def test_markers_and_extras() -> None:
    index = {"a": {"1.0": ["b; python_version < '3'", "c; extra == 'x'", "d; extra == 'y'"]}, "c": {"1.0": list[str]()}}
    assert set(resolve(index, "a[x]").versions) == {"a", "c"}
