"""Our pages as two parsers read them that we did not write."""

import json
from typing import Any

import mousebender.simple
import pytest
from pypi_simple import IndexPage, ProjectPage

from dipmp_lib.model.names import ProjectName
from dipmp_lib.model.pages import ProjectList
from dipmp_lib.simple_api import Format, render_list, render_project
from tests.support.fakes.registry import REGISTRY, make_file, make_project, yanked

FILES = (
    make_file("demo_pkg-1.0-py3-none-any.whl", "1.0", b"wheel"),
    make_file("demo_pkg-1.0.tar.gz", "1.0", size=2**21, requires_python=""),
    yanked(
        make_file("demo_pkg-1!2.0+local.1-py3-none-any.whl", "1!2.0+local.1", requires_python=">=3.9,!=3.10.*,<4"),
        "bad < idea",
    ),
    yanked(make_file("demo_pkg-2.0.zip", "2.0"), ""),
)
PROJECT = make_project("demo-pkg", *FILES)
LIST = ProjectList(registry=REGISTRY, head=b"\1" * 32, count=2, names=(ProjectName("demo-pkg"), ProjectName("six")))
FORMATS = list(Format)
# It knows HTML up to 1.1 and reads later pages with a warning.
newer = pytest.mark.filterwarnings("ignore::mousebender.simple.APIVersionWarning")


@pytest.mark.parametrize("fmt", FORMATS)
def test_pypi_simple_reads_every_file(fmt: Format) -> None:
    base = f"http://127.0.0.1/simple/{REGISTRY}/demo-pkg/"
    body = render_project(PROJECT, fmt)
    if fmt is Format.JSON:
        page = ProjectPage.from_json_data(json.loads(body), base_url=base)
        assert page.versions == ["1.0", "1!2.0+local.1", "2.0"]
    else:
        page = ProjectPage.from_html("demo-pkg", body, base_url=base)
    assert page.repository_version == "1.4"
    assert [package.filename for package in page.packages] == [file.filename for file in FILES]
    for package, file in zip(page.packages, FILES, strict=True):
        assert package.digests == {"sha256": file.sha256.hex()}
        assert (package.requires_python or "") == file.requires_python
        assert package.is_yanked is (file.yanked is not None)
        assert (package.yanked_reason or "") == (file.yanked or "")
        assert bool(package.has_metadata) is (file.metadata_sha256 is not None)
        expected = {"sha256": file.metadata_sha256.hex()} if file.metadata_sha256 else None
        assert (package.metadata_digests or None) == expected
        assert package.url.startswith(f"http://127.0.0.1/files/{REGISTRY}/demo-pkg/")
        assert package.project == "demo_pkg"
        if fmt is Format.JSON:
            assert package.size == file.size
            assert package.upload_time is not None
            assert package.upload_time.timestamp() == file.uploaded


@pytest.mark.parametrize("fmt", FORMATS)
def test_pypi_simple_reads_the_list(fmt: Format) -> None:
    body = render_list(LIST, fmt)
    page = IndexPage.from_json_data(json.loads(body)) if fmt is Format.JSON else IndexPage.from_html(body)
    assert page.projects == ["demo-pkg", "six"]
    assert page.repository_version == "1.4"


def mousebender_files(fmt: Format) -> list[Any]:
    body = render_project(PROJECT, fmt).decode()
    details = mousebender.simple.parse_project_details(body, fmt.content_type, "demo-pkg")
    return list(details["files"])


@newer
def test_mousebender_finds_the_same_files_in_both_forms() -> None:
    from_json, from_html = mousebender_files(Format.JSON), mousebender_files(Format.TEXT_HTML)
    assert len(from_json) == len(from_html) == len(FILES)
    for one, other in zip(from_json, from_html, strict=True):
        for key in ("filename", "url", "hashes", "requires-python", "core-metadata"):
            assert one.get(key) == other.get(key), key
        # mousebender leaves the key out of an HTML file that is not yanked.
        assert one["yanked"] == other.get("yanked", False)


@newer
@pytest.mark.parametrize("fmt", FORMATS)
def test_mousebender_reads_the_list(fmt: Format) -> None:
    index = mousebender.simple.parse_project_index(render_list(LIST, fmt).decode(), fmt.content_type)
    assert [project["name"] for project in index["projects"]] == ["demo-pkg", "six"]
