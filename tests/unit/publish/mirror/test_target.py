"""Which installations take which files, and what is resolved for them."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from dipmp_lib.errors import InvalidInput, ProjectNotFound, PublishError, SourceError
from dipmp_lib.model.filenames import parse_filename
from dipmp_lib.model.names import ProjectName
from dipmp_lib.publish.mirror.downloads import DownloadCache, Sink
from dipmp_lib.publish.mirror.page import SourceFile, SourcePage
from dipmp_lib.publish.mirror.resolve import Needs, Resolved, Resolver
from dipmp_lib.publish.mirror.target import make_targets, this_machine


def file(name: str, requires_python: str = "", content: bytes = b"x") -> SourceFile:
    return SourceFile(
        filename=parse_filename(name),
        url=f"https://files.example/{name}",
        sha256=hashlib.sha256(content).digest(),
        size=len(content),
        requires_python=requires_python,
        yanked=False,
        metadata_sha256=None,
    )


@pytest.mark.parametrize(
    ("platform", "taken", "not_taken"),
    [
        (
            "manylinux_2_28_x86_64",
            ["manylinux_2_17_x86_64.manylinux2014_x86_64", "manylinux1_x86_64", "linux_x86_64"],
            ["manylinux_2_34_x86_64", "manylinux_2_17_aarch64", "musllinux_1_1_x86_64", "win_amd64"],
        ),
        ("musllinux_1_2_aarch64", ["musllinux_1_1_aarch64"], ["musllinux_1_3_aarch64", "manylinux1_x86_64"]),
        (
            "macosx_14_0_arm64",
            ["macosx_11_0_arm64", "macosx_10_9_universal2"],
            ["macosx_15_0_arm64", "macosx_10_9_x86_64"],
        ),
        ("win_amd64", ["win_amd64"], ["win32", "win_arm64"]),
    ],
)
def test_platforms(platform: str, taken: Sequence[str], not_taken: Sequence[str]) -> None:
    [target] = make_targets(["3.12"], [platform])
    assert not [tag for tag in taken if not target.takes(file(f"a-1-cp312-cp312-{tag}.whl"))]
    assert target.takes(file("a-1-py2.py3-none-any.whl"))
    assert not [tag for tag in not_taken if target.takes(file(f"a-1-cp312-cp312-{tag}.whl"))]


@pytest.mark.parametrize(
    ("tags", "takes"),
    [("cp312-cp312", True), ("cp38-abi3", True), ("cp311-cp311", False), ("cp313-cp313", False), ("pp310-pp", False)],
)
def test_pythons(tags: str, takes: bool) -> None:
    [target] = make_targets(["3.12"], ["win_amd64"])
    assert target.takes(file(f"a-1-{tags}-win_amd64.whl")) is takes


@pytest.mark.parametrize(("requires", "takes"), [("", True), (">=3.12", True), (">=3.13", False), ("<3.12", False)])
def test_requires_python(requires: str, takes: bool) -> None:
    [target] = make_targets(["3.12"], [])
    assert target.takes(file("a-1.tar.gz", requires)) is takes


def test_markers_of_another_platform() -> None:
    windows, mac = make_targets(["3.12"], ["win_amd64", "macosx_14_0_arm64"])
    assert (windows.environment["sys_platform"], windows.environment["os_name"]) == ("win32", "nt")
    assert (mac.environment["platform_system"], mac.environment["platform_machine"]) == ("Darwin", "arm64")


def test_a_name_with_thousands_of_tags_is_no_work() -> None:
    many = ".".join(["a"] * 30)
    assert not this_machine().takes(file(f"a-1-{many}-{many}-{many}.whl"))


@pytest.mark.parametrize(("python", "platform"), [("2.7", ""), ("3", ""), ("3.x", ""), ("", "linux"), ("", "any")])
def test_no_such_target(python: str, platform: str) -> None:
    with pytest.raises(InvalidInput):
        make_targets([python] if python else [], [platform] if platform else [])


# ---- resolving

Index = dict[str, dict[str, list[str]]]
"""By project and version: what it needs."""


def resolve(index: Index, *roots: str) -> Resolved:
    def page(name: ProjectName) -> SourcePage:
        if name not in index:
            raise ProjectNotFound(f"no {name}")
        return SourcePage(name, tuple(file(f"{name}-{version}-py3-none-any.whl") for version in index[name]), ())

    def needs(one: SourceFile) -> Needs:
        texts = index[one.filename.project][one.filename.version]
        return Needs(tuple(Requirement(text) for text in texts), known=True)

    return Resolver(page, needs).resolve([Requirement(root) for root in roots], this_machine(), with_deps=True)


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


# ---- the cache


def keep(cache: DownloadCache, name: str, content: bytes) -> SourceFile:
    wanted = file(name, content=content)

    def download(_room: int, sink: Sink) -> None:
        sink(content)

    cache.keep(wanted, download)
    return wanted


def test_the_longest_unused_downloads_go_first(tmp_path: Path) -> None:
    with DownloadCache(tmp_path, 100) as cache:
        old, new = keep(cache, "a-1.tar.gz", b"a" * 40), keep(cache, "b-1.tar.gz", b"b" * 40)
    with DownloadCache(tmp_path, 100) as cache:
        assert cache.find(old)  # used again, so that the other one goes
        third = keep(cache, "c-1.tar.gz", b"c" * 40)
        assert (cache.find(old) is None, cache.find(new) is None, cache.find(third) is None) == (False, True, False)
        with pytest.raises(PublishError, match="does not fit"):
            keep(cache, "d-1.tar.gz", b"d" * 40)


def test_one_mirror_at_a_time(tmp_path: Path) -> None:
    with DownloadCache(tmp_path, 100), pytest.raises(PublishError, match="another mirror uses"):
        DownloadCache(tmp_path, 100).__enter__()
    with DownloadCache(tmp_path, 100) as again:
        assert not again.find(file("a-1.tar.gz"))


def test_what_broke_off_is_not_kept(tmp_path: Path) -> None:
    def broken(_room: int, sink: Sink) -> None:
        sink(b"half")
        raise SourceError("broke off")

    with DownloadCache(tmp_path, 100) as cache, pytest.raises(SourceError):
        cache.keep(file("a-1.tar.gz", content=b"half a file"), broken)
    assert [path.name for path in tmp_path.iterdir()] == ["lock"]
