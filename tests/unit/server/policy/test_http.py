"""What clients see of an operator's policy."""

import io
import json

import pytest
from bs4 import BeautifulSoup
from starlette.types import ASGIApp

from dipmp_lib.model.names import parse_registry
from dipmp_lib.model.pages import PagePolicy, PolicyNote
from dipmp_lib.server.app import create_app
from dipmp_lib.server.metrics import JsonLines
from dipmp_lib.server.policy import Policy
from dipmp_lib.simple_api import Format, render_project
from dipmp_lib.telemetry import Event
from tests.support.fakes.registry import REGISTRY, FakeGateways, FakeRegistry, make_file, make_project, make_services
from tests.support.files.denylists import POLICY_URL, TARGET, Rulings, policy_of
from tests.support.programs.asgi import Answer, request

WHEEL = make_file("demo_pkg-1.0-py3-none-any.whl", "1.0")
SDIST = make_file("demo_pkg-2.0.tar.gz", "2.0")
DEMO = make_project("demo-pkg", WHEEL, SDIST)
LIST, PAGE = f"/simple/{REGISTRY}/", f"/simple/{REGISTRY}/demo-pkg/"
WHEEL_URL, SDIST_URL = (f"/files/{REGISTRY}/demo-pkg/{file.filename}" for file in (WHEEL, SDIST))
ROUTES = [LIST, PAGE, WHEEL_URL, f"{WHEEL_URL}.metadata"]
JSON = {"accept": "application/vnd.pypi.simple.v1+json"}
OTHER = parse_registry("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed")


def app_of(*lines: str) -> ASGIApp:
    return create_app(make_services(FakeRegistry(DEMO), policy=policy_of(*lines)))


def problem_of(answer: Answer) -> dict[str, object]:
    assert answer.headers["content-type"] == "application/problem+json"
    found: dict[str, object] = json.loads(answer.body)
    return found


@pytest.mark.parametrize("path", ROUTES)
def test_a_denied_registry_is_451_on_every_route(path: str) -> None:
    answer = request(app_of(f"{TARGET} reason=court"), path)
    assert answer.status == 451
    problem = problem_of(answer)
    assert (problem["title"], problem["code"]) == ("Unavailable For Legal Reasons", "denied")
    assert "(court)" in str(problem["detail"])
    assert POLICY_URL in str(problem["hint"])
    assert answer.headers["link"] == f'<{POLICY_URL}>; rel="blocked-by"'
    assert answer.headers["cache-control"] == "max-age=60"
    assert answer.headers["x-dipmp-denied"] == TARGET
    assert "X-Dipmp-Denied" in answer.headers["access-control-expose-headers"]


@pytest.mark.parametrize("path", ROUTES)
def test_other_registries_may_be_403_and_are_never_404(path: str) -> None:
    services = make_services(FakeRegistry(DEMO), policy=Policy(pinned=[OTHER], others=False))
    answer = request(create_app(services), path)
    assert (answer.status, problem_of(answer)["code"]) == (403, "not-served")
    assert (answer.headers["cache-control"], answer.headers["x-dipmp-denied"]) == ("no-store", "not-pinned")
    assert services.registry.peek(REGISTRY) is None  # nobody was asked


def test_a_refused_registry_costs_no_read() -> None:
    registry = FakeRegistry(DEMO)
    app = create_app(make_services(registry, policy=policy_of(TARGET)))
    for path in ROUTES:
        request(app, path)
    assert registry.calls == 0


def test_a_denied_file_is_451_and_its_neighbours_are_served() -> None:
    app = app_of(f"{TARGET}/demo-pkg/1.0 reason=dmca")
    for path in (WHEEL_URL, f"{WHEEL_URL}.metadata"):
        assert request(app, path).status == 451
        assert request(app, path, method="HEAD").headers["x-dipmp-denied"] == f"{TARGET}/demo-pkg/1.0"
    assert request(app, SDIST_URL).status == 302
    assert request(app, f"/files/{REGISTRY}/demo-pkg/demo_pkg-3.0.tar.gz").status == 404  # the log lists no such file


