"""The JSON page: its own keys (PEP 629, 691, 700, 792)."""

import re
from collections.abc import Iterator

import pytest
from packaging.utils import canonicalize_name
from packaging.version import Version

from .filenames import version_of
from .pages import Object, Project, minor
from .verdict import need, none

STATUSES = {"active", "archived", "deprecated", "quarantined"}


def nulls(value: object, path: str = "") -> Iterator[str]:
    """Yield where null is."""
    if value is None:
        yield path
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        yield from nulls(child, f"{path}/{key}")


def status(project: Project) -> Object:
    """Return the project's status object; skip where there is none."""
    found = project.document.get("project-status")
    need(found is not None, "pages have no project-status")
    assert isinstance(found, dict), f"'project-status' is {found!r}, not an object"
    return found


def test_j01_version(project: Project) -> None:
    """`meta.api-version` is a string `1.N`. [PEP 629, PEP 691]"""
    meta = project.document.get("meta")
    assert isinstance(meta, dict), f"'meta' is {meta!r}, not an object"
    version = meta.get("api-version")
    assert isinstance(version, str), f"'api-version' is {version!r}, not a string"
    assert re.fullmatch(r"1\.\d+", version), f"'api-version' is {version!r}, not 1.N"


def test_j02_name(project: Project) -> None:
    """`name` is the project's normalised name. [PEP 691]"""
    name = project.document.get("name")
    assert name == canonicalize_name(project.name), f"'name' is {name!r}, not {canonicalize_name(project.name)!r}"


def test_j03_files(project: Project) -> None:
    """`files` is an array of objects with `filename`, `url` and `hashes`. [PEP 691]"""
    files = project.document.get("files")
    assert isinstance(files, list), f"'files' is {files!r}, not an array"
    none(f"files[{n}] is {item!r}, not an object" for n, item in enumerate(files) if not isinstance(item, dict))
    none(
        f"{item.get('filename')!r} has no {key!r}"
        for item in project.items
        for key in ("filename", "url", "hashes")
        if key not in item
    )


def test_j04_unique_names(project: Project) -> None:
    """No two files have one name. [PEP 691]"""
    names = [file.filename for file in project.files]
    none(f"{name} is listed {names.count(name)} times" for name in sorted(set(names)) if names.count(name) > 1)


def test_j05_null(project: Project) -> None:
    """A key without a value is left out where clients read one. [PEP 691, 700; uv drops a page with such a null]"""
    keys = ("filename", "url", "hashes", "size", "upload-time", "yanked")
    none(
        f"{item.get('filename')!r}: {key!r} is null"
        for item in project.items
        for key in keys
        if key in item and item[key] is None
    )


@pytest.mark.recommended
def test_j06_no_null(project: Project) -> None:
    """Nothing is null but `provenance`, which may be. [PEP 691, PEP 740]"""
    none(f"{path} is null" for path in nulls(project.document) if not path.endswith("/provenance"))


def test_j19_versions(project: Project) -> None:
    """From version 1.1 on `versions` is there: strings, none twice, each one a version. [PEP 700]"""
    need(minor(project) >= 1, "the API is version 1.0")
    versions = project.document.get("versions")
    assert isinstance(versions, list), f"'versions' is {versions!r}, not an array"
    none(f"'versions' has {version!r}, not a string" for version in versions if not isinstance(version, str))
    none(f"'versions' has {version!r} twice" for version in set(versions) if versions.count(version) > 1)
    for version in versions:
        Version(version)


def test_j20_versions_of_files(project: Project) -> None:
    """Every file's version is among `versions`. [PEP 700]"""
    need(minor(project) >= 1, "the API is version 1.0")
    versions = {Version(version) for version in project.document.get("versions", [])}
    none(
        f"{file.filename}: its version is not in 'versions'"
        for file in project.files
        if (found := version_of(file.filename)) is not None and found not in versions
    )


@pytest.mark.recommended
def test_j21_versions_have_files(project: Project) -> None:
    """Every version has a file. [PEP 700; a version without files cannot be installed]"""
    found = {version_of(file.filename) for file in project.files}
    versions = project.document.get("versions", [])
    none(f"no file is of version {version}" for version in versions if Version(version) not in found)


def test_j23_status(project: Project) -> None:
    """`project-status.status` is one of the four; `reason` is a string. [PEP 792]"""
    found = status(project)
    assert found.get("status") in STATUSES, f"'project-status' is {found!r}; 'status' must be one of {sorted(STATUSES)}"
    assert isinstance(found.get("reason", ""), str), f"'reason' is {found['reason']!r}, not a string"


def test_j24_place_of_status(project: Project) -> None:
    """The status is a key of the page, not of `meta`. [PEP 792; where uv reads it and PyPI has it]"""
    assert "project-status" not in project.document["meta"], "'project-status' is in 'meta'; clients look beside it"


@pytest.mark.recommended
def test_j25_status_is_there(project: Project) -> None:
    """The page states the project's status. [PEP 792]"""
    assert "project-status" in project.document, f"{project.path}: no 'project-status'"


@pytest.mark.recommended
def test_j28_no_tracking(project: Project) -> None:
    """PEP 708, which was rejected, is not spoken. [PEP 708, status]"""
    found = {"alternate-locations", "tracks"} & (set(project.document) | set(project.document["meta"]))
    assert not found, f"{project.path}: has {sorted(found)}"
