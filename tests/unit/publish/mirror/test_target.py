"""Install targets: which of them take which files."""

from collections.abc import Sequence

import pytest

from dipmp_lib.errors import InvalidInput
from dipmp_lib.publish.mirror.target import make_targets, this_machine
from tests.support.files.source_files import source_file as file


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
