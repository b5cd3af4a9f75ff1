"""What is kept for when no chain can be read, and what is served from it."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from dipmp_lib.aws.archive import DynamoArchive
from dipmp_lib.aws.client import aws
from dipmp_lib.aws.table import Table
from dipmp_lib.model.chains import ChainIds
from dipmp_lib.model.names import ProjectName, RegistryAddress
from dipmp_lib.registry import MAX_STALE, ArchivedLog, CachedRegistry, MemoryLogStore
from dipmp_lib.registry.archived_pages import ArchivedPages
from dipmp_lib.registry.chain import Chain, ChainRegistry
from dipmp_lib.server.app import create_app
from dipmp_lib.server.compose import build
from dipmp_lib.server.settings import Settings
from tests.support.fakes.aws import ENV, TABLE, aws_server, fake_aws, fresh_clients
from tests.support.fakes.chain import ChainSimulator
from tests.support.fakes.rpc_server import json_rpc
from tests.support.faulty.fault_proxy import FaultProxy, Reply
from tests.support.faulty.toxics import Request
from tests.support.files.stored_logs import AT, CHAIN_ID, make_log
from tests.support.programs.asgi import request
from tests.support.repository import ROOT
from tests.support.waiting import HANGS

JSON = {"accept": "application/vnd.pypi.simple.v1+json"}
T = 1_700_000_000.0


@pytest.fixture
def archive() -> Iterator[DynamoArchive]:
    with fake_aws():
        yield DynamoArchive(Table(TABLE), ChainIds(CHAIN_ID))


def count_in(archive: DynamoArchive) -> int:
    kept = archive.load(AT, "foo")
    return len(kept.log.blobs) if kept else 0


def test_C3_of_concurrent_writers_the_newest_log_stays_and_readers_see_whole_ones(archive: DynamoArchive) -> None:
    """C3: six writers with logs of every age, shuffled; readers meanwhile see verified logs that only grow."""
    aws("dynamodb")
    rising: list[int] = []
    failures: list[BaseException] = []
    done = threading.Event()

    def write(start: int) -> None:
        try:
            for step in range(12):
                count = 1 + (start * 7 + step * 5) % 12
                archive.save(AT, make_log(count), T + 61 * count)
        except BaseException as error:  # noqa: BLE001 - whatever it is, the test shows it
            failures.append(error)

    def read() -> None:
        while not done.is_set():
            rising.append(count_in(archive))

    writers = [threading.Thread(target=write, args=(number,)) for number in range(6)]
    reader = threading.Thread(target=read)
    for thread in (reader, *writers):
        thread.start()
    for thread in writers:
        thread.join(HANGS)
    done.set()
    reader.join(HANGS)
    assert failures == []
    assert rising == sorted(rising)
    assert count_in(archive) == 12
    print(f"C3: 72 writes by 6 writers, {len(rising)} reads meanwhile, each whole, none older than the one before")


def test_C3_a_writer_that_was_overtaken_compares_again(archive: DynamoArchive, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between an older writer's look at the head item and its write, a newer log arrives."""
    archive.save(AT, make_log(2), T)
    original = Table.put
    raced: list[bool] = []

    def overtaken(self: Table, item: Any, condition: str = "", **values: Any) -> None:  # noqa: ANN401
        if item["sk"]["S"] == "log/foo" and not raced:
            raced.append(True)
            archive.save(AT, make_log(9), T + 90)
        original(self, item, condition, **values)

    monkeypatch.setattr(Table, "put", overtaken)
    assert not archive.save(AT, make_log(4), T + 30)
    assert archive.load(AT, "foo") == ArchivedLog(make_log(9), T + 90)


# -- what a server makes of it: real HTTP to endpoints that fail, DynamoDB by moto


@pytest.fixture
def sim() -> ChainSimulator:
    made = ChainSimulator(CHAIN_ID)
    registry = made.deploy()
    made.release(registry, "foo", "foo-1.0.tar.gz", "foo-1.0-py3-none-any.whl")
    made.release(registry, "bar", "bar-2.0.tar.gz")
    return made


@pytest.fixture
def at(sim: ChainSimulator) -> RegistryAddress:
    return sim.address_of(next(iter(sim.registries.values())))


@pytest.fixture
def endpoints(sim: ChainSimulator) -> Iterator[list[FaultProxy]]:
    with FaultProxy(json_rpc(sim)) as first, FaultProxy(json_rpc(sim)) as second:
        yield [first, second]


def settings(endpoints: list[FaultProxy]) -> Settings:
    return Settings.from_env(server_env(",".join(endpoint.url for endpoint in endpoints)))


def server_env(rpc: str) -> dict[str, str]:
    return {
        "ETH_GATEWAY": rpc,
        "IPFS_GATEWAY": "http://127.0.0.1:1/ipfs",
        "DIPMP_CHAIN_ID": str(CHAIN_ID),
        "DIPMP_TABLE": TABLE,
        "DIPMP_FRESHNESS": "0",
    }


