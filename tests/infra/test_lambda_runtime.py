"""The local Lambda under the real runtime client: a function's environment, and the limits that are enforced."""

import base64
import json
import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.support.lambda_runtime import Cloud, Function, LocalLambda, Route
from tests.support.lambda_runtime.environment import InvocationError
from tests.support.lambda_runtime.events import LAMBDA_LIMIT
from tests.support.lambda_runtime.extension import PATH, TOKEN
from tests.support.programs.required import require_lambda_runtime
from tests.support.waiting import HANGS, wait_until

pytestmark = pytest.mark.e2e

APP = """
import json, os, sys, time

started = dict(os.environ)
calls = 0

def handler(event, context):
    global calls
    calls += 1
    what = event.get("rawQueryString", "")
    if what == "raise":
        raise RuntimeError("a fault")
    if what == "exit":
        os._exit(3)
    if what == "sleep":
        time.sleep(600)
    if what.startswith("pause"):
        time.sleep(float(what[5:]))
    if what.startswith("size"):
        return {"statusCode": 200, "body": "x" * int(what[4:])}
    body = {
        "event": event, "pid": os.getpid(), "calls": calls, "env": started, "cwd": os.getcwd(), "path": sys.path[:2],
        "context": [context.function_name, context.aws_request_id, context.invoked_function_arn,
                    context.get_remaining_time_in_millis(), context.memory_limit_in_mb],
        "trace": os.environ["_X_AMZN_TRACE_ID"],
    }
    return {"statusCode": 200, "headers": {"content-type": "application/json"}, "body": json.dumps(body)}
"""
SECRET = """
import json, os, urllib.error, urllib.request

def ask(token):
    port = os.environ["PARAMETERS_SECRETS_EXTENSION_HTTP_PORT"]
    url = f"http://localhost:{port}PATH?name=/dipmp/dev/eth&withDecryption=true"
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers={"TOKEN": token})) as answer:
            return [answer.status, answer.read().decode()]
    except urllib.error.HTTPError as error:
        return [error.code, error.read().decode()]

at_init = ask(os.environ["AWS_SESSION_TOKEN"])

def handler(event, context):
    return [at_init, ask(os.environ["AWS_SESSION_TOKEN"]), ask("wrong")]
""".replace("PATH", PATH).replace('"TOKEN"', f'"{TOKEN}"')
SNAP = """
from snapshot_restore_py import register_after_restore, register_before_snapshot

seen = []
register_before_snapshot(seen.append, "before")
register_after_restore(seen.append, "after")

def handler(event, context):
    return seen
"""


def write_function(folder: Path, source: str) -> Path:
    """Write the module `app` into an artifact's folder; return the folder."""
    folder.mkdir(exist_ok=True)
    (folder / "app.py").write_text(source)
    return folder


@contextmanager
def running(folder: Path, source: str = APP, **settings: Any) -> Iterator[LocalLambda]:  # noqa: ANN401 - of a Function
    function = Function(name="f", handler="app.handler", **{"timeout": 60.0, **settings})
    task = write_function(folder / "task", source)
    with LocalLambda(task, [function], [Route("$default", "f")], require_lambda_runtime()) as local:
        yield local


def get(local: LocalLambda, what: str = "") -> requests.Response:
    return requests.get(f"{local.url}/a%2Bb/?{what}", headers={"X-A": "1"}, timeout=HANGS)


