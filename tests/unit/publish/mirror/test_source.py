"""The client of another index: which URLs are asked, with which headers, how often, and what is checked."""

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import cast

import pytest

from dipmp_lib.errors import InvalidSettings, ProjectNotFound, SourceError, Upstream
from dipmp_lib.http import Answer, Fetcher
from dipmp_lib.model.names import ProjectName
from dipmp_lib.publish.mirror.page_parser import JSON_TYPE
from dipmp_lib.publish.mirror.source import ATTEMPTS, MAX_REDIRECTS, SourceClient, SourceIndex, parse_index_url
from tests.support.files.source_files import source_file

INDEX = "https://me:secret@index.example/simple"
PAGE = "https://index.example/simple/lib/"
LIB = ProjectName("lib")


class FakeFetcher:
    """Answers from a table of lists, the last answer of each again and again; records what it was asked."""

    def __init__(self, **_: object) -> None:
        self.answers: dict[str, list[Answer | Upstream]] = {}
        self.asked: list[tuple[str, Mapping[str, str]]] = []
        self.bounds: list[int] = []

    def put(self, url: str, *answers: Answer | Upstream) -> None:
        self.answers[url] = list(answers)

    def fetch(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        deadline: float,
        max_bytes: int,
        error: type[Upstream],
        sink: Callable[[bytes], object] | None,
    ) -> Answer:
        assert (method, deadline > 0) == ("GET", True)
        self.asked.append((url, headers))
        self.bounds.append(max_bytes)
        left = self.answers[url]
        found = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(found, Upstream):
            raise error(str(found))
        if sink is not None and found.status == 200:
            sink(found.body)
        return found


class World:
    """An index whose network is a table and whose clock is a list."""

    def __init__(self, url: str = INDEX) -> None:
        self.fetcher, self.slept = FakeFetcher(), list[float]()
        self.client = SourceClient(parse_index_url(url), cast("Fetcher", self.fetcher), self.slept.append)
        self.index = SourceIndex(self.client)

    @property
    def urls(self) -> list[str]:
        return [url for url, _ in self.fetcher.asked]


@pytest.fixture
def world() -> World:
    return World()


def answer(status: int = 200, body: bytes = b"", **headers: str) -> Answer:
    return Answer(status, {name.replace("_", "-"): value for name, value in headers.items()}, body)


def project_page(*files: Mapping[str, object]) -> Answer:
    return answer(200, json.dumps({"meta": {"api-version": "1.0"}, "files": files}).encode(), content_type=JSON_TYPE)


# ---- URLs and credentials


@pytest.mark.parametrize("url", ["https://index.example/simple", " https://index.example/simple/ "])
def test_the_url_of_an_index_ends_in_a_slash(url: str) -> None:
    assert parse_index_url(url).url == "https://index.example/simple/"


def test_credentials_are_no_part_of_the_url() -> None:
    index = parse_index_url(INDEX)
    assert index.url == "https://index.example/simple/"
    assert "secret" not in f"{index} {index!r}"
    assert index.headers("https://index.example/x") == {"Authorization": "Basic bWU6c2VjcmV0"}


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("http://index.example/simple/", "is not https"),
        ("https://me:secret@index.example/?x", "has a query or fragment"),
        ("https://index.example/#x", "has a query or fragment"),
        ("/simple", "cannot be used"),
        ("ftp://index.example/", "cannot be used"),
        ("", "cannot be used"),
    ],
)
def test_urls_that_are_no_index(url: str, says: str) -> None:
    with pytest.raises(InvalidSettings, match=says) as caught:
        parse_index_url(url)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "url", ["https://files.example/x", "https://index.example:8443/x", "https://index.example.evil.example/x"]
)
def test_credentials_go_to_the_index_alone(url: str) -> None:
    assert parse_index_url(INDEX).headers(url) == {}


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("http://files.example/x", "is not https"),
        ("https://me:pw@files.example/x", "carries credentials"),
        ("https://127.0.0.1/x", "on this very machine"),
        ("https://[::1]/x", "on this very machine"),
        ("https://localhost./x", "on this very machine"),
        ("http://a.localhost/x", "on this very machine"),
        ("file:///etc/passwd", "cannot be asked"),
    ],
)
def test_urls_that_are_not_asked(world: World, url: str, says: str) -> None:
    world.fetcher.put(PAGE, answer(302, location=url))
    with pytest.raises(SourceError, match=says):
        world.client.index.headers(url)
    with pytest.raises(SourceError):
        world.index.page(LIB)
    assert world.urls == [PAGE]


