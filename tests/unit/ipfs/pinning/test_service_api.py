"""The IPFS Pinning Service API: a request is made once, polled, and believed only as pinned."""

import json
from typing import cast

import pytest

from dipmp_lib.errors import PinnerBusy, PinnerError
from dipmp_lib.http import Answer, Fetcher
from dipmp_lib.ipfs.cid import raw_cid
from dipmp_lib.ipfs.pinning import Credentials, PsaPinner
from dipmp_lib.secret import Secret
from tests.support.fakes.canned_http import Canned
from tests.support.fakes.clock import Clock

ROOT, OTHER = raw_cid(bytes(32)), raw_cid(b"\1" * 32)
URL = "https://psa.example/api"


class Scene:
    """A pinner whose pauses move its clock."""

    def __init__(self, *answers: object, patience: float = 600, origins: tuple[str, ...] = ()) -> None:
        self.clock = Clock()
        told = [each if isinstance(each, Answer) else Answer(200, {}, json.dumps(each).encode()) for each in answers]
        self.fetcher = Canned(*told)
        self.pinner = PsaPinner(
            f"{URL}/",
            Credentials([Secret(b"token")]),
            cast("Fetcher", self.fetcher),
            origins=origins,
            patience=patience,
            sleep=self.clock.sleep,
            clock=self.clock,
        )

    def pin(self) -> list[tuple[str, str]]:
        self.pinner.pin(ROOT, lambda: iter(()), 0)
        return [(method, url.removeprefix(URL)) for method, url, _, _ in self.fetcher.asked]


def state(status: str, cid: object = str(ROOT), requestid: object = "r/1", **more: object) -> dict[str, object]:
    return {"requestid": requestid, "status": status, "pin": {"cid": cid}, **more}


def listed(*states: object) -> dict[str, object]:
    return {"count": len(states), "results": list(states)}


LOOK_UP = ("GET", f"/pins?cid={ROOT}&status=queued,pinning,pinned&limit=10")


def test_what_is_pinned_already_is_not_asked_for() -> None:
    assert Scene(listed(state("queued"), state("pinned"))).pin() == [LOOK_UP]


def test_a_request_is_made_once_and_polled_until_it_is_pinned() -> None:
    scene = Scene(listed(), state("queued"), state("pinning"), state("pinned"), origins=("/dns4/node.example",))
    assert scene.pin() == [LOOK_UP, ("POST", "/pins"), ("GET", "/pins/r%2F1"), ("GET", "/pins/r%2F1")]
    assert scene.clock.slept == [1, 2]
    sent = json.loads(scene.fetcher.asked[1][3])
    assert sent == {"cid": str(ROOT), "name": str(ROOT), "origins": ["/dns4/node.example"]}
    assert all(headers["Authorization"] == "Bearer token" for _, _, headers, _ in scene.fetcher.asked)


def test_pauses_grow_to_a_limit_and_end_with_patience() -> None:
    scene = Scene(listed(state("queued")), *[state("queued")] * 9, patience=100)
    with pytest.raises(PinnerError, match=f"has {ROOT} only queued after 100 s"):
        scene.pin()
    assert scene.clock.slept == [1, 2, 4, 8, 16, 30, 30]


def test_a_request_that_failed_says_why() -> None:
    scene = Scene(listed(), state("failed", info={"status_details": "no peers"}))
    with pytest.raises(PinnerError, match=f"failed to pin {ROOT}"):
        scene.pin()


@pytest.mark.parametrize("answer", [listed(state("pinned", str(OTHER))), listed(state("pinned", None))])
def test_another_cid_is_no_pin(answer: object) -> None:
    with pytest.raises(PinnerError, match=f"instead of {ROOT}"):
        Scene(answer).pin()


@pytest.mark.parametrize("answer", [{}, {"results": {}}, {"results": None}])
def test_a_list_that_is_none(answer: object) -> None:
    with pytest.raises(PinnerError, match="without a list of results"):
        Scene(answer).pin()


@pytest.mark.parametrize("requestid", ["", None, 7, "x" * 1025])
def test_a_request_without_an_id_cannot_be_polled(requestid: object) -> None:
    with pytest.raises(PinnerError, match="gave no requestid"):
        Scene(listed(), state("queued", requestid=requestid)).pin()


@pytest.mark.parametrize("answer", [{}, {"status": "stored"}, {"status": "pinned"}, {"status": "pinned", "pin": {}}])
def test_an_answer_that_is_not_as_documented(answer: object) -> None:
    with pytest.raises(PinnerError, match="something else than documented"):
        Scene(listed(), answer).pin()


def test_a_busy_service_may_be_tried_again() -> None:
    with pytest.raises(PinnerBusy):
        Scene(Answer(503, {}, b"")).pin()
