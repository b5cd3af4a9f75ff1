"""Requests as events and responses as HTTP, as other tests and the local Lambda rely on them."""

import base64
import http.client
import json
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.support.aws.api_gateway import ApiGateway
from tests.support.lambda_runtime.events import LAMBDA_LIMIT, Reply, to_event
from tests.support.lambda_runtime.events import from_response as from_json
from tests.support.waiting import HANGS


def from_response(response: object, *, method: str) -> Reply:
    return from_json(json.dumps(response).encode(), method=method)


def test_an_event_is_what_the_guide_describes() -> None:
    headers = [("Host", "api.example"), ("X-A", "1"), ("x-a", "2"), ("Cookie", "a=1; b=2"), ("User-Agent", "pip/26")]
    event = to_event("POST", "/prod/simple/a%2Bb/?x=%20&y", headers, b"\xff", stage="prod")
    assert event["version"] == "2.0"
    assert event["rawPath"] == event["requestContext"]["http"]["path"] == "/prod/simple/a+b/"
    assert event["rawQueryString"] == "x=%20&y"
    assert event["headers"] == {"host": "api.example", "x-a": "1,2", "user-agent": "pip/26"}
    assert event["cookies"] == ["a=1", "b=2"]
    assert (event["body"], event["isBase64Encoded"]) == (base64.b64encode(b"\xff").decode(), True)
    assert (event["requestContext"]["stage"], event["requestContext"]["http"]["method"]) == ("prod", "POST")


def test_a_response_comes_back_as_it_is() -> None:
    response = {
        "statusCode": 201,
        "headers": {"X-A": "1"},
        "cookies": ["a=1", "b=2"],
        "body": "/w==",
        "isBase64Encoded": True,
    }
    reply = from_response(response, method="GET")
    assert (reply.status, reply.body) == (201, b"\xff")
    assert reply.headers == (("x-a", "1"), ("set-cookie", "a=1"), ("set-cookie", "b=2"), ("content-length", "1"))


@pytest.mark.parametrize(
    "response", [None, "text", [], {}, {"statusCode": "200"}, {"statusCode": 200, "body": "%", "isBase64Encoded": True}]
)
def test_a_malformed_response_is_500(response: object) -> None:
    assert from_response(response, method="GET").status == 500


def test_the_limit_of_lambda_is_500() -> None:
    assert from_response({"statusCode": 200, "body": "x" * (LAMBDA_LIMIT - 100)}, method="GET").status == 200
    reply = from_response({"statusCode": 200, "body": "x" * LAMBDA_LIMIT}, method="GET")
    assert reply.status == 500
    assert reply.body == b'{"message": "Internal Server Error"}'


def test_over_a_socket() -> None:
    seen: list[dict[str, Any]] = []

    def echo(event: dict[str, Any], _context: object) -> dict[str, Any]:
        seen.append(event)
        return {"statusCode": 200, "headers": {"content-type": "text/plain"}, "body": event["rawPath"]}

    def broken(_event: object, _context: object) -> dict[str, Any]:
        raise ValueError("no")

    with ApiGateway({"/echo/": echo, "/broken/": broken}, stage="s1") as gateway:
        connection = http.client.HTTPConnection("127.0.0.1", urlsplit(gateway.url).port, timeout=HANGS)
        results = []
        for method, path in [
            ("GET", "/s1/echo/x"),
            ("HEAD", "/s1/echo/x"),
            ("GET", "/s1/broken/"),
            ("GET", "/echo/x"),
            ("GET", "/s1/"),
        ]:
            connection.request(method, path)
            answer = connection.getresponse()
            results.append((answer.status, answer.read()))
        connection.close()
    assert results[:2] == [(200, b"/s1/echo/x"), (200, b"")]
    assert [status for status, _ in results[2:]] == [500, 404, 404]
    assert seen[0]["requestContext"]["stage"] == "s1"
