"""pip and uv through the artifact under Lambda's runtime client, while chain, gateways and AWS fail and recover."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import boto3
import pytest
import requests

from tests.support.fakes.aws import BUCKET
from tests.support.files.wheels import build_wheel
from tests.support.programs.clients import Environment, make_environment
from tests.support.systems.lambda_index import SECRET, LambdaWorld, lambda_world
from tests.support.waiting import HANGS

JSON = {"Accept": "application/vnd.pypi.simple.v1+json"}
REQUIREMENTS = ("requests", "rich")
IMPORTS = "import requests, rich, idna, pygments; print(requests.__version__)"
STALE = "the chain could not be asked"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, dists: tuple[Path, ...]) -> Iterator[LambdaWorld]:
    """The demo's packages published, and one wheel of our own in its first version."""
    folder = tmp_path_factory.mktemp("lambda")
    with lambda_world(folder) as made:
        done = made.publish("--yes", "--json", *dists, build_wheel(folder, "ours", "1.0"))
        assert done.returncode == 0, done.stderr
        yield made


@pytest.fixture(scope="module")
def synced(world: LambdaWorld) -> LambdaWorld:
    """The same, after the schedule's function ran."""
    summary = world.sync()
    assert summary["complete"], summary
    assert summary["missing"] == []
    return world


@pytest.fixture(params=["pip-newest", "uv"])
def client(request: pytest.FixtureRequest, tmp_path: Path) -> Environment:
    """A fresh environment with one client."""
    return make_environment(tmp_path / "client", request.param)


def page(world: LambdaWorld, project: str) -> requests.Response:
    """One project's page."""
    return requests.get(f"{world.index_url}{project}/", headers=JSON, timeout=HANGS)


def versions(world: LambdaWorld, project: str) -> list[str]:
    """The versions on it."""
    found: list[str] = page(world, project).json()["versions"]
    return found


def install(world: LambdaWorld, client: Environment) -> None:
    """Install the closure, from nowhere else, and use it."""
    done = client.install(world.index_url, *REQUIREMENTS)
    assert done.code == 0, done.text
    assert client.run(client.python, "-c", IMPORTS).out.strip() == "2.34.2"
    if client.client != "uv":
        assert len(client.download_urls()) >= 8
        assert all(url.startswith(f"{world.local.url}/files/") for url in client.download_urls())


def resolve(world: LambdaWorld, client: Environment) -> str:
    """Resolve the closure without downloading a file; return what was resolved."""
    index = ("--index-url", world.index_url)
    if client.client == "uv":
        (client.folder / "in.txt").write_text("\n".join(REQUIREMENTS))
        done = client.uv("pip", "compile", *index, "--python", str(client.python), "in.txt")
    else:
        done = client.pip("install", "--dry-run", *index, *REQUIREMENTS)
    assert done.code == 0, done.text
    return done.out


def eventually(holds: Callable[[], bool]) -> None:
    """Wait for what takes a moment: an endpoint that failed is left alone for 10 s."""
    ends = time.monotonic() + HANGS
    while not holds():
        assert time.monotonic() < ends
        time.sleep(0.5)


def test_a_closure_is_installed(world: LambdaWorld, client: Environment) -> None:
    install(world, client)
    assert world.local.failures == []
    assert world.local.pools["files"].started
    assert world.local.pools["simple"].started
    assert not world.local.pools["filesOpen"].started  # the registry is pinned, and so served by the other pool


def test_sync_keeps_the_metadata_of_every_wheel(synced: LambdaWorld, dists: tuple[Path, ...]) -> None:
    objects = boto3.client("s3").list_objects_v2(Bucket=BUCKET)["Contents"]
    assert len(objects) == sum(path.suffix == ".whl" for path in dists) + 1


def test_without_the_chain_the_last_known_good_pages_are_installed_from(
    synced: LambdaWorld, client: Environment
) -> None:
    synced.local.recycle()  # whatever is in the memory of a warm function is not what is served
    synced.rpc.refuse()
    try:
        answer = page(synced, "idna")
        assert (answer.status_code, answer.headers["x-dipmp-stale"]) == (200, STALE)
        assert page(synced, "unheard-of").status_code == 503
        install(synced, client)
    finally:
        synced.rpc.accept()
    assert synced.local.failures == []


def test_without_gateways_resolution_works_from_the_store(synced: LambdaWorld, client: Environment) -> None:
    synced.local.recycle()
    synced.gateway.refuse()
    try:
        resolved = resolve(synced, client)
        for name in ("requests", "rich", "idna", "certifi", "pygments"):
            assert name in resolved.lower()
        file = next(f for f in page(synced, "idna").json()["files"] if f["filename"].endswith(".whl"))
        url = requests.compat.urljoin(f"{synced.index_url}idna/", file["url"])
        assert requests.get(url, timeout=HANGS, allow_redirects=False).status_code == 503
    finally:
        synced.gateway.accept()


def test_with_the_chain_back_a_new_release_appears(synced: LambdaWorld, client: Environment, tmp_path: Path) -> None:
    held = versions(synced, "ours")
    synced.local.recycle()
    synced.rpc.refuse()
    assert page(synced, "ours").headers["x-dipmp-stale"] == STALE
    wheel = build_wheel(tmp_path, "ours", f"{len(held) + 1}.0")
    done = synced.publish("--yes", "--json", wheel)
    assert done.returncode == 0, done.stderr
    assert versions(synced, "ours") == ["1.0"]
    synced.rpc.accept()
    eventually(lambda: "x-dipmp-stale" not in page(synced, "ours").headers)
    assert set(versions(synced, "ours")) == {*held, f"{len(held) + 1}.0"}
    done_installing = client.install(synced.index_url, "ours")
    assert done_installing.code == 0, done_installing.text


def test_no_function_wrote_a_secret(synced: LambdaWorld) -> None:
    text = synced.local.log.read_text()
    assert '"Requests":1' in text
    assert SECRET not in text
    assert "Traceback" not in text