def keep(archive: DynamoArchive, sim: ChainSimulator, at: RegistryAddress, *names: str, ago: float = 300) -> None:
    """Put logs of the chain into the archive, as `sync` did some time ago."""
    memory = MemoryLogStore()
    chain = ChainRegistry({"": Chain(sim, CHAIN_ID)}, memory)
    for name in names:
        if name:
            chain.project(at, ProjectName(name))
        else:
            chain.project_list(at)
        log = memory.load(at, name)
        assert log is not None
        archive.save(at, log, time.time() - ago)


def limited(request: Request) -> Reply:
    return 429, b'{"error": "slow down"}', {"retry-after": "1"}


@pytest.fixture
def refused() -> Iterator[list[FaultProxy]]:
    with FaultProxy(limited) as first, FaultProxy(limited) as second:
        yield [first, second]


def test_R2_rpc_429_a_cold_server_serves_the_last_known_good_page(
    archive: DynamoArchive, sim: ChainSimulator, at: RegistryAddress, refused: list[FaultProxy]
) -> None:
    """R2: every endpoint answers 429. 200 with Age and a header that says why, at most 3 upstream calls a request."""
    with FaultProxy(json_rpc(sim)) as healthy:
        fresh = request(create_app(build(settings([healthy]))), f"/simple/{at}/foo/", JSON)
    keep(archive, sim, at, "", "foo", "bar")
    app = create_app(build(settings(refused)))
    calls = []
    for path in (f"/simple/{at}/foo/", f"/simple/{at}/", f"/simple/{at}/bar/", f"/simple/{at}/foo/"):
        before = sum(len(endpoint.requests) for endpoint in refused)
        answer = request(app, path, JSON)
        calls.append(sum(len(endpoint.requests) for endpoint in refused) - before)
        assert answer.status == 200
        assert 300 <= int(answer.headers["age"]) < 400
        assert answer.headers["x-dipmp-stale"] == "the chain could not be asked"
    assert (answer.body, answer.headers["etag"]) == (fresh.body, fresh.headers["etag"])
    assert max(calls) <= 3
    print(f"R2: upstream calls per request {calls}")


def test_R2_rpc_429_without_a_stored_page_it_is_503_and_never_404(
    archive: DynamoArchive, sim: ChainSimulator, at: RegistryAddress, refused: list[FaultProxy]
) -> None:
    keep(archive, sim, at, "foo")
    app = create_app(build(settings(refused)))
    unknown = RegistryAddress(b"\x77" * 20)
    for path in (f"/simple/{at}/bar/", f"/simple/{at}/", f"/simple/{unknown}/", f"/files/{at}/bar/bar-2.0.tar.gz"):
        answer = request(app, path)
        assert (answer.status, answer.headers["retry-after"]) == (503, "5"), path


def test_R2_rpc_429_a_page_that_is_too_old_is_not_served(
    archive: DynamoArchive, sim: ChainSimulator, at: RegistryAddress, refused: list[FaultProxy]
) -> None:
    keep(archive, sim, at, "foo", ago=MAX_STALE + 60)
    keep(archive, sim, at, "bar", ago=MAX_STALE - 60)
    app = create_app(build(settings(refused)))
    assert request(app, f"/simple/{at}/foo/").status == 503
    assert request(app, f"/simple/{at}/bar/").status == 200


