"""Uploads: which DAGs a file needs pinned, and archives that can be sent again."""

from pathlib import Path

import pytest

from dipmp_lib.distributions import Distribution
from dipmp_lib.errors import PublishError
from dipmp_lib.ipfs import car
from dipmp_lib.publish.uploads import Upload, uploads_of
from tests.support.fakes.uploads import upload
from tests.support.files.wheels import build_sdist, build_wheel


def content(file: Upload) -> bytes:
    with file.opener() as stream:
        return stream.read()


def test_a_wheel_has_its_metadata_beside_it(tmp_path: Path) -> None:
    wheel = Distribution.from_path(build_wheel(tmp_path))
    sdist = Distribution.from_path(build_sdist(tmp_path))
    uploads = uploads_of([wheel, sdist])
    assert wheel.metadata_dag is not None
    assert [(each.label, each.root) for each in uploads] == [
        ("demo-1.0-py3-none-any.whl", wheel.cid),
        ("demo-1.0-py3-none-any.whl.metadata", wheel.metadata_dag.root),
        ("demo-1.0.tar.gz", sdist.cid),
    ]
    assert [content(each) for each in uploads] == [wheel.path.read_bytes(), wheel.metadata, sdist.path.read_bytes()]


@pytest.mark.parametrize("listed", [False, True])
def test_all_uploads_of_a_listed_file_are_listed(tmp_path: Path, listed: bool) -> None:
    wheel = Distribution.from_path(build_wheel(tmp_path))
    assert [each.listed for each in uploads_of([wheel], listed=listed)] == [listed] * 2


def test_an_archive_can_be_sent_again(tmp_path: Path) -> None:
    file = upload(bytes(range(256)) * 10_000)
    first, second = b"".join(file.archive()), b"".join(file.archive())
    assert first == second
    assert len(first) == file.car_size
    path = tmp_path / "archive.car"
    path.write_bytes(first)
    with path.open("rb") as stream:
        assert car.read(stream).roots == (file.root,)


def test_a_file_that_changed_is_not_sent(tmp_path: Path) -> None:
    wheel = Distribution.from_path(build_wheel(tmp_path))
    [file, _] = uploads_of([wheel])
    wheel.path.write_bytes(wheel.path.read_bytes()[::-1])
    with pytest.raises(PublishError, match="changed after it was hashed"):
        list(file.archive())
