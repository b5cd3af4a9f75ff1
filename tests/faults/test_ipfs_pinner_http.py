"""What pinning services do wrong in HTTP, each fault with each of them: P7 and P8."""

import io
import json
import traceback
from collections.abc import Callable, Iterator

import pytest

from dipmp_lib.errors import PinnerBusy, PinnerError, PinnerRefused
from dipmp_lib.ipfs import car, unixfs
from dipmp_lib.ipfs.cid import Cid, raw_cid
from dipmp_lib.ipfs.pinning.answers import MultipartForm
from tests.support.faulty.toxics import Toxic, endless, first, hang, only, override, reset, rewrite, truncate
from tests.support.files.content import MIB, sample
from tests.support.systems.pinning_service import CANARY, FILE, KINDS, Service, service

OTHER = raw_cid(bytes(32))
LARGE = sample(bytes(range(256)) * (5 * MIB // 256) + b"!")


@pytest.fixture(params=KINDS)
def world(request: pytest.FixtureRequest) -> Iterator[Service]:
    with service(request.param) as made:
        yield made


def refuses(world: Service, kind: type[PinnerError] = PinnerError) -> PinnerError:
    """Pin in vain, and return the error, which names the pinner and the next step and shows no secret."""
    with pytest.raises(kind) as caught:
        world.pin()
    error = caught.value
    shown = "".join(traceback.format_exception(error)) + repr(world.pinner.__dict__)
    assert CANARY not in shown
    assert CANARY not in error.hint
    assert world.pinner.name in str(error) or str(world.proxy.port) in str(error)
    assert len(str(error)) < 700
    return error


def test_P7_nothing_wrong(world: Service) -> None:
    world.pin()
    assert world.kind == "kubo" or set(world.pinned) == {FILE.root}
    assert world.fake is None or world.fake.refused == []
    world.pin()  # and again, which changes nothing
    assert world.fake is None or set(world.pinned) == {FILE.root}


@pytest.mark.parametrize("status", [401, 403])
def test_P7_credentials_that_are_refused_stop_at_once(world: Service, status: int) -> None:
    world.proxy.toxics = [override(status, b'{"error": "no \x1b[31m way"}')]
    error = refuses(world, PinnerRefused)
    assert str(status) in str(error)
    assert "\x1b" not in str(error)
    assert f"check the credentials of {world.pinner.name}" in error.hint
    assert len(world.proxy.requests) == 1
    assert world.slept == []


def test_P7_429_with_retry_after_is_obeyed(world: Service) -> None:
    world.proxy.toxics = [first(1, override(429, b"slow down", {"Retry-After": "7"}))]
    world.pin()
    assert world.slept[0] == 7 + 1  # and the jitter


def test_P7_429_with_a_date_is_obeyed(world: Service) -> None:
    world.proxy.toxics = [first(1, override(429, b"", {"Retry-After": "Fri, 31 Dec 1999 23:59:59 GMT"}))]
    world.pin()
    assert world.slept[0] == 1  # which is over: only the jitter


def test_P7_429_without_retry_after_backs_off_with_full_jitter(world: Service) -> None:
    world.proxy.toxics = [first(3, override(429))]
    world.pin()
    assert world.slept[:3] == [1, 2, 4]


@pytest.mark.parametrize("value", ["soon", "-1", "1e9", "Fri, 31 Dec 99999999999999999999 23:59:59 GMT", ""])
def test_P7_429_with_a_retry_after_that_says_nothing(world: Service, value: str) -> None:
    world.proxy.toxics = [first(1, override(429, b"", {"Retry-After": value}))]
    world.pin()
    assert world.slept[0] == 1


def test_P7_429_for_hours_says_when_to_come_back(world: Service) -> None:
    world.proxy.toxics = [override(429, b"quota", {"Retry-After": "7200"})]
    assert "7200 s" in refuses(world, PinnerBusy).hint
    assert world.slept == []
    assert len(world.proxy.requests) == 1


@pytest.mark.parametrize("status", [429, 500, 502, 503])
def test_P7_attempts_end(world: Service, status: int) -> None:
    world.proxy.toxics = [override(status, b"broken")]
    error = refuses(world, PinnerBusy)
    assert str(status) in str(error)
    assert "(tried 5 times)" in str(error)
    assert world.slept == [1, 2, 4, 8]
    assert len(world.proxy.requests) == 5


def test_P7_500_passes(world: Service) -> None:
    world.proxy.toxics = [first(2, override(500, b"<html>oops</html>"))]
    world.pin()
    assert world.slept[:2] == [1, 2]


def test_P7_a_timeout_ends_in_time(world: Service) -> None:
    world.attempts = world.hangs = 2
    world.proxy.toxics = [hang()]
    assert "did not answer completely within" in str(refuses(world, PinnerBusy))
    assert len(world.proxy.requests) == 2


def test_P7_a_timeout_passes(world: Service) -> None:
    world.hangs = 1
    world.proxy.toxics = [first(1, hang())]
    world.pin()
    assert world.slept[0] == 1


BROKEN: dict[str, tuple[Toxic, str]] = {
    "truncated": (truncate(5), "broke off|documented|not that of"),
    "reset": (reset(), "broke off"),
    "huge": (override(200, b"{" * 2_000_000), "sent more than"),
    "endless": (endless(b"HTTP/1.1 200 OK\r\n\r\n", bytes(65_536)), "sent more than"),
    "endless headers": (
        endless(b"HTTP/1.1 200 OK\r\n", b"X: " + b"x" * 1000 + b"\r\n"),
        "did not answer in HTTP|sent more",
    ),
    "compressed": (override(200, b"x", {"Content-Encoding": "gzip"}), "content coding"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_P7_a_broken_answer_is_no_pin(world: Service, name: str) -> None:
    toxic, words = BROKEN[name]
    if name == "truncated" and world.kind == "filebase":
        toxic = override(200, b"", {"Content-Length": "10"})  # its own answers have no body that could be cut
    world.attempts = 2
    world.proxy.toxics = [toxic]
    with pytest.raises(PinnerError, match=words):
        world.pin()


@pytest.mark.parametrize("status", [204, 301, 307, 400, 404, 409, 413, 418])
def test_P7_any_other_status_is_no_pin(world: Service, status: int) -> None:
    world.proxy.toxics = [override(status, b"" if status == 204 else b"{}", {"Location": "http://127.0.0.1:1/"})]
    refuses(world)
    assert world.slept == [] or world.kind == "filebase"  # which waits for the import of what it took with 204


def wrong_cid(world: Service) -> None:
    """Have the service name another CID."""
    if world.fake is not None:
        world.fake.keep_cid = str(OTHER)
    else:
        world.proxy.toxics = [rewrite(lambda body: body.replace(str(FILE.root).encode(), str(OTHER).encode()))]


def test_P8_another_cid_shows_both(world: Service) -> None:
    wrong_cid(world)
    error = refuses(world)
    assert str(OTHER) in str(error)
    assert str(FILE.root) in str(error)
    assert world.pinner.name in error.hint
    assert world.slept == []


@pytest.mark.parametrize("spell", [lambda cid: str(cid).upper(), lambda cid: f"{cid} .", lambda _: "", lambda _: "QmX"])
def test_P8_a_cid_that_is_none(world: Service, spell: Callable[[Cid], str]) -> None:
    if world.fake is None:
        body = json.dumps({"Root": {"Cid": {"/": spell(FILE.root)}, "PinErrorMsg": ""}}).encode()
        world.proxy.toxics = [override(200, body)]
    elif spell(FILE.root):
        world.fake.keep_cid = spell(FILE.root)
    else:
        world.proxy.toxics = [only(lambda request: request.method != "PUT", override(200, b'{"data": {"cid": ""}}'))]
    refuses(world)


SAID_NO = [b'{"success": false}', b'{"success": false, "error": {"code": 7, "message": "plan"}}', b'{"error": "plan"}']


@pytest.mark.parametrize("body", SAID_NO)
def test_P7_200_that_says_no(world: Service, body: bytes) -> None:
    world.proxy.toxics = [override(200, body)]
    refuses(world)
    assert len(world.proxy.requests) == 1 or world.kind == "filebase"  # boto3 takes that for a failure of the service


def test_P7_pin_error_in_a_200_of_kubo() -> None:
    said = {"Root": {"Cid": {"/": str(FILE.root)}, "PinErrorMsg": "block was not found locally"}}
    with service("kubo") as world:
        world.proxy.toxics = [override(200, json.dumps(said).encode())]
        assert "did not pin it: block was not found" in str(refuses(world))
        assert len(world.proxy.requests) == 1


def test_P7_a_failure_of_the_node_itself_is_not_tried_again() -> None:
    said = {"Message": "mismatch in content integrity", "Code": 0, "Type": "error"}
    with service("kubo") as world:
        world.proxy.toxics = [override(500, json.dumps(said).encode())]
        assert "mismatch in content integrity" in str(refuses(world))
        assert len(world.proxy.requests) == 1


@pytest.mark.parametrize("kind", ["kubo", "pinata", "filebase"])
def test_P8_an_archive_without_one_block_is_no_pin(kind: str) -> None:
    *most, _ = unixfs.blocks(LARGE.dag, io.BytesIO(LARGE.data))
    archive = b"".join(car.write(LARGE.root, most))
    with service(kind) as world, pytest.raises(PinnerError, match=r"did not pin it|is missing|block"):
        world.pinner.pin(LARGE.root, lambda: iter([archive]), len(archive))


@pytest.mark.parametrize("more", [-1, 1])
def test_P8_an_archive_of_another_size_is_not_sent_off_as_whole(more: int) -> None:
    form = MultipartForm({}, "file.car", "application/vnd.ipld.car", FILE.car_size + more)
    with pytest.raises(PinnerError, match=r"where .* were announced"):
        list(form.body(FILE.car()))
    with service("filebase") as world:
        with pytest.raises(PinnerError, match=r"where .* were announced"):
            world.bare().pin(FILE.root, FILE.car, FILE.car_size + more)
        assert world.proxy.requests == []


@pytest.mark.parametrize("kind", ["kubo", "pinata", "filebase"])
def test_P7_a_large_file_arrives_whole(kind: str) -> None:
    with service(kind) as world:
        world.pin(LARGE)
        assert kind == "kubo" or world.pinned == [LARGE.root]
