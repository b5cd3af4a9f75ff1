"""The files behind a page and the metadata beside them (PEP 658, 714; RFC 9110). Of each kind, the smallest."""

import hashlib
import io
import tarfile
import zipfile
from email.message import Message
from email.parser import BytesParser
from urllib.parse import urlsplit, urlunsplit

import pytest
from packaging.utils import canonicalize_name
from packaging.version import Version

from .client import Answer
from .filenames import version_of
from .pages import Project, Seen
from .verdict import need, none

LARGE = 32 * 1024 * 1024


def download(project: Project, file: Seen, **headers: str) -> Answer:
    """Get a file as installers do."""
    need((file.size or 0) <= LARGE, f"{file.filename} is too large for this suite")
    return project.index.get(file.url, "*/*", method="GET", follow=True, fresh=False, **headers)


def downloads(project: Project) -> list[tuple[Seen, Answer]]:
    """Get a wheel and an sdist, as far as the project has them."""
    return [(file, download(project, file)) for file in project.samples()]


def metadata(project: Project) -> tuple[Seen, Answer]:
    """Get the metadata of a wheel that offers it."""
    wheel = project.smallest(wheel=True)
    need(wheel.core_metadata is not None, f"{wheel.filename} has no core-metadata")
    answer = project.index.get(wheel.url + ".metadata", "*/*", follow=True)
    assert answer.status == 200, f"{answer}; the page promises it, and pip and uv stop without it"
    return wheel, answer


def packed_metadata(file: Seen, body: bytes) -> bytes:
    """Return METADATA or PKG-INFO from within a file."""
    if file.filename.endswith(".tar.gz"):
        with tarfile.open(fileobj=io.BytesIO(body)) as archive:
            (name,) = [name for name in archive.getnames() if name.endswith("/PKG-INFO") and name.count("/") == 1]
            member = archive.extractfile(name)
            assert member is not None, f"{file.filename}: {name} is not a file"
            return member.read()
    tail = ".dist-info/METADATA" if file.is_wheel else "/PKG-INFO"
    with zipfile.ZipFile(io.BytesIO(body)) as packed:
        (name,) = [name for name in packed.namelist() if name.endswith(tail) and name.count("/") == 1]
        return packed.read(name)


def about(file: Seen, body: bytes) -> Message:
    """Return the parsed metadata from within a file."""
    return BytesParser().parsebytes(packed_metadata(file, body))


def test_f01_downloads(project: Project) -> None:
    """A listed file can be had. [PEP 503]"""
    none(f"{answer}; expected {file.filename}" for file, answer in downloads(project) if answer.status != 200)


def test_f02_digest(project: Project) -> None:
    """Its bytes have the sha256 of the page. [PEP 503, PEP 691]"""
    for file, answer in downloads(project):
        need(file.sha256 is not None, f"{file.filename} has no sha256")
        found = hashlib.sha256(answer.body).hexdigest()
        assert found == file.sha256, f"{file.filename}: the page says sha256 {file.sha256}, the bytes have {found}"


def test_f03_size(project: Project) -> None:
    """It has the size of the page. [PEP 700]"""
    for file, answer in downloads(project):
        need(file.size is not None, f"{file.filename} has no size")
        assert len(answer.body) == file.size, f"{file.filename}: {len(answer.body)} bytes, the page says {file.size}"


def test_f04_no_encoding(project: Project) -> None:
    """A file is not compressed on the way, even for who accepts gzip. [pip and uv hash what was on the wire]"""
    for file in project.samples():
        answer = download(project, file, accept_encoding="gzip")
        encoding = answer.headers.get("Content-Encoding", "identity")
        assert encoding == "identity", f"{answer}: Content-Encoding is {encoding}"


def test_f05_head(project: Project) -> None:
    """HEAD of a file says its size. [RFC 9110 9.3.2; uv reads it where there is no metadata]"""
    for file in project.samples():
        answer = project.index.get(file.url, "*/*", method="HEAD", follow=True)
        assert answer.status == 200, f"{answer}; expected what GET answers"
        length = answer.headers.get("Content-Length", str(file.size))
        assert length == str(file.size), f"{answer}: Content-Length is {length}, the page says {file.size}"


def ranged(project: Project, value: str) -> tuple[bytes, Answer]:
    """Return a file's bytes, and the answer for a range of them; skip where ranges are not offered."""
    file = next(project.samples())
    whole = download(project, file)
    need(whole.headers.get("Accept-Ranges", "").lower() == "bytes", "ranges are not offered")
    return whole.body, download(project, file, range=value)


def test_f06_range(project: Project) -> None:
    """Where ranges are offered they are right. [RFC 9110 14.2; uv reads wheels with them]"""
    body, answer = ranged(project, "bytes=10-29")
    assert answer.status == 206, f"{answer}; expected 206, since Accept-Ranges is bytes"
    assert answer.body == body[10:30], f"{answer}: other bytes than asked for"
    found, expected = answer.headers.get("Content-Range"), f"bytes 10-29/{len(body)}"
    assert found == expected, f"{answer}: Content-Range is {found!r}, not {expected!r}"