def test_R2_rpc_429_what_is_stored_is_looked_up_once_a_minute_at_most(
    archive: DynamoArchive, sim: ChainSimulator, at: RegistryAddress, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(archive, sim, at, "foo", ago=30)
    loads = []
    original = DynamoArchive.load

    def counting(self: DynamoArchive, registry: RegistryAddress, name: str) -> ArchivedLog | None:
        loads.append(name)
        return original(self, registry, name)

    monkeypatch.setattr(DynamoArchive, "load", counting)
    now = [1000.0]
    cached = CachedRegistry(
        ChainRegistry({"": Chain(sim, CHAIN_ID)}, MemoryLogStore()),
        last_known=ArchivedPages(archive),
        clock=lambda: now[0],
    )
    foo = ProjectName("foo")
    assert cached.serve(at, foo).age == 0
    sim.offline = True
    now[0] += 10
    assert cached.serve(at, foo).age == 10
    assert loads == []  # what this process has is new enough
    for _ in range(60):
        now[0] += 2
        assert cached.serve(at, foo).stale
    assert len(loads) == 2


def test_R2_rpc_429_a_newer_stored_page_is_taken_over_one_in_memory(
    archive: DynamoArchive, sim: ChainSimulator, at: RegistryAddress
) -> None:
    now = [1000.0]
    cached = CachedRegistry(
        ChainRegistry({"": Chain(sim, CHAIN_ID)}, MemoryLogStore()),
        last_known=ArchivedPages(archive),
        clock=lambda: now[0],
    )
    assert cached.serve(at, ProjectName("foo")).value.count == 2
    sim.release(next(iter(sim.registries.values())), "foo", "foo-1.1.tar.gz")
    keep(archive, sim, at, "foo", ago=20)  # by `sync`, somewhere else
    sim.offline = True
    now[0] += 3600
    served = cached.serve(at, ProjectName("foo"))
    assert (served.value.count, served.stale) == (3, True)
    assert 20 <= served.age < 80


def test_R2_with_a_database_that_is_down_too_the_answer_is_503(
    sim: ChainSimulator, at: RegistryAddress, refused: list[FaultProxy], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    for name, value in ENV.items():
        monkeypatch.setenv(name, value)
    with fresh_clients():
        app = create_app(build(settings(refused)))
        began = time.perf_counter()
        answer = request(app, f"/simple/{at}/foo/")
        print(f"R2: both chain and database down, 503 after {time.perf_counter() - began:.2f} s")
        assert (answer.status, answer.headers["retry-after"]) == (503, "5")


def test_R8_reorg_between_two_pages_of_a_read_is_never_seen_in_part(sim: ChainSimulator, at: RegistryAddress) -> None:
    """R8: what is stored and served is one history or the other, whichever page the reorganisation comes between."""
    registry = next(iter(sim.registries.values()))
    other = sim.fork()
    for number in range(12):
        sim.release(registry, "foo", f"foo-2.{number}.tar.gz")
        other.release(other.registries[at.address], "foo", f"foo-3.{number}.tar.gz")
    histories = {head_of(sim, at), head_of(other, at)}
    seen = []
    for moment in range(1, 9):
        chain = ChainSimulator(CHAIN_ID)
        chain.reorganise_to(sim)
        chain.page_entries = 2
        asked: list[int] = []

        def reorganise(chain: ChainSimulator = chain, asked: list[int] = asked, moment: int = moment) -> None:
            asked.append(1)
            if len(asked) == moment:
                chain.reorganise_to(other)

        chain.before = reorganise
        memory = MemoryLogStore()
        cached = CachedRegistry(ChainRegistry({"": Chain(chain, CHAIN_ID)}, memory))
        page = cached.project(at, ProjectName("foo"))
        log = memory.load(at, "foo")
        assert log is not None
        assert page.head == log.head
        assert page.head in histories
        assert {file.version[0] for file in page.files[2:]} in ({"2"}, {"3"})
        seen.append(page.head)
    assert set(seen) == histories


def head_of(sim: ChainSimulator, at: RegistryAddress) -> bytes:
    return ChainRegistry({"": Chain(sim, CHAIN_ID)}, MemoryLogStore()).project(at, ProjectName("foo")).head


def test_a_registry_that_was_ever_stored_is_never_reported_as_absent(
    archive: DynamoArchive, sim: ChainSimulator, at: RegistryAddress, endpoints: list[FaultProxy]
) -> None:
    keep(archive, sim, at, "foo", ago=MAX_STALE + 60)
    forgotten = RegistryAddress(b"\x77" * 20)
    sim.registries.clear()
    app = create_app(build(settings(endpoints)))
    for path in (f"/simple/{at}/", f"/simple/{at}/bar/"):
        answer = request(app, path)
        assert (answer.status, answer.headers.get("retry-after")) == (503, "5")
    assert request(app, f"/simple/{forgotten}/").status == 404


COLD = """
import sys
from dipmp_lib.server.app import create_app
from dipmp_lib.server.compose import build
from dipmp_lib.server.settings import Settings
from tests.support.programs.asgi import request
import os
settings = Settings.from_env(os.environ)
app = create_app(build(settings))
for path in sys.argv[1:]:
    answer = request(app, path)
    print(answer.status, answer.headers.get("age", "-"), int("boto3" in sys.modules))
"""


def test_R2_a_healthy_server_never_imports_boto3_and_a_cold_one_in_an_outage_serves_what_is_stored(
    sim: ChainSimulator, at: RegistryAddress, endpoints: list[FaultProxy]
) -> None:
    """Processes of their own, over HTTP to moto: the page, an absent project, then both with dead endpoints."""
    paths = [f"/simple/{at}/foo/", f"/simple/{at}/none/"]
    with aws_server() as aws_env:
        keep(DynamoArchive(Table(TABLE), ChainIds(CHAIN_ID)), sim, at, "foo")

        def run() -> list[list[str]]:
            rpc = ",".join(endpoint.url for endpoint in endpoints)
            env = {**os.environ, **aws_env, **server_env(rpc)}
            done = subprocess.run(
                [sys.executable, "-c", COLD, *paths], env=env, cwd=ROOT, capture_output=True, text=True, check=False
            )
            assert done.returncode == 0, done.stderr
            return [line.split() for line in done.stdout.splitlines()]

        assert run() == [["200", "-", "0"], ["404", "-", "0"]]
        for endpoint in endpoints:
            endpoint.refuse()
        page, absent = run()
    assert (page[0], page[2]) == ("200", "1")
    assert 300 <= int(page[1]) < 400
    assert absent[:2] == ["503", "-"]