def test_an_index_on_this_machine_may_lead_to_this_machine() -> None:
    index = parse_index_url("http://localhost:8080/simple")
    assert index.headers("http://127.0.0.1:9/x") == {}
    assert index.headers("https://files.example/x") == {}
    with pytest.raises(SourceError, match="is not https"):
        index.headers("http://files.example/x")


# ---- redirects and retries


def test_redirects_are_followed_without_credentials_and_are_what_a_page_is_relative_to(world: World) -> None:
    world.fetcher.put(PAGE, answer(301, location="https://cdn.example/lib/"))
    world.fetcher.put("https://cdn.example/lib/", project_page({"filename": "lib-1.0.tar.gz", "url": "../f/x"}))
    [file] = world.index.page(LIB).files
    assert file.url == "https://cdn.example/f/x"
    assert ["Authorization" in headers for _, headers in world.fetcher.asked] == [True, False]


def test_redirects_end(world: World) -> None:
    world.fetcher.put(PAGE, answer(302, location=PAGE))
    with pytest.raises(SourceError, match=f"redirects more than {MAX_REDIRECTS} times"):
        world.index.page(LIB)
    assert len(world.urls) == MAX_REDIRECTS + 1


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
def test_transient_faults_are_tried_again_with_longer_pauses(world: World, status: int) -> None:
    world.fetcher.put(PAGE, answer(status))
    with pytest.raises(SourceError, match=f"answered {status}"):
        world.index.page(LIB)
    assert len(world.urls) == ATTEMPTS
    assert world.slept == [1.0, 2.0, 4.0]


def test_a_broken_connection_is_tried_again(world: World) -> None:
    world.fetcher.put(PAGE, Upstream("connection reset"), project_page())
    assert world.index.page(LIB).files == ()
    assert world.slept == [1.0]


@pytest.mark.parametrize(
    ("after", "slept"), [("7", 7.0), ("99999", 30.0), ("999999", 1.0), ("soon", 1.0), ("-1", 1.0), ("", 1.0)]
)
def test_retry_after_is_obeyed_within_bounds(world: World, after: str, slept: float) -> None:
    world.fetcher.put(PAGE, answer(503, retry_after=after), project_page())
    world.index.page(LIB)
    assert world.slept == [slept]


@pytest.mark.parametrize(("status", "hint"), [(401, "user and password"), (403, "user and password"), (410, "")])
def test_other_statuses_are_final(world: World, status: int, hint: str) -> None:
    world.fetcher.put(PAGE, answer(status))
    with pytest.raises(SourceError, match=f"answered {status}") as caught:
        world.index.page(LIB)
    assert hint in caught.value.hint
    assert (len(world.urls), world.slept) == (1, [])


# ---- pages, metadata, files


def test_a_page_is_read_once(world: World) -> None:
    world.fetcher.put(PAGE, project_page())
    assert world.index.page(LIB) is world.index.page(LIB)
    assert len(world.urls) == 1


def test_a_project_that_is_not_there(world: World) -> None:
    world.fetcher.put(PAGE, answer(404))
    with pytest.raises(ProjectNotFound, match="has no project lib"):
        world.index.page(LIB)


def test_metadata_has_the_digest_of_its_page(world: World) -> None:
    file = source_file("lib-1.0-py3-none-any.whl", metadata_sha256=hashlib.sha256(b"Name: lib").digest())
    url = f"{file.url}.metadata"
    world.fetcher.put(url, answer(200, b"Name: lib"), answer(200, b"Name: evil"), answer(404))
    assert world.index.metadata(file) == b"Name: lib"
    with pytest.raises(SourceError, match="is not what its page says"):
        world.index.metadata(file)
    with pytest.raises(SourceError, match="and does not have it"):
        world.index.metadata(file)


@pytest.mark.parametrize(("size", "bound"), [(5, 5), (50, 10), (None, 10)])
def test_a_download_is_bounded_by_its_size_and_by_the_room(world: World, size: int | None, bound: int) -> None:
    file, received = source_file("lib-1.0.tar.gz", size=size), list[bytes]()
    world.fetcher.put(file.url, answer(200, b"bytes"), answer(404))
    world.index.download(file, 10, received.append)
    assert (received, world.fetcher.bounds) == ([b"bytes"], [bound])
    with pytest.raises(SourceError, match="and does not have it"):
        world.index.download(file, 10, received.append)
    assert received == [b"bytes"]


def test_a_download_is_one_attempt(world: World) -> None:
    file = source_file("lib-1.0.tar.gz")
    world.fetcher.put(file.url, answer(503))
    with pytest.raises(SourceError):
        world.index.download(file, 10, lambda _: None)
    assert len(world.urls) == 1
