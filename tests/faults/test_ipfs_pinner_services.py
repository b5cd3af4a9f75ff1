"""What is particular to one service: P7 and P8."""

import io
import json

import pytest

from dipmp_lib.errors import PinnerError
from dipmp_lib.http import Fetcher
from dipmp_lib.ipfs import unixfs
from dipmp_lib.ipfs.pinning import Credentials, PsaPinner
from dipmp_lib.secret import Secret
from tests.support.fakes.pinners import FakeFilebase, FakePsa
from tests.support.faulty.toxics import only, override
from tests.support.files.content import MIB, sample
from tests.support.systems.pinning_service import CANARY, FILE, service

KIB256 = 256 * 1024


def test_P8_pinata_legacy_takes_what_it_cannot_cut() -> None:
    file = sample(bytes(KIB256))
    with service("pinata-legacy") as world:
        world.pin(file)
        assert world.pinned == [file.root]


@pytest.mark.parametrize("size", [KIB256 + 1, MIB, MIB + 1, 3 * MIB])
def test_P8_pinata_legacy_sends_nothing_that_it_would_cut(size: int) -> None:
    file = sample(bytes(size))
    theirs = unixfs.scan(io.BytesIO(file.data), unixfs.Profile(KIB256, 174, 1, raw_leaves=True)).root
    with service("pinata-legacy") as world:
        with pytest.raises(PinnerError, match=f"would keep {theirs} instead of {file.root}") as caught:
            world.pin(file)
        assert "use pinata: with a JWT" in caught.value.hint
        assert world.proxy.requests == []


def test_P7_pinata_that_keeps_it_private() -> None:
    said = {"data": {"cid": str(FILE.root), "network": "private"}}
    with service("pinata") as world:
        world.proxy.toxics = [override(200, json.dumps(said).encode())]
        with pytest.raises(PinnerError, match="something else than documented"):
            world.pin()


def test_P7_filebase_imports_later() -> None:
    with service("filebase") as world:
        assert isinstance(world.fake, FakeFilebase)
        world.fake.delay = 1
        world.pin()
        assert world.slept == [2]


def test_P7_filebase_that_never_imports() -> None:
    with service("filebase") as world:
        assert isinstance(world.fake, FakeFilebase)
        world.fake.delay = 1000
        with pytest.raises(PinnerError, match=r"stored the archive, but did not import it within 120 s"):
            world.pin()


@pytest.mark.parametrize("status", [301, 307, 400])
def test_P7_an_object_that_is_elsewhere_is_not_looked_for_without_end(status: int) -> None:
    with service("filebase") as world:
        world.proxy.toxics = [only(lambda request: request.method == "HEAD", override(status))]
        with pytest.raises(PinnerError, match=f"answered {status} to S3"):
            world.pin()
        assert len(world.proxy.requests) == 2


def test_P7_a_bucket_of_another_region_is_not_looked_for_without_end() -> None:
    said = b"<Error><Code>AuthorizationHeaderMalformed</Code><Message>no</Message></Error>"
    with service("filebase") as world:
        world.proxy.toxics = [override(400, said)]
        with pytest.raises(PinnerError, match="answered 400"):
            world.pin()
        assert len(world.proxy.requests) <= 2


def test_P7_queued_is_not_pinned_and_is_polled_with_backoff() -> None:
    with service("psa") as world:
        assert isinstance(world.fake, FakePsa)
        world.fake.steps = ["queued", "queued", "pinning", "pinning", "pinned"]
        world.pin()
        assert world.slept == [1, 2, 4, 8]
        assert FILE.root in world.pinned


@pytest.mark.parametrize("status", ["queued", "pinning"])
def test_P7_queued_for_ever_ends(status: str) -> None:
    with service("psa") as world:
        assert isinstance(world.fake, FakePsa)
        world.fake.steps = [status]
        with pytest.raises(PinnerError, match=f"only {status} after 600 s, and that is not pinned"):
            world.pin()
        assert sum(world.slept) <= 600
        assert max(world.slept) == 30
        assert world.pinned == []


def test_P7_what_is_on_its_way_is_not_asked_for_again() -> None:
    with service("psa") as world:
        assert isinstance(world.fake, FakePsa)
        world.fake.steps = ["queued"]
        for _ in range(2):
            with pytest.raises(PinnerError):
                world.pin()
        assert len(world.fake.requests) == 1
        [made] = world.fake.requests.values()
        made["left"] = ["pinned"]
        world.pin()
        assert len(world.fake.requests) == 1


def test_P7_what_failed_is_asked_for_again() -> None:
    with service("psa") as world:
        assert isinstance(world.fake, FakePsa)
        world.fake.steps = ["queued", "failed"]
        with pytest.raises(PinnerError, match=f"failed to pin {FILE.root}"):
            world.pin()
        world.fake.steps = ["pinned"]
        world.pin()
        assert len(world.fake.requests) == 2


def test_P7_a_500_while_polling_makes_no_second_request() -> None:
    with service("psa") as world:
        assert isinstance(world.fake, FakePsa)
        polls: list[str] = []

        def second_poll(request: object) -> bool:
            path = getattr(request, "path", "")
            polls.extend([path] * ("/pins/" in path))
            return "/pins/" in path and len(polls) == 2

        world.fake.steps = ["queued", "queued", "queued", "pinned"]
        world.proxy.toxics = [only(second_poll, override(502))]
        world.pin()
        assert len(world.fake.requests) == 1


def test_P7_origins_are_handed_on() -> None:
    origin = "/dns4/node.example/tcp/4001/p2p/12D3KooW"
    with service("psa") as world:
        assert isinstance(world.fake, FakePsa)
        credentials = Credentials([Secret(CANARY.encode())])
        pinner = PsaPinner(
            f"{world.proxy.url}/psa/", credentials, Fetcher(), origins=[origin], sleep=world.slept.append
        )
        pinner.pin(FILE.root, FILE.car, FILE.car_size)
        [made] = world.fake.requests.values()
        assert made["pin"]["origins"] == [origin]


@pytest.mark.parametrize(
    "body",
    [
        b"{}",
        b'{"results": {}}',
        b'{"results": [{"status": "pinned"}]}',
        b'{"results": [{"status": "pinned", "pin": {}}]}',
        b'{"results": [{"status": "pinned", "pin": {"cid": 7}}]}',
        b'{"results": [{"status": "queued", "requestid": "", "pin": {"cid": "%s"}}]}' % str(FILE.root).encode(),
        b'{"results": [{"status": "queued", "requestid": 1, "pin": {"cid": "%s"}}]}' % str(FILE.root).encode(),
        b"[" * 50_000,
    ],
)
def test_P7_a_list_that_is_none_is_no_pin(body: bytes) -> None:
    with service("psa") as world:
        world.proxy.toxics = [override(200, body)]
        with pytest.raises(PinnerError):
            world.pin()
        assert world.pinned == []
