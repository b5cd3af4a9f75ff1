"""A3: what a file's name, its folders and others say of it, against the METADATA that installers will see."""

import hashlib
import zipfile
from pathlib import Path

import pytest

from dipmp_lib.distributions import Distribution, read_distributions
from dipmp_lib.errors import InvalidDistribution
from tests.support.files.wheels import build_sdist, build_wheel, metadata_text


def refusal(*paths: Path, lenient: bool = False) -> list[str]:
    with pytest.raises(InvalidDistribution) as caught:
        read_distributions(paths, lenient=lenient)
    return [text for _, text in caught.value.problems]


def warnings(path: Path) -> str:
    return "\n".join(Distribution.from_path(path, lenient=True).warnings)


def test_A3_the_digest_on_chain_is_that_of_the_metadata_in_the_wheel(tmp_path: Path) -> None:
    path = build_wheel(tmp_path)
    with zipfile.ZipFile(path) as archive:
        metadata = archive.read("demo-1.0.dist-info/METADATA")
    dist = Distribution.from_path(path)
    assert (dist.metadata, dist.record.metadata_sha256) == (metadata, hashlib.sha256(metadata).digest())


@pytest.mark.parametrize("change", [b"", b"x", b"\nRequires-Dist: evil"])
def test_A3_a_metadata_file_beside_the_wheel_that_differs(tmp_path: Path, change: bytes) -> None:
    path = build_wheel(tmp_path)
    beside = path.with_name(path.name + ".metadata")
    beside.write_bytes(change)
    expected = ["has a METADATA that differs from demo-1.0-py3-none-any.whl.metadata beside it"]
    assert refusal(path) == refusal(path, beside) == refusal(path, lenient=True) == expected


def test_A3_a_metadata_file_beside_the_wheel_that_is_the_same(tmp_path: Path) -> None:
    path = build_wheel(tmp_path)
    beside = path.with_name(path.name + ".metadata")
    beside.write_bytes(Distribution.from_path(path).metadata)
    [dist] = read_distributions([path, beside])
    assert dist.path == path


def test_A3_a_metadata_file_alone_is_no_distribution(tmp_path: Path) -> None:
    path = tmp_path / "demo-1.0-py3-none-any.whl.metadata"
    path.write_bytes(metadata_text("demo", "1.0"))
    assert refusal(path) == ["is not the name of a wheel or sdist"]


@pytest.mark.parametrize("build", [build_wheel, build_sdist])
def test_A3_another_name_and_version_in_the_metadata(tmp_path: Path, build) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    texts = refusal(build(tmp_path, metadata=metadata_text("evil", "6.6")), lenient=True)
    assert "is named for the project 'demo', but its metadata says 'evil'" in texts
    assert "is named for version 1.0, but its metadata says '6.6'" in texts


def test_A3_a_renamed_wheel(tmp_path: Path) -> None:
    path = build_wheel(tmp_path).rename(tmp_path / "demo-2.0-py3-none-any.whl")
    assert refusal(path) == ["has a folder 'demo-1.0.dist-info' that belongs to another name or version"]


@pytest.mark.parametrize(
    ("extra", "expected"),
    [
        ("Description-Content-Type: text/html\n", "'description-content-type' that indexes refuse"),
        ("Dynamic: Name\n", "'dynamic' that indexes refuse"),
        ("License-Expression: MIT\n", "introduced in metadata version 2.4"),
        ("Provides-Extra: a b!\n", "'provides-extra' that indexes refuse"),
        ("Summary: one\nSummary: two\n", "'summary' that is unknown, repeated or unreadable"),
        ("X-Own: 1\n", "'x-own' that is unknown, repeated or unreadable"),
        (f"Summary: {'x' * 513}\n", "a Summary of more than 512 characters"),
        (f"Project-URL: {'x' * 33}, https://example.org\n", "a Project-URL whose label"),
        ("Requires-Dist: evil @ https://example.org/evil.whl\n", "depends on a URL"),
    ],
)
def test_A3_what_other_indexes_refuse_is_refused_and_warned_of_when_lenient(
    tmp_path: Path, extra: str, expected: str
) -> None:
    path = build_wheel(tmp_path, metadata=metadata_text("demo", "1.0", extra=extra))
    [text] = refusal(path)
    assert expected in text
    assert expected in warnings(path)


@pytest.mark.parametrize("version", ["1.0", "1.1", "1.2", "2.1", "2.2", "2.3", "2.4", "2.5"])
def test_A3_metadata_versions_of_today(tmp_path: Path, version: str) -> None:
    text = metadata_text("demo", "1.0").replace(b"2.1", version.encode(), 1)
    assert Distribution.from_path(build_wheel(tmp_path, metadata=text, requires_python=None)).warnings == ()