def test_a_page_says_in_both_formats_what_is_not_on_it() -> None:
    app = app_of(f"{TARGET}/demo-pkg/1.0 reason=dmca ref=https://x.example/?a=<b>&c")
    page = json.loads(request(app, PAGE, JSON).body)
    assert [file["filename"] for file in page["files"]] == [SDIST.filename]
    assert page["versions"] == ["2.0"]
    assert page["project-status"] == {"status": "active"}
    assert page["_dipmp"]["denied"] == 1
    assert page["_dipmp"]["policy"] == [
        {
            "rule": f"{TARGET}/demo-pkg/1.0",
            "action": "block",
            "filename": WHEEL.filename,
            "reason": "dmca",
            "ref": "https://x.example/?a=<b>&c",
            "url": POLICY_URL,
        }
    ]
    html = request(app, PAGE)
    assert "x-dipmp-denied" not in html.headers
    soup = BeautifulSoup(html.body, "html.parser")
    assert [anchor.text for anchor in soup.find_all("a")] == [SDIST.filename]
    assert "does not offer 1 of this project's files" in soup.text


def test_a_denied_project_is_a_quarantined_page_that_names_the_rule() -> None:
    app = app_of(f"{TARGET}/demo-pkg reason=malware")
    answer = request(app, PAGE)
    assert (answer.status, answer.headers["x-dipmp-denied"]) == (200, f"{TARGET}/demo-pkg")
    soup = BeautifulSoup(answer.body, "html.parser")
    status = soup.find("meta", {"name": "pypi:project-status"})
    assert status
    assert status["content"] == "quarantined"
    assert not soup.find_all("a")
    assert json.loads(request(app, LIST, JSON).body)["projects"] == [{"name": "demo-pkg"}]


def test_the_etag_changes_with_the_rules_about_a_page_and_with_no_others() -> None:
    rules = Rulings()
    app = create_app(make_services(FakeRegistry(DEMO), policy=Policy(rules, chain_id=8453)))
    before = request(app, PAGE)
    rules.put(f"{TARGET}/other", "/ipfs/bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku")
    conditional = {"if-none-match": before.headers["etag"]}
    assert request(app, PAGE, conditional).status == 304
    rules.put(f"{TARGET}/demo-pkg/1.0")
    denied = request(app, PAGE, conditional)
    assert denied.status == 200
    assert denied.headers["etag"] != before.headers["etag"]
    rules.put()
    assert request(app, PAGE, conditional).status == 304
    assert before.headers["etag"] == request(create_app(make_services(FakeRegistry(DEMO))), PAGE).headers["etag"]


def test_without_denylists_caching_is_as_ever() -> None:
    plain = request(create_app(make_services(FakeRegistry(DEMO))), PAGE)
    assert plain.headers["cache-control"] == "public, max-age=0, s-maxage=40, stale-while-revalidate=20"
    watched = request(app_of(), PAGE).headers["cache-control"]
    assert watched == "public, max-age=0, s-maxage=30, stale-while-revalidate=20"


def test_refusals_are_counted_once() -> None:
    stream = io.StringIO()
    services = make_services(FakeRegistry(DEMO))
    policy = policy_of(f"{TARGET}/demo-pkg", telemetry=services.counts)
    lines = JsonLines(stream, "simple")
    app = create_app(
        type(services)(services.registry, FakeGateways(), policy=policy, counts=services.counts, lines=lines)
    )
    for path in (PAGE, WHEEL_URL):
        request(app, path)
    assert services.counts.recent() == {Event.DENIED.value: 2}
    records = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [(record["Denied"], record["denied"]) for record in records] == [(1, f"{TARGET}/demo-pkg")] * 2
    health = json.loads(request(app, "/healthz").body)
    assert health["status"] == "ok"  # a refusal is no fault


@pytest.mark.parametrize("text", ["a\r\nSet-Cookie: x=1", "<script>", '"', "\u202e", "x" * 5000, "é"])
def test_nothing_of_a_rule_ends_a_header_or_a_page(text: str) -> None:
    """Rules are checked when they are read; what is written holds even so."""
    note = PolicyNote(rule=text, action="block", filename="", reason=text, ref=text, statement=text, url=text)
    project = make_project("demo-pkg", policy=PagePolicy(revision="x", notes=(note,), withheld=1, denied=text))
    answer = request(create_app(make_services(FakeRegistry(project))), PAGE, JSON)
    assert answer.status == 200
    assert all("!" <= char <= "~" for char in answer.headers["x-dipmp-denied"])
    assert len(answer.headers["x-dipmp-denied"]) <= 2000
    assert all(char.isprintable() for char in "".join(json.loads(answer.body)["_dipmp"]["policy"][0].values()))
    soup = BeautifulSoup(render_project(project, Format.HTML), "html.parser")
    assert not soup.find_all(["script", "a"])
