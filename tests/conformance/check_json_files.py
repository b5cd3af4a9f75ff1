"""The JSON page: what it says of each file (PEP 592, 658, 691, 700, 714, 740)."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
from packaging.specifiers import InvalidSpecifier, SpecifierSet

from .filenames import filename_problem
from .pages import Project, minor
from .verdict import need, none

LENGTHS = {"md5": 32, "sha1": 40, "sha224": 56, "sha256": 64, "sha384": 96, "sha512": 128, "blake2b": 128}
KEYS_OF_PAGE = {"meta", "name", "files", "versions", "project-status"}
KEYS_OF_FILE = {
    "filename", "url", "hashes", "requires-python", "core-metadata", "dist-info-metadata", "gpg-sig", "yanked", "size",
    "upload-time", "provenance",
}  # fmt: skip
LOOPBACK = {"127.0.0.1", "localhost", "::1"}
UPLOAD_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z")


def digest_problems(where: str, hashes: object) -> Iterator[str]:
    """Yield what is wrong with an object of digests."""
    if not isinstance(hashes, dict):
        yield f"{where} is {hashes!r}, not an object"
        return
    for name, value in hashes.items():
        length = LENGTHS.get(name)
        if name != name.lower():
            yield f"{where}: the name {name!r} is not in lower case; clients would not verify"
        elif not isinstance(value, str) or not re.fullmatch("[0-9a-f]+", value):
            yield f"{where}: {name} is {value!r}, not lower-case hexadecimal"
        elif length is not None and len(value) != length:
            yield f"{where}: {name} has {len(value)} digits, not {length}"


def test_j07_hashes(project: Project) -> None:
    """Digests have lower-case names and lower-case hexadecimal values of their length. [PEP 691]"""
    none(
        problem
        for item in project.items
        for problem in digest_problems(f"{item.get('filename')}: 'hashes'", item.get("hashes"))
    )


@pytest.mark.recommended
def test_j08_sha256(project: Project) -> None:
    """Every file has a sha256. [PEP 691: at least one secure digest; without, nothing is verified]"""
    none(f"{file.filename} has no sha256" for file in project.files if not file.sha256)


@pytest.mark.recommended
def test_j09_only_sha256(project: Project) -> None:
    """sha256 is the only digest. [uv drops the page for a digest whose length it does not know]"""
    none(
        f"{item['filename']}: 'hashes' has {sorted(item['hashes'])}"
        for item in project.items
        if set(item["hashes"]) - {"sha256"}
    )


def test_j10_size(project: Project) -> None:
    """From version 1.1 on `size` is there, a number of bytes. [PEP 700]"""
    need(minor(project) >= 1, "the API is version 1.0")
    none(
        f"{item['filename']}: 'size' is {item.get('size')!r}"
        for item in project.items
        if not isinstance(item.get("size"), int) or isinstance(item["size"], bool) or item["size"] < 0
    )


def test_j11_upload_time(project: Project) -> None:
    """`upload-time` is written yyyy-mm-ddThh:mm:ss[.ffffff]Z. [PEP 700; uv drops a page with another form]"""
    for item in project.items:
        time = item.get("upload-time", "2000-01-01T00:00:00Z")
        assert isinstance(time, str), f"{item['filename']}: 'upload-time' is {time!r}, not a string"
        assert UPLOAD_TIME.fullmatch(time), f"{item['filename']}: 'upload-time' is {time!r}"
        datetime.fromisoformat(time)


@pytest.mark.recommended
def test_j12_upload_time_always(project: Project) -> None:
    """Every file has `upload-time`. [PEP 700; pip --uploaded-prior-to fails without, uv exclude-newer hides it]"""
    none(f"{item['filename']} has no 'upload-time'" for item in project.items if "upload-time" not in item)


@pytest.mark.recommended
def test_j13_upload_time_is_past(project: Project) -> None:
    """No file is of the future. [PEP 700]"""
    latest = datetime.now(UTC) + timedelta(days=1)
    none(
        f"{item['filename']}: 'upload-time' is {item['upload-time']}"
        for item in project.items
        if "upload-time" in item and datetime.fromisoformat(item["upload-time"]) > latest
    )


def test_j14_yanked(project: Project) -> None:
    """`yanked` is true, false or a reason that is not empty. [PEP 592, 691; "" is yanked for uv and not for pip]"""
    none(
        f"{item['filename']}: 'yanked' is {item['yanked']!r}"
        for item in project.items
        if "yanked" in item and not isinstance(item["yanked"], bool) and not (item["yanked"] and _text(item["yanked"]))
    )


def _text(value: object) -> bool:
    return isinstance(value, str)


def test_j15_requires_python(project: Project) -> None:
    """`requires-python` is a specifier set. [PEP 345, PEP 440; uv hides a version whose one cannot be read]"""
    for item in project.items:
        value = item.get("requires-python") or ""
        try:
            SpecifierSet(value)
        except (InvalidSpecifier, TypeError, AttributeError):
            pytest.fail(f"{item['filename']}: 'requires-python' is {value!r}")


def test_j16_core_metadata(project: Project) -> None:
    """`core-metadata` is a boolean or an object of digests. [PEP 658, PEP 714]"""
    none(
        problem
        for item in project.items
        for key in ("core-metadata", "dist-info-metadata")
        if item.get(key) is not None and not isinstance(item[key], bool)
        for problem in digest_problems(f"{item['filename']}: {key!r}", item[key])
    )


@pytest.mark.recommended
def test_j17_core_metadata_of_wheels(project: Project) -> None:
    """Every wheel has `core-metadata` with a sha256. [PEP 658; without, resolving loads whole wheels]"""
    none(
        f"{file.filename}: 'core-metadata' has no sha256"
        for file in project.files
        if file.is_wheel and not (file.core_metadata or "").startswith("sha256=")
    )


def test_j18_old_name_of_core_metadata(project: Project) -> None:
    """`dist-info-metadata`, where it is still there, says the same. [PEP 714]"""
    none(
        f"{item['filename']}: 'core-metadata' and 'dist-info-metadata' differ"
        for item in project.items
        if "dist-info-metadata" in item and item["dist-info-metadata"] != item.get("core-metadata")
    )


@pytest.mark.recommended
def test_j22_filenames(project: Project) -> None:
    """Every file is a wheel or an sdist of this project, by its name. [binary distribution format, PEP 625]"""
    none(filter(None, (filename_problem(file.filename, project.name) for file in project.files)))


def test_j26_provenance(project: Project) -> None:
    """`provenance`, where it has a value, is an absolute https URL. [PEP 740]"""
    for item in project.items:
        value = item.get("provenance")
        parts = urlsplit(value or "https://absent.example/")
        secure = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)
        assert secure, f"{item['filename']}: 'provenance' is {value!r}, not an absolute https URL"
        assert parts.netloc, f"{item['filename']}: 'provenance' is {value!r}, not an absolute URL"


def test_j27_gpg_sig(project: Project) -> None:
    """`gpg-sig`, where it is there, is a boolean. [PEP 691]"""
    none(
        f"{item['filename']}: 'gpg-sig' is {item['gpg-sig']!r}"
        for item in project.items
        if not isinstance(item.get("gpg-sig", False), bool | None)
    )


@pytest.mark.recommended
def test_j29_own_keys(project: Project) -> None:
    """Keys that no specification knows begin with `_`. [PEP 691: those are the server's own]"""
    strange = {key for key in project.document if not key.startswith("_")} - KEYS_OF_PAGE - {"alternate-locations"}
    assert not strange, f"{project.path}: has {sorted(strange)}"
    none(
        f"{item['filename']} has {sorted(more)}"
        for item in project.items
        if (more := {key for key in item if not key.startswith("_")} - KEYS_OF_FILE)
    )
