"""Gzipped tar archives: read in one pass, bounded, and to the end."""

import gzip
import hashlib
import io
import tarfile
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dipmp_lib.distributions.findings import Findings
from dipmp_lib.distributions.tar import TarSource
from tests.support.files.tars import member
from tests.support.files.wheels import build_sdist, problems_of


def source(*members: bytes, findings: Findings | None = None, end: bytes = bytes(1024)) -> TarSource:
    data = gzip.compress(b"".join(members) + end)
    return TarSource(io.BytesIO(data), len(data), findings or Findings("demo.tar.gz"))


def contents(found: TarSource) -> dict[str, bytes]:
    return {name: b"".join(pieces) for name, pieces in found}


def clauses(findings: Findings) -> list[str]:
    return [finding.clause for finding in findings.all()]


def test_files_are_yielded_and_all_members_named() -> None:
    found = source(
        member("demo-1.0", type=tarfile.DIRTYPE), member("demo-1.0/a", b"1" * 600), member("demo-1.0/" + "b" * 150, b"")
    )
    assert contents(found) == {"demo-1.0/a": b"1" * 600, "demo-1.0/" + "b" * 150: b""}
    assert found.names == ["demo-1.0/", "demo-1.0/a", "demo-1.0/" + "b" * 150]


def test_links_are_judged_by_the_top_folder() -> None:
    findings = Findings("demo.tar.gz")
    found = source(
        member("demo-1.0/in", type=tarfile.SYMTYPE, linkname="../demo-1.0/x"),
        member("demo-1.0/out", type=tarfile.SYMTYPE, linkname="../../etc/passwd"),
        member("demo-1.0/hard", type=tarfile.LNKTYPE, linkname="other/x"),
        member("demo-1.0/back", type=tarfile.SYMTYPE, linkname="a\\b"),
        member("demo-1.0/root", type=tarfile.SYMTYPE, linkname="/etc/passwd"),
        findings=findings,
    )
    assert contents(found) == {}
    found.check_links("demo-1.0")
    assert [clause.split("'")[1] for clause in clauses(findings)] == [
        "demo-1.0/out",
        "demo-1.0/hard",
        "demo-1.0/back",
        "demo-1.0/root",
    ]
    assert all(clause.endswith("outside its top folder") for clause in clauses(findings))


def test_devices_are_named() -> None:
    findings = Findings("demo.tar.gz")
    contents(source(member("demo-1.0/pipe", type=tarfile.FIFOTYPE), findings=findings))
    assert clauses(findings) == ["has a member 'demo-1.0/pipe' that is no file, folder or link"]


def test_a_long_description_of_a_member_is_refused() -> None:
    header = tarfile.TarInfo("x")
    header.type, header.size = tarfile.XHDTYPE, (1 << 20) + 1
    with pytest.raises(ValueError, match="has a tar header of 1048577 bytes"):
        contents(source(header.tobuf()))


def test_data_behind_the_end_is_refused_and_padding_is_not() -> None:
    assert contents(source(member("a", b"1"), end=bytes(10_240))) == {"a": b"1"}
    with pytest.raises(ValueError, match="data follows its end"):
        contents(source(member("a", b"1"), end=bytes(1024) + b"evil" + bytes(508)))


@given(st.binary(max_size=600))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        contents(source(data))
    except (ValueError, tarfile.TarError, EOFError, OSError, zlib.error):
        return


@pytest.mark.parametrize("cut", [1, 4, 8, 100, 5_000])
def test_a_truncated_sdist(tmp_path: Path, cut: int) -> None:
    path = build_sdist(tmp_path, payload=hashlib.shake_256(b"x").digest(9_000))
    path.write_bytes(path.read_bytes()[:-cut])
    [(_, text)] = problems_of(path)
    assert text.startswith("is not a complete gzipped tar archive")


@pytest.mark.slow
def test_a_decompression_bomb_stops_early(tmp_path: Path) -> None:
    path, zeros = tmp_path / "demo-1.0.tar.gz", 200 << 20
    with gzip.open(path, "wb", compresslevel=1) as packed:
        header = tarfile.TarInfo("demo-1.0/zeros")
        header.size = zeros
        packed.write(header.tobuf())
        for _ in range(zeros >> 20):
            packed.write(bytes(1 << 20))
    assert problems_of(path) == [(path.name, "unpacks to more than 50 times its size and 64 MiB")]


def test_hostile_tar_headers(tmp_path: Path) -> None:
    """Sizes beyond everything, and a negative one."""
    path = tmp_path / "demo-1.0.tar.gz"
    for size in (b"\x80" + b"\x7f" * 11, b"\xff" * 11 + b"\x00"):
        header = bytearray(tarfile.TarInfo("demo-1.0/PKG-INFO").tobuf())
        header[124:136] = size
        header[148:156] = b" " * 8
        header[148:156] = f"{sum(header[:512]):06o}\0 ".encode()
        buffer = io.BytesIO()
        with gzip.GzipFile(fileobj=buffer, mode="wb") as packed:
            packed.write(bytes(header) + bytes(1024))
        path.write_bytes(buffer.getvalue())
        assert problems_of(path)
