"""Downloads: a bounded cache that keeps whole files only, and each file fetched once."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest

from dipmp_lib.distributions.findings import Finding
from dipmp_lib.errors import PublishError, SourceError
from dipmp_lib.progress import SilentReporter
from dipmp_lib.publish.mirror.downloads import Collector, DownloadCache, Sink, total_size
from dipmp_lib.publish.mirror.page_parser import SourceFile
from dipmp_lib.publish.mirror.source import SourceIndex
from tests.support.files.source_files import source_file as file
from tests.support.files.wheels import build_sdist, build_wheel, metadata_text


def store(cache: DownloadCache, name: str, content: bytes) -> SourceFile:
    wanted = file(name, content=content)

    def download(_room: int, sink: Sink) -> None:
        sink(content)

    cache.store(wanted, download)
    return wanted


def test_the_longest_unused_downloads_go_first(tmp_path: Path) -> None:
    with DownloadCache(tmp_path, 100) as cache:
        old, new = store(cache, "a-1.tar.gz", b"a" * 40), store(cache, "b-1.tar.gz", b"b" * 40)
    with DownloadCache(tmp_path, 100) as cache:
        assert cache.find(old)  # used again, so that the other one goes
        third = store(cache, "c-1.tar.gz", b"c" * 40)
        assert (cache.find(old) is None, cache.find(new) is None, cache.find(third) is None) == (False, True, False)
        with pytest.raises(PublishError, match="does not fit"):
            store(cache, "d-1.tar.gz", b"d" * 40)


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
        cache.store(file("a-1.tar.gz", content=b"half a file"), broken)
    assert [path.name for path in tmp_path.iterdir()] == ["lock"]


class FakeIndex:
    """An index of files in memory; `asked` has what was downloaded."""

    def __init__(self, *paths: Path) -> None:
        self.bodies = {path.name: path.read_bytes() for path in paths}
        self.texts: dict[str, bytes] = {}
        self.asked: list[str] = []

    def file(self, name: str, **changes: Any) -> SourceFile:  # noqa: ANN401
        return file(name, content=self.bodies[name], **changes)

    def metadata(self, wanted: SourceFile) -> bytes:
        self.asked.append(f"{wanted.filename.text}.metadata")
        return self.texts[wanted.filename.text]

    def download(self, wanted: SourceFile, max_bytes: int, sink: Sink) -> None:
        self.asked.append(wanted.filename.text)
        body = self.bodies[wanted.filename.text]
        assert len(body) <= max_bytes
        for start in range(0, len(body), 1000):
            sink(body[start : start + 1000])

    def with_retries(self, attempt: Callable[[], Path]) -> Path:
        return attempt()


def collector(index: FakeIndex, cache: DownloadCache) -> Collector:
    return Collector(cast("SourceIndex", index), cache)


def test_a_file_is_downloaded_once(tmp_path: Path) -> None:
    index = FakeIndex(build_wheel(tmp_path))
    [name] = index.bodies
    with DownloadCache(tmp_path / "cache", 1 << 20) as cache:
        done: list[int] = []
        first = collector(index, cache).path(index.file(name), done.append)
        assert first.read_bytes() == index.bodies[name]
        assert collector(index, cache).path(index.file(name), done.append) == first
    assert index.asked == [name]
    assert sum(done) == 2 * len(index.bodies[name])


def test_a_damaged_file_is_dropped(tmp_path: Path) -> None:
    with DownloadCache(tmp_path, 100) as cache:
        wanted = store(cache, "a-1.tar.gz", b"whole")
        path = cache.find(wanted)
        assert path is not None
        path.write_bytes(b"torn")
        assert cache.find(wanted) is None
        assert not path.exists()


@pytest.mark.parametrize(
    ("sent", "says"),
    [(b"other", "came with the sha256"), (b"too long", "came with 8 bytes where its index says 5")],
)
def test_what_is_not_the_listed_file_is_not_stored(tmp_path: Path, sent: bytes, says: str) -> None:
    def download(_room: int, sink: Sink) -> None:
        sink(sent)

    with DownloadCache(tmp_path, 100) as cache:
        with pytest.raises(SourceError, match=says):
            cache.store(file("a-1.tar.gz", content=b"whole"), download)
        assert [path.name for path in tmp_path.iterdir()] == ["lock"]


def test_what_an_earlier_run_left_half_is_removed(tmp_path: Path) -> None:
    (tmp_path / "part-x").write_bytes(b"half")
    with DownloadCache(tmp_path, 100):
        assert [path.name for path in tmp_path.iterdir()] == ["lock"]


def test_a_file_of_unknown_size_gets_the_room_that_is_left(tmp_path: Path) -> None:
    rooms: list[int] = []

    def download(room: int, sink: Sink) -> None:
        rooms.append(room)
        sink(b"bb")

    with DownloadCache(tmp_path, 100) as cache:
        store(cache, "a-1.tar.gz", b"a" * 30)
        cache.store(file("b-1.tar.gz", content=b"bb", size=None), download)
    assert rooms == [70]


def test_sizes_that_are_not_stated_count_nothing() -> None:
    assert total_size([file("a-1.tar.gz", size=7), file("b-1.tar.gz", size=None)]) == 7


def test_dependencies_come_from_the_metadata_beside_a_wheel(tmp_path: Path) -> None:
    index = FakeIndex(build_wheel(tmp_path))
    [name] = index.bodies
    index.texts[name] = metadata_text("demo", "1.0", extra="Requires-Dist: lib>=1\n")
    wanted = index.file(name, metadata_sha256=hashlib.sha256(index.texts[name]).digest())
    with DownloadCache(tmp_path / "cache", 1 << 20) as cache:
        downloads = collector(index, cache)
        assert [str(each) for each in downloads.dependencies(wanted).requirements] == ["lib>=1"]
        downloads.dependencies(wanted)
    assert index.asked == [f"{name}.metadata"]


def test_dependencies_come_from_the_file_where_there_is_no_metadata_beside_it(tmp_path: Path) -> None:
    text = metadata_text("demo", "1.0", extra="Requires-Dist: lib>=1\n")
    index = FakeIndex(build_wheel(tmp_path, metadata=text))
    [name] = index.bodies
    with DownloadCache(tmp_path / "cache", 1 << 20) as cache:
        found = collector(index, cache).dependencies(index.file(name))
    assert ([str(each) for each in found.requirements], found.known) == (["lib>=1"], True)


def test_dependencies_of_a_file_that_is_none(tmp_path: Path) -> None:
    broken = tmp_path / "demo-1.0-py3-none-any.whl"
    broken.write_bytes(b"PK, it says")
    index = FakeIndex(broken)
    with DownloadCache(tmp_path / "cache", 1 << 20) as cache:
        found = collector(index, cache).dependencies(index.file(broken.name))
    assert not found.known
    assert found.broken == ("is not a complete zip archive (it has no end record)",)


def test_files_that_do_not_pass_are_findings(tmp_path: Path) -> None:
    good, broken = build_sdist(tmp_path), tmp_path / "lib-1.0-py3-none-any.whl"
    broken.write_bytes(b"PK, it says")
    index = FakeIndex(good, broken)
    lie = index.file(good.name, filename=file("lie-1.0.tar.gz").filename, sha256=bytes(32))
    index.bodies["lie-1.0.tar.gz"] = index.bodies[good.name]
    with DownloadCache(tmp_path / "cache", 1 << 20) as cache:
        dists, findings = collector(index, cache).distributions(
            [index.file(good.name), index.file(broken.name), lie], SilentReporter()
        )
    assert [dist.filename.text for dist in dists] == [good.name]
    assert findings[0] == Finding(broken.name, "is not a complete zip archive (it has no end record)")
    assert findings[1].subject == "lie-1.0.tar.gz"
    assert findings[1].clause.startswith("came with the sha256")
