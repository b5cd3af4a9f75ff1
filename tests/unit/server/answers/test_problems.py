"""Every error that dipmp raises, as HTTP."""

import json
from collections.abc import Iterator

import pytest
from starlette.types import ASGIApp

import dipmp_lib.errors as tree
from dipmp_lib.errors import DipmpError
from dipmp_lib.server.answers.problems import status_of
from dipmp_lib.server.app import create_app
from dipmp_lib.server.workers import Workers
from tests.support.fakes.registry import REGISTRY, FakeRegistry, make_file, make_project, make_services
from tests.support.programs.asgi import request

PAGE = f"/simple/{REGISTRY}/demo-pkg/"
PATHS = [PAGE, f"/simple/{REGISTRY}/", f"/files/{REGISTRY}/demo-pkg/demo_pkg-1.0-py3-none-any.whl"]
WHEEL = make_file("demo_pkg-1.0-py3-none-any.whl", "1.0")


@pytest.fixture
def registry() -> FakeRegistry:
    return FakeRegistry(make_project("demo-pkg", WHEEL))


@pytest.fixture
def app(registry: FakeRegistry) -> ASGIApp:
    return create_app(make_services(registry))


def classes(base: type[DipmpError] = DipmpError) -> Iterator[type[DipmpError]]:
    for each in base.__subclasses__():
        yield each
        yield from classes(each)


EXPECTED = {
    tree.InvalidAddress: 404,
    tree.InvalidName: 404,
    tree.InvalidInput: 500,  # of all other values, none was the client's
    tree.NotFound: 404,
    tree.Denied: 451,
    tree.Refused: 403,
    tree.Malformed: 502,
    tree.Upstream: 503,
    tree.PublishError: 500,
}


CLASSES = {kind.__name__: kind for kind in classes()}


@pytest.mark.parametrize("kind", CLASSES.values(), ids=list(CLASSES))
def test_every_class_has_the_status_of_its_branch(kind: type[DipmpError]) -> None:
    error = kind.__new__(kind)
    expected = next(status for base, status in EXPECTED.items() if base in kind.__mro__)
    assert status_of(error) == expected


@pytest.mark.parametrize(
    ("error", "status", "retry"),
    [
        (tree.ProjectNotFound("no project demo", hint="look elsewhere"), 404, False),
        (tree.RegistryNotFound("no registry"), 404, False),
        (tree.MalformedLog("the head does not verify"), 502, False),
        (tree.MalformedAnswer("not JSON"), 502, False),
        (tree.RpcError("no endpoint answers"), 503, True),
        (tree.Reverted("refused"), 503, True),
        (tree.WrongChain("chain 5"), 503, True),
        (tree.Upstream("down"), 503, True),
    ],
)
@pytest.mark.parametrize("path", PATHS)
def test_problem_details(
    app: ASGIApp, registry: FakeRegistry, error: DipmpError, status: int, retry: bool, path: str
) -> None:
    registry.failure = error
    answer = request(app, path)
    assert answer.status == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert ("retry-after" in answer.headers) is retry
    problem = json.loads(answer.body)
    assert problem["status"] == status
    assert problem["detail"] == str(error)
    assert problem.get("hint", "") == error.hint
    assert None not in problem.values()


def test_a_gateway_that_fails_is_not_an_absent_file(app: ASGIApp) -> None:
    answer = request(app, f"/files/{REGISTRY}/demo-pkg/{WHEEL.filename}.metadata")
    assert (answer.status, json.loads(answer.body)["code"]) == (503, "gateway-error")


WRONG_CASE = str(REGISTRY).swapcase().replace("0X", "0x")


@pytest.mark.parametrize(
    ("path", "code", "part"),
    [
        ("/simple/0x12/", "invalid-address", "'0x12' is not a registry address"),
        ("/simple/0x12/demo/", "invalid-address", "'0x12' is not a registry address"),
        (f"/simple/{WRONG_CASE}/", "invalid-address", "mistyped"),
        (f"/simple/{REGISTRY}/de mo/", "invalid-name", "'de mo' is not a project name"),
        (f"/simple/{REGISTRY}/-demo/", "invalid-name", "'-demo' is not a project name"),
        (f"/simple/{REGISTRY}/{'x' * 129}/", "invalid-name", "is not a project name"),
        (f"/simple/{REGISTRY}/<script>/", "invalid-name", "is not a project name"),
        (f"/simple/{REGISTRY}/none/", "project-not-found", "none"),
        (
            "/simple/0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed/",
            "registry-not-found",
            "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
        ),
        (f"/files/{REGISTRY}/none/x.whl", "project-not-found", "none"),
    ],
)
def test_not_found_says_why(app: ASGIApp, path: str, code: str, part: str) -> None:
    answer = request(app, path)
    problem = json.loads(answer.body)
    assert (answer.status, problem["code"]) == (404, code)
    assert part in problem["detail"]


@pytest.mark.parametrize(
    "path",
    [
        "/registry/",
        "/project/x",
        "/simple",
        "/simple/",
        f"{PAGE}more/",
        "/favicon.ico",
        "//",
        "/files/a/b/c/d",
        "/docs",
    ],
)
def test_unknown_paths(app: ASGIApp, path: str) -> None:
    answer = request(app, path)
    assert (answer.status, answer.headers["content-type"]) == (404, "application/problem+json")
    assert "/simple/{registry}/" in json.loads(answer.body)["hint"]


@pytest.mark.parametrize("text", ["a\r\nX: 1", "\u202eevil", "\ud800", "x" * 100_000, "<script>\x00"])
def test_a_detail_is_clean_and_bounded(app: ASGIApp, registry: FakeRegistry, text: str) -> None:
    registry.failure = tree.RpcError(text, hint=text)
    answer = request(app, PAGE)
    assert answer.status == 503
    assert len(answer.body) < 4000
    problem = json.loads(answer.body)
    assert all(char.isprintable() for char in problem["detail"] + problem["hint"])


def test_a_fault_of_ours_is_not_shown_but_raised_for_the_log(app: ASGIApp, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> bytes:
        raise ZeroDivisionError("secret detail")

    monkeypatch.setattr("dipmp_lib.server.routes.simple.render_project", broken)
    with pytest.raises(ZeroDivisionError):
        request(app, PAGE)


def test_an_error_that_no_read_should_raise_is_a_fault(app: ASGIApp, registry: FakeRegistry) -> None:
    registry.failure = tree.SignerError("secret detail")
    answer = request(app, PAGE)
    assert answer.status == 500
    assert b"secret" not in answer.body


@pytest.mark.parametrize("path", PATHS)
def test_a_request_that_takes_too_long_is_503(
    registry: FakeRegistry, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.setattr("dipmp_lib.server.app.Workers", lambda tier_of: Workers(tier_of, budget=0.2))
    app = create_app(make_services(registry))
    registry.gate.clear()
    try:
        answer = request(app, path)
    finally:
        registry.gate.set()
    assert (answer.status, answer.headers["retry-after"]) == (503, "5")
    assert "0.2 s" in json.loads(answer.body)["detail"]
