"""Responses as values, and bodies of requests that end where they say."""

import io
import json
from http import HTTPStatus

from hypothesis import given
from hypothesis import strategies as st

from dipmp_lib.devnet.ipfs.answers import RequestBody, lines, plain


def test_a_line_of_text_has_its_length() -> None:
    answer = plain(HTTPStatus.NOT_FOUND, "é is not here")
    [body] = answer.body
    assert (body.decode(), answer.length) == ("é is not here\n", 15)
    assert answer.headers["Content-Type"].startswith("text/plain")


def test_json_values_stand_one_a_line() -> None:
    values = [{"a": 1}, [], "\n"]
    answer = lines(HTTPStatus.OK, *values)
    [body] = answer.body
    assert [json.loads(line) for line in body.splitlines()] == values
    assert answer.length == len(body)
    assert lines(HTTPStatus.OK).length == 0


@given(st.binary(max_size=300), st.integers(0, 200), st.lists(st.tuples(st.booleans(), st.integers(0, 90)), max_size=6))
def test_a_body_is_never_read_beyond_its_length(data: bytes, length: int, reads: list[tuple[bool, int]]) -> None:
    stream = io.BytesIO(data)
    body = RequestBody(stream, length)
    got = b"".join(body.readline(size) if line else body.read(size) for line, size in reads)
    assert data.startswith(got)
    assert len(got) <= length
    body.drain()
    assert stream.tell() == min(length, len(data))
    assert body.read(1) == body.readline(1) == b""