@pytest.mark.parametrize("version", ["2.0", "2.9"])
def test_A3_metadata_versions_that_indexes_refuse(tmp_path: Path, version: str) -> None:
    text = metadata_text("demo", "1.0").replace(b"2.1", version.encode(), 1)
    path = build_wheel(tmp_path, metadata=text)
    assert any("'metadata-version' that indexes refuse" in problem for problem in refusal(path))
    assert "'metadata-version'" in warnings(path)


NEWER = metadata_text("demo", "1.0", extra="License-Expression: MIT\nLicense-File: LICENSE\n").replace(
    b"2.1", b"2.4", 1
)


def test_A3_license_files_have_to_be_there(tmp_path: Path) -> None:
    wheel, sdist = build_wheel(tmp_path, metadata=NEWER), build_sdist(tmp_path, metadata=NEWER)
    missing = "has no 'LICENSE', which its metadata names as a license file"
    assert refusal(wheel, sdist) == [missing, missing]
    members = {"demo-1.0.dist-info/LICENSE": b"elsewhere"}
    assert refusal(build_wheel(tmp_path, metadata=NEWER, members=members)) == [missing]


def test_A3_license_files_that_are_there(tmp_path: Path) -> None:
    wheel = build_wheel(tmp_path, metadata=NEWER, members={"demo-1.0.dist-info/licenses/LICENSE": b"MIT"})
    sdist = build_sdist(tmp_path, metadata=NEWER, members={"demo-1.0/LICENSE": b"MIT"})
    assert [dist.warnings for dist in read_distributions([wheel, sdist])] == [(), ()]


def test_A3_two_licenses(tmp_path: Path) -> None:
    text = NEWER.replace(b"License-File: LICENSE", b"License: MIT")
    assert "has both License and License-Expression in its metadata" in refusal(build_wheel(tmp_path, metadata=text))


def test_A3_a_local_version(tmp_path: Path) -> None:
    path = build_wheel(tmp_path, version="1.0+cu128")
    assert refusal(path) == ["has the local version '1.0+cu128', which is for builds that are not published"]
    assert "local version" in warnings(path)


@pytest.mark.parametrize(
    ("filename", "expected"),
    [
        ("Demo-1.0.tar.gz", "is not named demo-1.0.tar.gz"),
        ("demo-1.0.0.tar.gz", "is not named demo-1.0.tar.gz"),
        ("demo-1.0.zip", "is not named demo-1.0.tar.gz"),
    ],
)
def test_A3_sdist_names_that_are_not_normalised(tmp_path: Path, filename: str, expected: str) -> None:
    path = build_sdist(tmp_path, filename=filename)
    assert any(expected in text for text in refusal(path))
    assert expected in warnings(path)


def test_A3_a_wheel_name_that_is_not_normalised(tmp_path: Path) -> None:
    path = build_wheel(tmp_path, filename="Demo-1.0-py3-none-any.whl")
    assert refusal(path) == [
        "has a folder 'demo-1.0.dist-info', where Demo-1.0.dist-info belongs",
        "begins with Demo, where the normalised name demo belongs",
    ]


@pytest.mark.parametrize(
    ("description", "warned"),
    [("A *fine*\n  text.\n", False), ("Title\n===\n\n.. nothing::\n\n`x", True), ("", False)],
)
def test_A3_a_description_that_does_not_render_is_a_warning(tmp_path: Path, description: str, warned: bool) -> None:
    header = metadata_text("demo", "1.0", extra="Description-Content-Type: text/x-rst\n").partition(b"\n\n")[0]
    dist = Distribution.from_path(build_wheel(tmp_path, metadata=header + b"\n\n" + description.encode()))
    assert [text.startswith("has a description that does not render as text/x-rst: ") for text in dist.warnings] == (
        [True] if warned else []
    )


def test_A3_markdown_loads_no_renderer(tmp_path: Path) -> None:
    import subprocess
    import sys

    path = build_wheel(
        tmp_path, metadata=metadata_text("demo", "1.0", extra="Description-Content-Type: text/markdown\n")
    )
    load = "from dipmp_lib.distributions import Distribution as d; d.from_path(pathlib.Path(sys.argv[1]))"
    code = f"import sys, pathlib; {load}; print('docutils' in sys.modules)"
    command = [sys.executable, "-c", code, str(path)]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip() == "False"
