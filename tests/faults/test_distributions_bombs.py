"""A2: archives that unpack to far more than their size. Each is refused soon and with little memory.

The check runs in a process of its own, whose peak memory and processor time are measured from before it.
"""

import bz2
import gzip
import io
import json
import lzma
import struct
import subprocess
import sys
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from dipmp_lib.distributions import Distribution
from tests.support.files.tars import PKG_INFO, good_members, member, write_sdist
from tests.support.files.wheels import build_sdist, build_wheel
from tests.support.files.zips import Entry, HandZip, taken_apart

WHEEL = "demo-1.0-py3-none-any.whl"
MAX_MEMORY = 100 << 20
MAX_SECONDS = 10.0
"""Ten times what is promised: processor seconds of a shared machine vary."""
_CHILD = """
import json, re, sys, time
from pathlib import Path
from dipmp_lib.distributions import read_distributions
from dipmp_lib.errors import InvalidDistribution
peak = lambda: int(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1]) << 10
start, results = peak(), []
for path in sys.argv[1:]:
    seconds, problems = time.process_time(), []
    try:
        read_distributions([Path(path)])
    except InvalidDistribution as error:
        problems = [text for _, text in error.problems]
    results.append([problems, peak() - start, time.process_time() - seconds])
print(json.dumps(results))
"""


@cache
def zeros(size: int) -> bytes:
    """A raw DEFLATE stream of zeros: about 1,030 times smaller."""
    engine = zlib.compressobj(9, zlib.DEFLATED, -15)
    return b"".join(engine.compress(bytes(1 << 20)) for _ in range(size >> 20)) + engine.flush()


def with_member(folder: Path, name: str, data: bytes) -> Path:
    return build_wheel(folder, members={name: data})


def declared(folder: Path) -> Path:
    """4 GiB of zeros, said openly."""
    archive = taken_apart(build_wheel(folder))
    packed, size = zeros(64 << 20), (4 << 30) - 2
    facts: dict[str, int | bytes] = {"size": size}
    archive.entries.append(Entry(b"demo/zeros", stored=packed, local=dict(facts), central=dict(facts)))
    (folder / WHEEL).write_bytes(archive.build())
    return folder / WHEEL


def undeclared(folder: Path) -> Path:
    """A quarter of a GiB of zeros that the headers call ten bytes."""
    archive = taken_apart(build_wheel(folder))
    packed = zeros(256 << 20)
    archive.entries.append(Entry(b"demo/zeros", bytes(10), stored=packed))
    (folder / WHEEL).write_bytes(archive.build())
    return folder / WHEEL


def overlapping(folder: Path) -> Path:
    """A thousand members that share one content."""
    kernel = Entry(b"demo/kernel", bytes(1 << 20))
    archive = HandZip([*taken_apart(build_wheel(folder)).entries, kernel])
    places = len(b"".join(entry.local_header() + entry.content for entry in archive.entries[:-1]))
    for number in range(1000):
        other = Entry(f"demo/{number}".encode(), bytes(1 << 20), central={"offset": places})
        other.local_header = bytes  # type: ignore[method-assign]
        other.stored = b""
        archive.entries.append(other)
    (folder / WHEEL).write_bytes(archive.build())
    return folder / WHEEL


def sdist_of_zeros(folder: Path) -> Path:
    size = 256 << 20
    header = tarfile.TarInfo("demo-1.0/zeros")
    header.size = size
    path = folder / "demo-1.0.tar.gz"
    with gzip.open(path, "wb", compresslevel=9) as packed:
        packed.write(b"".join(good_members()) + header.tobuf())
        for _ in range(size >> 20):
            packed.write(bytes(1 << 20))
        packed.write(bytes(1024))
    return path


def sdist_zip(folder: Path) -> Path:
    entries = [Entry(b"demo-1.0/PKG-INFO", PKG_INFO)]
    packed, size = zeros(256 << 20), 256 << 20
    facts: dict[str, int | bytes] = {"size": size, "crc": 1}
    entries.append(Entry(b"demo-1.0/zeros", stored=packed, local=dict(facts), central=dict(facts)))
    (folder / "demo-1.0.zip").write_bytes(HandZip(entries).build())
    return folder / "demo-1.0.zip"


def behind_the_end(folder: Path) -> Path:
    """A tar archive's end mark, and a lot of it."""
    return write_sdist(folder, *good_members(), end=bytes(200 << 20))


def long_header(folder: Path) -> Path:
    """A pax header is read whole by tar programs, however long."""
    return write_sdist(folder, *good_members(), member("demo-1.0/x", bytes(60 << 20), type=tarfile.XHDTYPE))


def many_members(folder: Path) -> Path:
    blocks = (member(f"demo-1.0/{number}") for number in range(60_000))
    return write_sdist(folder, *good_members(), b"".join(blocks))


