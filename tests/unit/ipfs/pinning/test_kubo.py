"""The Kubo pinner: "done" is believed only for exactly our root, whatever else the service says."""

import io
import json
import threading
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dipmp_lib.errors import InvalidSettings, PinnerError, PublishError
from dipmp_lib.http import Fetcher
from dipmp_lib.ipfs import car, unixfs
from dipmp_lib.ipfs.cid import Cid
from dipmp_lib.ipfs.pinning import KuboPinner, RetryingPinner, pinner_from_uri
from tests.support.exploring import examples
from tests.support.fakes.scripted_http import Reply, Request, ScriptedServer, scripted_server
from tests.support.files.content import Sample, pattern, sample

FILE = sample(b"a wheel")
LARGE = sample(pattern(3 * 2**20 + 5).read())


def pinned(cid: object, problem: object = "") -> Reply:
    return Reply(200, json.dumps({"Root": {"Cid": {"/": cid}, "PinErrorMsg": problem}}).encode())


@pytest.fixture
def service() -> Iterator[ScriptedServer]:
    with scripted_server(lambda _: pinned(str(FILE.root))) as server:
        yield server


def pin(service: ScriptedServer, file: Sample = FILE, **options: float) -> None:
    KuboPinner(service.url, Fetcher(), **options).pin(file.root, file.car, file.car_size)


def pin_patiently(service: ScriptedServer, attempts: int) -> list[float]:
    """Pin with retries, and return how long it slept between them."""
    slept: list[float] = []
    pinner = RetryingPinner(KuboPinner(service.url, Fetcher()), attempts=attempts, sleep=slept.append)
    pinner.pin(FILE.root, FILE.car, FILE.car_size)
    return slept


def test_one_form_with_the_archive_and_its_length(service: ScriptedServer) -> None:
    service.answer = lambda _: pinned(str(LARGE.root))
    pin(service, LARGE)
    (request,) = service.requests
    assert request.method == "POST"
    assert request.target.startswith("/api/v0/dag/import?pin-roots=true")
    assert int(request.headers["content-length"]) == len(request.body)
    assert "transfer-encoding" not in request.headers
    boundary = request.headers["content-type"].removeprefix("multipart/form-data; boundary=").encode()
    head, _, rest = request.body.partition(b"\r\n\r\n")
    assert head.startswith(b"--" + boundary + b"\r\n")
    assert rest == b"".join(LARGE.car()) + b"\r\n--" + boundary + b"--\r\n"


def test_roots_are_compared_as_bytes_not_text(service: ScriptedServer) -> None:
    file = sample(bytes(range(200)), unixfs.Profile(50, 4, 0, raw_leaves=False))
    for spelling in (file.root, Cid(file.root.codec, file.root.digest)):
        service.answer = lambda _, cid=spelling: pinned(str(cid))  # type: ignore[misc]
        pin(service, file)


@pytest.mark.parametrize(
    ("reply", "message"),
    [
        (pinned("bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku"), "instead of"),
        (pinned(str(Cid(0x70, FILE.root.digest))), "instead of"),
        (pinned(str(FILE.root), "block was not found"), "did not pin it: block was not found"),
        (Reply(200, b""), "0 pinned roots"),
        (Reply(200, pinned(str(FILE.root)).body + b"\n" + pinned(str(FILE.root)).body), "2 pinned roots"),
        (Reply(200, b'{"Stats": {}}'), "not that of dag/import"),
        (pinned("not a cid"), "not that of dag/import"),
        (pinned(None), "not that of dag/import"),
        (pinned(str(FILE.root), None), "not that of dag/import"),
        (Reply(200, b"<html>"), "not that of dag/import"),
        (Reply(200, b"\xff\xfe"), "not that of dag/import"),
        (Reply(200, b"[" * 50_000), "not that of dag/import"),
        (Reply(200, bytes(100_000)), "more than"),
        (Reply(500, b'{"Message": "mismatch in content integrity"}'), "500: mismatch in content integrity"),
        (Reply(401, b"\x1b[31mno\nway"), r"401: \[31mno way"),
        (Reply(403), "403: nothing"),
        (Reply(204), "answered 204"),
        (Reply(307, b"", {"Location": "/elsewhere"}), "307"),
    ],
)
def test_every_other_answer_is_a_refusal(service: ScriptedServer, reply: Reply, message: str) -> None:
    service.answer = lambda _: reply
    with pytest.raises(PinnerError, match=message) as caught:
        pin(service)
    assert len(str(caught.value)) < 500


