"""Filebase: an archive put into a bucket, and believed once the object names the root."""

from typing import cast

import pytest

from dipmp_lib.errors import PinnerBusy, PinnerError, PinnerRefused
from dipmp_lib.http import Answer, Fetcher
from dipmp_lib.ipfs.cid import raw_cid
from dipmp_lib.ipfs.pinning import Credentials, FilebasePinner
from dipmp_lib.ipfs.pinning.answers import MIN_RATE
from dipmp_lib.ipfs.pinning.filebase import MAX_OBJECT
from dipmp_lib.secret import Secret
from tests.support.fakes.canned_http import Canned
from tests.support.fakes.clock import Clock
from tests.support.files.content import sample

FILE = sample(b"a wheel")
OTHER = raw_cid(bytes(32))
PUT = Answer(200, {"etag": '"x"'}, b"")


def head(cid: object = None) -> Answer:
    return Answer(200, {} if cid is None else {"x-amz-meta-cid": str(cid)}, b"")


class Scene:
    """A pinner whose pauses move its clock."""

    def __init__(self, *answers: Answer, patience: float = 5) -> None:
        self.clock = Clock()
        self.fetcher = Canned(*answers)
        self.pinner = FilebasePinner(
            "wheels",
            Credentials([Secret(b"key"), Secret(b"secret")]),
            cast("Fetcher", self.fetcher),
            endpoint="https://s3.example",
            patience=patience,
            sleep=self.clock.sleep,
            clock=self.clock,
        )

    def pin(self, size: int = FILE.car_size) -> list[tuple[str, str]]:
        self.pinner.pin(FILE.root, FILE.car, size)
        return [(method, url) for method, url, _, _ in self.fetcher.asked]


OBJECT = f"https://s3.example/wheels/{FILE.root}.car"


def test_an_archive_is_put_whole_and_imported() -> None:
    scene = Scene(PUT, head(FILE.root))
    assert scene.pin() == [("PUT", OBJECT), ("HEAD", OBJECT)]
    _, _, headers, body = scene.fetcher.asked[0]
    assert body == b"".join(FILE.car())
    assert headers["x-amz-meta-import"] == "car"
    assert "Expect" not in headers
    assert scene.fetcher.deadlines == [5 + FILE.car_size / MIN_RATE, 5]


def test_the_import_is_waited_for() -> None:
    scene = Scene(PUT, head(), head(), head(FILE.root))
    assert [method for method, _ in scene.pin()] == ["PUT", "HEAD", "HEAD", "HEAD"]
    assert scene.clock.slept == [2, 2]


def test_an_import_that_does_not_come_is_no_pin() -> None:
    with pytest.raises(PinnerError, match="stored the archive, but did not import it within 5 s"):
        Scene(PUT, *[head()] * 9).pin()


def test_another_root_is_no_pin() -> None:
    with pytest.raises(PinnerError, match=f"keeps {OTHER} instead of {FILE.root}"):
        Scene(PUT, head(OTHER)).pin()


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (Answer(403, {}, b"<Error><Code>AccessDenied</Code></Error>"), PinnerRefused),
        (Answer(404, {}, b"<Error><Code>NoSuchBucket</Code></Error>"), PinnerError),
        (Answer(503, {}, b"<Error><Code>SlowDown</Code></Error>"), PinnerBusy),
        (Answer(500, {}, b"<html>"), PinnerBusy),
    ],
)
def test_errors_of_s3(answer: Answer, kind: type[PinnerError]) -> None:
    with pytest.raises(PinnerError, match=f"filebase:wheels answered {answer.status}") as caught:
        Scene(answer).pin()
    assert type(caught.value) is kind


@pytest.mark.parametrize("answers", [[Answer(301, {}, b"")], [PUT, Answer(400, {}, b"")]])
def test_a_bucket_that_is_elsewhere_is_not_followed(answers: list[Answer]) -> None:
    scene = Scene(*answers)
    with pytest.raises(PinnerError, match="to S3"):
        scene.pin()
    assert len(scene.fetcher.asked) == len(answers)


@pytest.mark.parametrize("more", [-1, 1])
def test_an_archive_of_another_size_is_not_sent(more: int) -> None:
    scene = Scene()
    with pytest.raises(PinnerError, match=f"where {FILE.car_size + more} were announced"):
        scene.pin(FILE.car_size + more)
    assert scene.fetcher.asked == []


def test_an_archive_that_is_too_large_is_not_read() -> None:
    with pytest.raises(PinnerError, match="takes at most"):
        Scene().pin(MAX_OBJECT + 1)
