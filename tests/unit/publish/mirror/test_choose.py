"""Choice of files: which versions and files of an index are mirrored, and what is said of the others."""

from collections.abc import Sequence

import pytest
from packaging.requirements import Requirement

from dipmp_lib.distributions.findings import Finding
from dipmp_lib.errors import ProjectNotFound
from dipmp_lib.model.names import ProjectName
from dipmp_lib.publish.mirror.choose import ChosenFiles, MirrorRequest, choose
from dipmp_lib.publish.mirror.page_parser import SourceFile, SourcePage
from dipmp_lib.publish.mirror.resolve import Dependencies, Resolver
from dipmp_lib.publish.mirror.target import InstallTarget, make_targets
from tests.support.files.source_files import source_file, source_page

LINUX, WINDOWS = make_targets(["3.12"], ["manylinux_2_28_x86_64", "win_amd64"])


def chosen(
    pages: Sequence[SourcePage],
    *roots: str,
    targets: tuple[InstallTarget, ...] = (LINUX,),
    needs: dict[str, list[str]] | None = None,
    narrow: bool = False,
    all_versions: bool = False,
    sdists: bool = True,
) -> ChosenFiles:
    known = {page.project: page for page in pages}

    def page(name: ProjectName) -> SourcePage:
        if name not in known:
            raise ProjectNotFound(f"no {name}")
        return known[name]

    def dependencies(file: SourceFile) -> Dependencies:
        texts = (needs or {}).get(file.filename.project, [])
        return Dependencies(tuple(Requirement(text) for text in texts), known=True)

    request = MirrorRequest(
        requirements=tuple(Requirement(root) for root in roots),
        targets=targets,
        narrow=narrow,
        with_deps=needs is not None,
        all_versions=all_versions,
    )
    return choose(request, Resolver(page, dependencies, sdists))


def names(found: ChosenFiles) -> list[str]:
    return [file.filename.text for file in found.files]


MANY = source_page("a", "a-1.0-cp312-cp312-win_amd64.whl", "a-1.0-py3-none-any.whl", "a-1.0.tar.gz", "a-0.9.tar.gz")


def test_every_file_of_the_latest_version() -> None:
    assert names(chosen([MANY], "a")) == [
        "a-1.0-cp312-cp312-win_amd64.whl",
        "a-1.0-py3-none-any.whl",
        "a-1.0.tar.gz",
    ]


def test_only_files_that_a_target_takes() -> None:
    assert names(chosen([MANY], "a", narrow=True, sdists=False)) == ["a-1.0-py3-none-any.whl"]
    assert "a-1.0-cp312-cp312-win_amd64.whl" in names(chosen([MANY], "a", narrow=True, targets=(LINUX, WINDOWS)))


def test_all_versions_that_meet_the_requirement() -> None:
    page = source_page("a", *(f"a-{version}.tar.gz" for version in ("1.0", "1.1", "2.0", "2.1rc1")))
    assert sorted(names(chosen([page], "a<2", all_versions=True))) == ["a-1.0.tar.gz", "a-1.1.tar.gz"]


def test_all_versions_where_none_fits() -> None:
    found = chosen([source_page("a", "a-1.0.tar.gz")], "a>=2", all_versions=True)
    assert found.files == ()
    [refusal] = found.refusals
    assert str(refusal).startswith("a has no version for Python 3.12 on manylinux_2_28_x86_64 that fits >=2")


def test_extras_are_kept_for_each_version() -> None:
    pages = [source_page("a", "a-1.0.tar.gz"), source_page("b", "b-1.0.tar.gz")]
    found = chosen(pages, "a[x]", all_versions=True, needs={"a": ["b; extra == 'x'"]})
    assert names(found) == ["b-1.0.tar.gz", "a-1.0.tar.gz"]


def test_dependencies_come_first() -> None:
    pages = [source_page(name, f"{name}-1.0.tar.gz") for name in ("app", "lib", "deep")]
    found = chosen(pages, "app", needs={"app": ["lib"], "lib": ["deep"]})
    assert names(found) == ["deep-1.0.tar.gz", "lib-1.0.tar.gz", "app-1.0.tar.gz"]


def test_markers_of_requirements_are_those_of_the_target() -> None:
    pages = [source_page("a", "a-1.0.tar.gz")]
    assert names(chosen(pages, "a; sys_platform == 'win32'")) == []
    assert names(chosen(pages, "a; sys_platform == 'win32'", targets=(LINUX, WINDOWS))) == ["a-1.0.tar.gz"]


def test_yanked_files_are_left_out_with_a_remark() -> None:
    found = chosen([source_page("a", "a-1.0.tar.gz", source_file("a-1.0-py3-none-any.whl", yanked=True))], "a")
    assert names(found) == ["a-1.0.tar.gz"]
    assert found.remarks == ("a-1.0-py3-none-any.whl is yanked at its index, and left out",)
    assert found.refusals == ()


def test_files_without_a_digest_are_refused() -> None:
    found = chosen([source_page("a", "a-1.0.tar.gz", source_file("a-1.0-py3-none-any.whl", sha256=None))], "a")
    assert names(found) == ["a-1.0.tar.gz"]
    assert found.refusals == (
        Finding("a-1.0-py3-none-any.whl", "has no sha256 at its index, and so cannot be checked"),
    )


def test_of_two_archives_of_one_sdist_the_tarball_is_taken() -> None:
    found = chosen([source_page("a", "a-1.0.zip", "a-1.0.tar.gz")], "a")
    assert names(found) == ["a-1.0.tar.gz"]
    assert found.remarks == ("a-1.0.zip is the same to installers as a-1.0.tar.gz",)


def test_skipped_records_are_a_remark() -> None:
    skipped = (Finding("evil.whl", "has no name or URL"), Finding("b", "has a size that no file has"))
    page = SourcePage(ProjectName("a"), (source_file("a-1.0.tar.gz"),), skipped)
    assert chosen([page], "a").remarks == (
        "a: 2 of the entries on its page count for nothing; evil.whl has no name or URL",
    )


@pytest.mark.parametrize("targets", [(LINUX,), (LINUX, WINDOWS)])
def test_missing_projects_are_refused_once_and_in_order(targets: tuple[InstallTarget, ...]) -> None:
    found = chosen([], "b", "a", targets=targets)
    assert [str(each) for each in found.refusals] == [
        "a is not there (it was asked for)",
        "b is not there (it was asked for)",
    ]