def test_what_a_function_sees(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ETH_GATEWAY", "of this machine")
    with running(tmp_path, environment={"OWN": "1", "AWS_REGION": "ignored"}) as local:
        seen = get(local).json()
    name, request_id, arn, left, memory = seen["context"]
    assert (name, memory, arn.split(":")[3:]) == ("f", "1024", ["eu-central-1", "000000000000", "function", "f"])
    assert len(request_id) == 36
    assert 0 < left <= 60_000
    assert seen["trace"].startswith("Root=1-")
    assert seen["event"]["rawPath"] == "/a+b/"
    assert seen["event"]["headers"]["x-forwarded-proto"] == "http"
    env = seen["env"]
    assert (env["OWN"], env["AWS_REGION"], env["_HANDLER"]) == ("1", "eu-central-1", "app.handler")
    assert env["AWS_EXECUTION_ENV"].startswith("AWS_Lambda_python3.")
    assert not {"ETH_GATEWAY", "HOME", "VIRTUAL_ENV", "PYTEST_CURRENT_TEST"} & env.keys()
    assert seen["cwd"] == seen["path"][0] == env["LAMBDA_TASK_ROOT"]
    assert not list((tmp_path / "task").rglob("*.pyc"))


def test_an_environment_is_kept_and_ends_with_its_gateway(tmp_path: Path) -> None:
    with running(tmp_path) as local:
        first, second = get(local).json(), get(local).json()
        assert (first["pid"], second["calls"]) == (second["pid"], 2)
        local.recycle()
        assert get(local).json()["calls"] == 1
    with pytest.raises(ProcessLookupError):
        os.kill(first["pid"], 0)


def test_each_of_several_requests_at_once_has_its_own_environment(tmp_path: Path) -> None:
    with running(tmp_path, concurrency=3) as local:
        with ThreadPoolExecutor(3) as threads:
            answers = list(threads.map(lambda _: get(local, "pause3"), range(3)))
        assert [answer.status_code for answer in answers] == [200] * 3
        assert len({answer.json()["pid"] for answer in answers}) == 3
        assert local.pools["f"].started == 3


def test_one_more_than_the_reserved_concurrency_is_503(tmp_path: Path) -> None:
    with running(tmp_path, concurrency=1) as local:
        busy = threading.Thread(target=get, args=(local, "pause5"))
        busy.start()
        wait_until(lambda: local.pools["f"].started == 1)
        refused = get(local)
        busy.join()
        assert (refused.status_code, refused.json()) == (503, {"message": "Service Unavailable"})
        assert local.failures == ["throttled: f"]
        assert get(local).status_code == 200


def test_a_concurrency_of_0_is_off(tmp_path: Path) -> None:
    with running(tmp_path, concurrency=0) as local:
        assert get(local).status_code == 503


def test_a_fault_is_500_and_the_environment_stays(tmp_path: Path) -> None:
    with running(tmp_path) as local:
        pid = get(local).json()["pid"]
        assert get(local, "raise").status_code == 500
        assert '"errorMessage": "a fault"' in local.failures[0]
        assert get(local).json()["pid"] == pid


def test_a_process_that_ends_is_500_and_replaced(tmp_path: Path) -> None:
    with running(tmp_path) as local:
        assert get(local, "exit").status_code == 500
        assert local.failures == ["the process ended with 3"]
        assert get(local).json()["calls"] == 1


def test_what_takes_too_long_is_killed_and_replaced(tmp_path: Path) -> None:
    with running(tmp_path, timeout=2.0) as local:
        pid = get(local).json()["pid"]
        assert get(local, "sleep").status_code == 500
        assert local.failures == ["f timed out after 2.00 seconds"]
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
        assert get(local).json()["calls"] == 1


def test_a_response_of_more_than_6_mb_is_500(tmp_path: Path) -> None:
    with running(tmp_path) as local:
        assert len(get(local, f"size{LAMBDA_LIMIT - 100}").content) == LAMBDA_LIMIT - 100
        assert get(local, f"size{LAMBDA_LIMIT}").status_code == 500
        assert local.failures[0].startswith("Function.ResponseSizeTooLarge")
        assert get(local).status_code == 200


@pytest.mark.parametrize(
    ("source", "words"),
    [("import nothing_like_it", "No module named"), ("x = 1 / 0", "division by zero"), ("x = 1", "missing on module")],
)
def test_a_function_that_cannot_be_loaded_is_500_with_its_reason(tmp_path: Path, source: str, words: str) -> None:
    with running(tmp_path, source) as local:
        assert get(local).status_code == 500
        assert words in local.failures[0]


def test_the_secrets_extension_answers_after_init_and_only_with_the_token(tmp_path: Path) -> None:
    folder = write_function(tmp_path / "task", SECRET)
    cloud = Cloud(parameters={"/dipmp/dev/eth": "https://rpc.example/key"}.get)
    function = Function(name="f", handler="app.handler")
    with LocalLambda(folder, [function], [], require_lambda_runtime(), cloud=cloud) as local:
        at_init, answer, refused = local.invoke("f", {})
    assert at_init == [400, "not ready to serve traffic, please wait"]
    assert json.loads(answer[1])["Parameter"]["Value"] == "https://rpc.example/key"
    assert refused[0] == 403


def test_the_runtime_client_runs_the_hooks_of_snapstart(tmp_path: Path) -> None:
    with running(tmp_path, SNAP, snap_start=True) as local:
        assert local.invoke("f", {}) == ["before", "after"]
    with running(tmp_path, SNAP) as local:
        assert local.invoke("f", {}) == []


def test_an_error_of_an_event_of_another_kind_is_raised(tmp_path: Path) -> None:
    with running(tmp_path) as local, pytest.raises(InvocationError, match="a fault"):
        local.invoke("f", {"rawQueryString": "raise"})


def test_a_stage_is_the_first_segment_of_the_path(tmp_path: Path) -> None:
    task = write_function(tmp_path / "task", APP)
    function, route = Function(name="f", handler="app.handler"), Route("GET /a/{proxy+}", "f")
    with LocalLambda(task, [function], [route], require_lambda_runtime(), stage="prod") as local:
        seen = requests.get(f"{local.url}/a/x/y?pause0", headers={"Cookie": "a=1; b=2"}, timeout=HANGS).json()["event"]
        outside = requests.get(f"{local.url.removesuffix('/prod')}/a/x", timeout=HANGS)
        unrouted = requests.get(f"{local.url}/b", timeout=HANGS)
    assert (seen["rawPath"], seen["routeKey"]) == ("/prod/a/x/y", "GET /a/{proxy+}")
    assert (seen["pathParameters"], seen["cookies"]) == ({"proxy": "x/y"}, ["a=1", "b=2"])
    assert seen["requestContext"]["stage"] == "prod"
    assert [answer.status_code for answer in (outside, unrouted)] == [404, 404]


def test_the_body_of_a_request_arrives_whole(tmp_path: Path) -> None:
    with running(tmp_path) as local:
        seen = requests.post(f"{local.url}/", data=b"\xff\x00", timeout=HANGS).json()["event"]
    assert (base64.b64decode(seen["body"]), seen["isBase64Encoded"]) == (b"\xff\x00", True)