def test_f07_last_bytes(project: Project) -> None:
    """Where ranges are offered, so are the last bytes. [RFC 9110 14.1.2; a zip's directory is there]"""
    body, answer = ranged(project, "bytes=-22")
    assert answer.status == 206, f"{answer}; expected 206"
    assert answer.body == body[-22:], f"{answer}: not the last bytes"


def test_f08_no_such_range(project: Project) -> None:
    """A range behind the end is 416. [RFC 9110 15.5.17]"""
    body, answer = ranged(project, "bytes=999999999-")
    assert answer.status == 416 or answer.body == body, f"{answer}; expected 416"


def test_f09_unlisted(project: Project) -> None:
    """A file that is not listed is not found. [PEP 503; a 5xx or 403 stops uv]"""
    url = project.smallest(wheel=True).url
    parts = urlsplit(url)
    other = parts.path.rpartition("/")[0] + "/conformance_no_such-9999-py3-none-any.whl"
    answer = project.index.get(urlunsplit(parts._replace(path=other)), "*/*", follow=True)
    assert answer.status in (404, 410), f"{answer}; expected 404"


def test_f10_content(project: Project) -> None:
    """What is in a file is what its name says. [PEP 427, PEP 625, core metadata]"""
    for file, answer in downloads(project):
        found = about(file, answer.body)
        assert canonicalize_name(found["Name"]) == canonicalize_name(project.name), (
            f"{file.filename}: of {found['Name']}"
        )
        assert Version(found["Version"]) == version_of(file.filename), f"{file.filename}: {found['Version']}"


def test_f11_requires_python(project: Project) -> None:
    """`requires-python` is the file's own Requires-Python. [PEP 345, PEP 503]"""
    for file, answer in downloads(project):
        need(file.requires_python is not None, f"{file.filename} has no requires-python")
        inside = about(file, answer.body)["Requires-Python"]
        assert file.requires_python == inside, (
            f"{file.filename}: {file.requires_python!r} on the page, {inside!r} inside"
        )


@pytest.mark.recommended
def test_f12_kept(project: Project) -> None:
    """Caches may keep a file for a day at least. [RFC 9111 5.2; its digest says that it cannot change]"""
    for file, answer in downloads(project):
        age = answer.cache_control.get("max-age", "0")
        good = "immutable" in answer.cache_control or (age.isdigit() and int(age) >= 86_400)
        assert good, f"{file.filename}: Cache-Control is {answer.headers.get('Cache-Control')!r}"


def test_d01_metadata(project: Project) -> None:
    """Promised metadata is there, at the URL with `.metadata` behind it. [PEP 658; pip and uv stop without it]"""
    metadata(project)


def test_d02_digest(project: Project) -> None:
    """Its bytes have the sha256 of `core-metadata`. [PEP 658, PEP 714; pip and uv verify it]"""
    wheel, answer = metadata(project)
    need((wheel.core_metadata or "").startswith("sha256="), f"{wheel.filename}: core-metadata has no digest")
    found = f"sha256={hashlib.sha256(answer.body).hexdigest()}"
    assert found == wheel.core_metadata, f"{answer}: the page says {wheel.core_metadata}, the bytes have {found}"


def test_d03_same_as_inside(project: Project) -> None:
    """It is byte for byte the METADATA inside the wheel. [PEP 658; pip compares them]"""
    wheel, answer = metadata(project)
    inside = packed_metadata(wheel, download(project, wheel).body)
    assert answer.body == inside, (
        f"{answer}: {len(answer.body)} bytes differ from the {len(inside)} in {wheel.filename}"
    )


def test_d04_no_encoding(project: Project) -> None:
    """It is sent as it is to who accepts no encoding. [RFC 9110 12.5.3; its digest is that of the plain bytes]"""
    answer = metadata(project)[1]
    assert answer.headers.get("Content-Encoding", "identity") == "identity", f"{answer}: encoded"


@pytest.mark.recommended
def test_d05_head(project: Project) -> None:
    """HEAD of it works. [RFC 9110 9.3.2]"""
    wheel, _ = metadata(project)
    answer = project.index.get(wheel.url + ".metadata", "*/*", method="HEAD", follow=True)
    assert answer.status == 200, f"{answer}; expected what GET answers"


def test_d06_every_wheel(project: Project) -> None:
    """The promise holds for every wheel: here, the first and the last on the page. [PEP 658]"""
    wheels = [file for file in project.files if file.is_wheel and file.core_metadata]
    need(bool(wheels), "no wheel has core-metadata")
    answers = [project.index.get(file.url + ".metadata", "*/*", follow=True) for file in (wheels[0], wheels[-1])]
    none(str(answer) for answer in answers if answer.status != 200)


@pytest.mark.recommended
def test_d07_only_wheels(project: Project) -> None:
    """Only wheels promise metadata. [PEP 658: an sdist's may still change when it is built]"""
    none(f"{file.filename} has core-metadata" for file in project.files if file.core_metadata and not file.is_wheel)
