"""Pinata: an archive by its v3 upload, and a file by the older one where both cut it alike."""

import io
import json
from typing import cast

import pytest

from dipmp_lib.errors import PinnerBusy, PinnerError
from dipmp_lib.http import Answer, Fetcher
from dipmp_lib.ipfs import unixfs
from dipmp_lib.ipfs.pinning import Credentials
from dipmp_lib.ipfs.pinning.pinata import (
    LEGACY_PROFILE,
    LEGACY_UPLOAD_URL,
    UPLOAD_URL,
    LegacyPinataPinner,
    PinataPinner,
)
from dipmp_lib.secret import Secret
from tests.support.fakes.canned_http import Canned
from tests.support.files.content import sample

FILE = sample(b"a wheel")
LARGE = sample(bytes(LEGACY_PROFILE.chunk + 1))
KEYS = Credentials([Secret(b"key"), Secret(b"secret")])


def said(value: object, status: int = 200) -> Answer:
    return Answer(status, {}, json.dumps(value).encode())


def pin(answer: Answer) -> Canned:
    fetcher = Canned(answer)
    PinataPinner(KEYS, cast("Fetcher", fetcher)).pin(FILE.root, FILE.car, FILE.car_size)
    return fetcher


def test_an_archive_is_uploaded_in_public() -> None:
    fetcher = pin(said({"data": {"cid": str(FILE.root), "network": "public"}}))
    [(method, url, headers, body)] = fetcher.asked
    assert (method, url, headers["Authorization"]) == ("POST", UPLOAD_URL, "Bearer key")
    for field in (b'name="network"\r\n\r\npublic\r\n', b'name="car"\r\n\r\ntrue\r\n', b"".join(FILE.car())):
        assert field in body
    assert int(headers["Content-Length"]) == len(body)


@pytest.mark.parametrize(
    "value",
    [{}, {"data": {}}, {"data": []}, {"data": {"cid": str(FILE.root), "network": "private"}}],
)
def test_an_answer_that_is_not_as_documented_is_no_pin(value: object) -> None:
    with pytest.raises(PinnerError, match="something else than documented"):
        pin(said(value))


@pytest.mark.parametrize("cid", [str(LARGE.root), None, 7, ""])
def test_another_cid_is_no_pin(cid: object) -> None:
    with pytest.raises(PinnerError, match=f"instead of {FILE.root}"):
        pin(said({"data": {"cid": cid}}))


def test_a_busy_service_may_be_tried_again() -> None:
    with pytest.raises(PinnerBusy):
        pin(said({}, 503))


def legacy(answer: Answer, content: bytes = b"a wheel") -> Canned:
    fetcher, file = Canned(answer), sample(content)
    LegacyPinataPinner(KEYS, cast("Fetcher", fetcher)).pin(file.root, file.car, file.car_size)
    return fetcher


def test_the_older_upload_sends_the_file_itself() -> None:
    fetcher = legacy(said({"IpfsHash": str(FILE.root)}))
    [(method, url, headers, body)] = fetcher.asked
    assert (method, url) == ("POST", LEGACY_UPLOAD_URL)
    assert (headers["pinata_api_key"], headers["pinata_secret_api_key"]) == ("key", "secret")
    assert b"\r\n\r\na wheel\r\n--" in body
    assert b'{"cidVersion":1}' in body


def test_the_older_upload_refuses_what_it_would_cut_otherwise() -> None:
    theirs = unixfs.scan(io.BytesIO(LARGE.data), LEGACY_PROFILE).root
    with pytest.raises(PinnerError, match=f"would keep {theirs} instead of {LARGE.root}"):
        legacy(said({}), LARGE.data)


def test_the_older_upload_believes_only_the_root() -> None:
    with pytest.raises(PinnerError, match="instead of"):
        legacy(said({"IpfsHash": str(LARGE.root)}))
    with pytest.raises(PinnerError, match="something else than documented"):
        legacy(said({"Hash": str(FILE.root)}))