@settings(max_examples=examples(60))
@given(
    st.binary(max_size=200)
    | st.recursive(
        st.none() | st.integers() | st.text(max_size=5),
        lambda c: st.lists(c) | st.dictionaries(st.sampled_from(["Root", "Cid", "/", "PinErrorMsg"]), c),
    ).map(lambda v: json.dumps(v).encode())
)
def test_no_other_answer_passes(service: ScriptedServer, body: bytes) -> None:
    service.answer = lambda _: Reply(200, body)
    with pytest.raises(PinnerError):
        pin(service)


def test_a_busy_service_is_tried_again_with_the_archive_written_anew(service: ScriptedServer) -> None:
    service.answer = lambda _: Reply(503) if len(service.requests) == 1 else pinned(str(FILE.root))
    assert len(pin_patiently(service, 5)) == 1
    first, second = service.requests
    assert len(first.body) == len(second.body)


def test_attempts_are_bounded(service: ScriptedServer) -> None:
    service.answer = lambda _: Reply(429, b"slow down")
    with pytest.raises(PinnerError, match=r"429: slow down \(tried 2 times\)"):
        pin_patiently(service, 2)
    assert len(service.requests) == 2


def test_a_wrong_root_is_not_tried_again(service: ScriptedServer) -> None:
    service.answer = lambda _: pinned(str(LARGE.root))
    with pytest.raises(PinnerError):
        pin_patiently(service, 5)
    assert len(service.requests) == 1


def test_an_attempt_ends_in_time(service: ScriptedServer) -> None:
    released = threading.Event()
    service.answer = lambda _: Reply(wait=released)
    with pytest.raises(PinnerError, match="did not answer completely"):
        pin(service, patience=0.2)
    released.set()


def test_nobody_there() -> None:
    with pytest.raises(PinnerError, match=r"http://127.0.0.1:1.* refuses the connection"):
        KuboPinner("http://127.0.0.1:1", Fetcher()).pin(FILE.root, FILE.car, FILE.car_size)


def test_a_file_that_changed_is_told_as_such(service: ScriptedServer) -> None:
    changed = LARGE.data[:-1] + b"!"
    with pytest.raises(PublishError, match="changed after it was hashed"):
        KuboPinner(service.url, Fetcher()).pin(
            LARGE.root, lambda: car.of_file(LARGE.dag, lambda: io.BytesIO(changed)), LARGE.car_size
        )


@pytest.mark.parametrize("size", [FILE.car_size - 1, FILE.car_size + 1])
def test_an_archive_of_another_size_is_not_sent_off_as_whole(service: ScriptedServer, size: int) -> None:
    with pytest.raises(PinnerError):
        KuboPinner(service.url, Fetcher()).pin(FILE.root, FILE.car, size)


def test_credentials_are_sent_and_never_shown(service: ScriptedServer) -> None:
    url = service.url.replace("http://", "http://me:hunter2@")
    pinner = pinner_from_uri(f"kubo:{url}")
    pinner.pin(FILE.root, FILE.car, FILE.car_size)
    assert service.requests[0].headers["authorization"] == "Basic bWU6aHVudGVyMg=="
    assert "hunter2" not in pinner.name
    service.answer = lambda _: Reply(403)
    with pytest.raises(PinnerError) as caught:
        pinner.pin(FILE.root, FILE.car, FILE.car_size)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    "uri", ["", "kubo", "kubo:", "kubo:127.0.0.1:5001", "http://127.0.0.1:5001", "ipfs:x", "kubo:ftp://h"]
)
def test_a_bad_uri_is_refused(uri: str) -> None:
    with pytest.raises(InvalidSettings, match="kubo"):
        pinner_from_uri(uri)


def test_request_shape_is_not_fooled_by_a_trailing_slash(service: ScriptedServer) -> None:
    requests: list[Request] = service.requests
    pinner_from_uri(f"kubo:{service.url}/").pin(FILE.root, FILE.car, FILE.car_size)
    assert requests[0].target.startswith("/api/v0/")