def many_entries(folder: Path) -> Path:
    """A directory that claims to be longer than what is sensible."""
    archive = HandZip([Entry(str(number).encode(), method=0) for number in range(250_000)], wide={})
    archive.end = {"entries": 0xFFFF, "here": 0xFFFF}
    (folder / WHEEL).write_bytes(archive.build())
    return folder / WHEEL


def zipped(data: bytes, name: str = "inner.zip", copies: int = 1) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(copies):
            archive.writestr(f"{number}-{name}", data)
    return buffer.getvalue()


def nested_zip(folder: Path) -> Path:
    """Sixteen in sixteen in sixteen, and 16 MiB in each of those."""
    data = bytes(16 << 20)
    for _ in range(3):
        data = zipped(data, copies=16)
    return with_member(folder, "demo/data.zip", data)


def nested_zip_with_descriptors(folder: Path) -> Path:
    packed = zeros(16 << 20)
    inner = Entry(b"zeros", stored=packed, flags=8, local={"crc": 0, "packed": 0, "size": 0})
    inner.after = b"PK\7\x08" + struct.pack("<3L", 0, len(packed), 16 << 20)
    return with_member(folder, "demo/data.zip", HandZip([inner] * 8).build())


def nested_gzip(folder: Path) -> Path:
    return with_member(folder, "demo/data.gz", gzip.compress(gzip.compress(bytes(128 << 20))))


def nested_bzip2(folder: Path) -> Path:
    return with_member(folder, "demo/data.bz2", bz2.compress(bytes(128 << 20)))


def nested_xz(folder: Path) -> Path:
    return with_member(folder, "demo/data.xz", lzma.compress(bytes(128 << 20), preset=0))


def many_streams(folder: Path) -> Path:
    """Streams in a row count together."""
    return with_member(folder, "demo/data.gz", gzip.compress(bytes(1 << 20)) * 128)


def too_deep(folder: Path) -> Path:
    data = b"bottom"
    for _ in range(12):
        data = zipped(data)
    return with_member(folder, "demo/data.zip", data)


def nested_in_an_sdist(folder: Path) -> Path:
    return build_sdist(folder, members={"demo-1.0/data.xz": lzma.compress(bytes(128 << 20), preset=0)})


UNPACKS = "unpacks to more than 50 times its size and 64 MiB"
BOMBS: dict[Callable[[Path], Path], str] = {
    declared: UNPACKS,
    undeclared: "is damaged",
    overlapping: "members do not lie where its directory says",
    sdist_of_zeros: UNPACKS,
    sdist_zip: UNPACKS,
    behind_the_end: UNPACKS,
    long_header: "has a tar header of 62914560 bytes",
    many_members: UNPACKS,
    many_entries: "has more than 200000 members",
    nested_zip: UNPACKS,
    nested_zip_with_descriptors: UNPACKS,
    nested_gzip: UNPACKS,
    nested_bzip2: UNPACKS,
    nested_xz: UNPACKS,
    many_streams: UNPACKS,
    too_deep: "archives within archives, more than 8 deep",
    nested_in_an_sdist: UNPACKS,
}


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[list[str], int, float]]:
    """What one process says of all bombs in turn, how much memory it took so far, and how long each."""
    paths = [make(tmp_path_factory.mktemp(make.__name__)) for make in BOMBS]
    command = [sys.executable, "-c", _CHILD, *map(str, paths)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found = {make.__name__: tuple(result) for make, result in zip(BOMBS, json.loads(done.stdout), strict=True)}
    for path, (name, (_, memory, seconds)) in zip(paths, found.items(), strict=True):
        print(f"A2 {name}: {path.stat().st_size:,} bytes, +{memory >> 20} MiB, {seconds:.2f} s")
    return found


@pytest.mark.parametrize("make", BOMBS, ids=lambda make: make.__name__)
def test_A2_a_bomb_is_refused_with_little_memory(
    results: dict[str, tuple[list[str], int, float]], make: Callable[[Path], Path]
) -> None:
    problems, memory, seconds = results[make.__name__]
    assert any(BOMBS[make] in text for text in problems), problems
    assert memory <= MAX_MEMORY
    assert seconds <= MAX_SECONDS


def test_A2_what_compresses_well_but_is_small_is_no_bomb(tmp_path: Path) -> None:
    wheel = build_wheel(tmp_path, payload=bytes(60 << 20), members={"demo/data.zip": zipped(bytes(40 << 20))})
    assert Distribution.from_path(wheel).warnings == ()


def test_A2_archives_that_are_broken_inside_are_let_be(tmp_path: Path) -> None:
    inside = {
        "demo/cut.gz": gzip.compress(b"x" * 1000)[:20],
        "demo/cut.xz": lzma.compress(b"x" * 1000)[:40],
        "demo/cut.bz2": bz2.compress(b"x" * 1000)[:30],
        "demo/cut.zip": zipped(b"x" * 1000)[:50],
        "demo/padded.gz": gzip.compress(b"x") + bytes(100),
    }
    assert Distribution.from_path(build_wheel(tmp_path, members=inside)).warnings == ()
