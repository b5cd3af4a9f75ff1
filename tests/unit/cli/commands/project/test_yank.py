"""`dipmp project yank` and `unyank`: files by name, versions with all their files, and nothing twice."""

import pytest

from tests.support.systems.commands import CommandBench

WHEEL, SDIST = "demo-1.0-py3-none-any.whl", "demo-1.0.tar.gz"


@pytest.fixture
def released(bench: CommandBench) -> CommandBench:
    """A project with one version of two files."""
    bench.claim()
    bench.release(WHEEL, SDIST)
    return bench


def test_a_version_is_yanked_with_all_its_files_and_unyanked(released: CommandBench) -> None:
    document = released.json("project", "yank", "demo", "1.0", "--reason", "broken", "--yes")
    assert (document["yanked"], document["reason"], sorted(document["files"])) == (True, "broken", [WHEEL, SDIST])
    [version] = released.json("project", "show", "demo")["versions"]
    assert version == {"version": "1.0", "files": 2, "yanked": 2}
    assert released("project", "unyank", "demo", "1.0", "--yes").code == 0
    assert released.json("project", "show", "demo")["versions"][0]["yanked"] == 0


def test_one_file_is_yanked_and_the_plan_names_it(released: CommandBench) -> None:
    ran = released("project", "yank", "demo", SDIST, "--yes")
    assert f"plan: yank 1 file of demo: {SDIST}" in ran.err
    assert "version     1.0: 2 files, 1 yanked" in released("project", "show", "demo").out


@pytest.mark.slow
def test_yanking_twice_sends_once(released: CommandBench) -> None:
    assert released("project", "yank", "demo", SDIST, "--yes").code == 0
    ran = released("project", "yank", "demo", SDIST, "--yes")
    assert (ran.code, ran.err) == (0, "nothing to do: already in that state\n")
    assert released("project", "unyank", "demo", WHEEL, "--yes").err == "nothing to do: already in that state\n"
    assert len(released.node.sent) == 1


@pytest.mark.parametrize(
    ("target", "sentence"),
    [("1.0", "demo lists no file of version 1.0"), ("other-1.0.tar.gz", "demo does not list other-1.0.tar.gz")],
)
def test_targets_that_are_not_listed(bench: CommandBench, target: str, sentence: str) -> None:
    bench.claim()
    ran = bench("project", "yank", "demo", target, "--yes")
    assert (ran.code, bench.node.sent) == (1, [])
    assert sentence in ran.error
