"""An operator's denylist, from the file to what a client gets: D1 to D6.

The chain and the files stay as they are: what one operator denies, others serve.
"""

import base64
import hashlib
import json
import re
import time
from collections.abc import Generator, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import requests
from starlette.types import ASGIApp

from dipmp_lib.devnet.ipfs.blocks import BlockStore
from dipmp_lib.devnet.ipfs.server import serve_blocks
from dipmp_lib.distributions import read_distributions
from dipmp_lib.errors import RpcError
from dipmp_lib.http import Fetcher
from dipmp_lib.http.listen import listen
from dipmp_lib.ipfs import base58, unixfs
from dipmp_lib.ipfs.cid import Block, Cid, file_cid, raw_cid
from dipmp_lib.ipfs.gateways import GatewayPool
from dipmp_lib.model.pages import File
from dipmp_lib.registry import CachedRegistry, Lifetimes
from dipmp_lib.server.app import create_app
from dipmp_lib.server.policy import Policy
from dipmp_lib.server.policy.denylist import parse_denylist
from dipmp_lib.server.policy.denylist_files import CHECK_SECONDS, FileSource
from dipmp_lib.server.policy.rules import RuleSet
from dipmp_lib.server.services import Services
from dipmp_lib.server.uvicorn import background
from tests.support.fakes.registry import (
    REGISTRY,
    FakeGateways,
    FakeRegistry,
    make_file,
    make_project,
    make_services,
    metadata_of,
)
from tests.support.files.content import pattern
from tests.support.files.denylists import CHAIN_ID, POLICY_URL, TARGET, append, write_denylist
from tests.support.files.wheels import build_wheel
from tests.support.programs.asgi import Answer, request
from tests.support.programs.clients import make_environment
from tests.support.programs.kubo import Kubo, ipfs, running_kubo
from tests.support.waiting import HANGS, wait_until

WHEEL = make_file("demo_pkg-1.0-py3-none-any.whl", "1.0")
SDIST = make_file("demo_pkg-1.0.tar.gz", "1.0", size=2**21)
DEMO = make_project("demo-pkg", WHEEL, SDIST)
PAGE = f"/simple/{REGISTRY}/demo-pkg/"
WHEEL_URL, SDIST_URL = (f"/files/{REGISTRY}/demo-pkg/{file.filename}" for file in (WHEEL, SDIST))
METADATA_URL = f"{WHEEL_URL}.metadata"
JSON = {"accept": "application/vnd.pypi.simple.v1+json"}
WITHIN = 60.0
"""Seconds from a line in the file to its effect behind a shared cache (D2)."""


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def make_policy(path: Path, clock: Clock) -> Policy:
    return Policy(FileSource([str(path)], clock=clock), chain_id=CHAIN_ID)


@dataclass
class Operator:
    """A server with a denylist that can grow."""

    app: ASGIApp
    registry: FakeRegistry
    path: Path
    clock: Clock

    def get(self, path: str, headers: dict[str, str] | None = None) -> Answer:
        return request(self.app, path, headers or JSON)

    def deny(self, *lines: str) -> None:
        append(self.path, *lines)
        self.clock.now += CHECK_SECONDS

    def offered(self) -> list[str]:
        answer = self.get(PAGE)
        assert answer.status == 200
        return [file["filename"] for file in json.loads(answer.body)["files"]]


@pytest.fixture
def operator(tmp_path: Path) -> Operator:
    path, clock = write_denylist(tmp_path), Clock()
    registry = FakeRegistry(DEMO, make_project("other", make_file("other-1.0.tar.gz", "1.0")))
    gateways = FakeGateways("https://gateway.example/ipfs", metadata_of(WHEEL.filename))
    cached = CachedRegistry(registry, lifetimes=Lifetimes(fresh=5), clock=clock)
    app = create_app(Services(cached, gateways, policy=make_policy(path, clock)))
    return Operator(app, registry, path, clock)


def cids(file: File) -> tuple[Cid, str]:
    """Return a file's CID, and its multihash in base58btc."""
    cid = file_cid(file.sha256, file.dag_root)
    return cid, base58.encode(b"\x12\x20" + cid.digest)


def doubled(file: File) -> tuple[str, str]:
    """Return the old and the new form of the double hash of a file's CID."""
    cid, plain = cids(file)
    new = base58.encode(b"\x12\x20" + hashlib.sha256(plain.encode()).digest())
    return f"//{hashlib.sha256(f'{cid}/'.encode()).hexdigest()}", f"//{new}"


# -- D1: the same file means the same to Kubo

SAMPLES = 36
BIG = 1_500_000


@dataclass(frozen=True)
class Shared:
    """A node and our reader with one list, and files that either may deny."""

    kubo: Kubo
    path: Path
    files: tuple[File, ...]


def sample_file(number: int, folder: Path) -> tuple[File, Path]:
    """Return one file as a log lists it, and its bytes on disk; every ninth is not a single block."""
    path = folder / f"sample-{number}"
    body = f"sample {number} ".encode() * 3 if number % 9 else pattern(BIG + number).read()
    path.write_bytes(body)
    with path.open("rb") as stream:
        dag = unixfs.scan(stream)
    file = make_file(f"sample-{number}.tar.gz", str(number), size=len(body))
    return replace(file, sha256=hashlib.sha256(body).digest(), dag_root=dag.dag_root, metadata_sha256=None), path


def rules_for(files: tuple[File, ...]) -> list[str]:
    """Return a list that has every kind of rule, each about files of its own; some deny nothing in the end."""
    (zero, _), (_, one_v0), (two, _) = (cids(file) for file in files[:3])
    return [
        f"/ipfs/{zero}",
        f"/ipfs/{one_v0}",
        f"/ipfs/b{_other_codec(two)} reason=malware",
        *(form for file in files[3:7] for form in doubled(file)[:1]),
        *(form for file in files[7:11] for form in doubled(file)[1:]),
        f"/ipfs/{cids(files[11])[0]}/*",
        f"/ipfs/{cids(files[12])[0]}/",
        f"/ipfs/{cids(files[13])[0]}/some/path",
        f"/ipfs/{cids(files[14])[0]}",
        f"!/ipfs/{cids(files[14])[0]}",
        f"!/ipfs/{cids(files[15])[0]}",
        f"/ipfs/{cids(files[15])[0]}",
        doubled(files[16])[1],
        f"!{doubled(files[16])[1]}",
        doubled(files[17])[0],
        f"!/ipfs/{cids(files[17])[0]}",
        "this is no rule",
        "/ipfs/bafkreinotacid",
        "//nothex",
        f"#dipmp: {TARGET}/sample/20",
        f"# /ipfs/{cids(files[20])[0]}",
        "/ipns/domain.example",
        f"  /ipfs/{cids(files[18])[0]}   hint:value",
        f"/ipfs/{cids(files[27])[0]}",
    ]


def _other_codec(cid: Cid) -> str:
    return base64.b32encode(bytes([1, 0x71]) + bytes(cid)[2:]).decode().lower().rstrip("=")


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shared]:
    folder = tmp_path_factory.mktemp("d1")
    samples = [sample_file(number, folder) for number in range(SAMPLES)]
    files = tuple(file for file, _ in samples)

    def prepare(repository: Path) -> None:
        for file, path in samples:
            assert ipfs(repository, "add", "--quieter", str(path)).strip() == str(cids(file)[0])
        (repository / "denylists").mkdir()
        write_denylist(repository / "denylists", *rules_for(files))

    with running_kubo(folder, prepare) as node:
        yield Shared(node, node.repository / "denylists" / "test.deny", files)


def kubo_denies(node: Kubo, cid: Cid) -> bool:
    answer = requests.get(f"{node.gateway_url}/ipfs/{cid}?format=raw", timeout=HANGS)
    assert answer.status_code in (200, 410, 451), answer.text[:200]
    return answer.status_code != 200


def we_deny(path: Path, file: File) -> bool:
    rules = RuleSet([parse_denylist(path.read_bytes())])
    return rules.file((CHAIN_ID, REGISTRY.address), "elsewhere", file, 0) is not None


def wait_for(node: Kubo, file: File) -> None:
    """Wait until Kubo, which reads its lists beside the rest, has come to a rule."""
    wait_until(lambda: kubo_denies(node, cids(file)[0]))


@pytest.mark.kubo
def test_D1_kubo_blocks_the_same_cids(shared: Shared) -> None:
    wait_for(shared.kubo, shared.files[27])  # the last rule of the file
    ours = {file.version for file in shared.files if we_deny(shared.path, file)}
    kubos = {file.version for file in shared.files if kubo_denies(shared.kubo, cids(file)[0])}
    print(f"D1: {len(ours)} of {len(shared.files)} CIDs denied by us, {len(kubos)} by Kubo, {len(ours ^ kubos)} differ")
    assert ours == kubos
    assert ours == {str(number) for number in (*range(13), 15, 18, 27)}


@pytest.mark.kubo
def test_D1_kubo_and_we_take_up_what_is_appended(shared: Shared) -> None:
    late = shared.files[30:33]
    assert not any(we_deny(shared.path, file) or kubo_denies(shared.kubo, cids(file)[0]) for file in late)
    append(shared.path, f"/ipfs/{cids(late[0])[0]}", doubled(late[1])[0], doubled(late[2])[1])
    wait_for(shared.kubo, late[2])
    assert all(we_deny(shared.path, file) and kubo_denies(shared.kubo, cids(file)[0]) for file in late)


# -- D2: soon


def shared_seconds(answer: Answer) -> float:
    """Return how long a shared cache may give the answer again without waiting for ours (RFC 9111, RFC 5861)."""
    directives: dict[str, str] = dict(re.findall(r"([a-z-]+)=([0-9]+)", answer.headers["cache-control"]))
    fresh = directives.get("s-maxage") or directives["max-age"]
    return float(fresh) + float(directives.get("stale-while-revalidate", "0"))


@pytest.mark.parametrize("path", [PAGE, WHEEL_URL, SDIST_URL, METADATA_URL])
def test_D2_an_appended_rule_is_in_effect_within_a_minute_behind_a_shared_cache(operator: Operator, path: str) -> None:
    before = operator.get(path)
    assert before.status in (200, 302)
    worst = CHECK_SECONDS + shared_seconds(before)
    what = path.rstrip("/").rpartition("/")[2]
    print(f"D2: {what}: look {CHECK_SECONDS:g} s + cached {shared_seconds(before):g} s = {worst:g} s")
    assert worst <= WITHIN
    operator.deny(f"{TARGET}/demo-pkg")
    after = operator.get(path, {**JSON, "if-none-match": before.headers.get("etag", '""')})
    assert after.status == (200 if path == PAGE else 451)  # what the client has is not confirmed, either
    assert after.headers["x-dipmp-denied"] == f"{TARGET}/demo-pkg"


def test_D2_files_that_a_server_passes_on_are_withdrawn_as_soon(tmp_path: Path) -> None:
    class Content:
        def read(self, file: File, start: int, stop: int) -> Generator[bytes]:
            yield bytes(stop - start)

    path, clock = write_denylist(tmp_path), Clock()
    services = make_services(FakeRegistry(DEMO), policy=make_policy(path, clock))
    operator = Operator(create_app(replace(services, files=Content())), FakeRegistry(DEMO), path, clock)
    before = operator.get(SDIST_URL, {"range": "bytes=0-9"})
    assert before.status == 206
    assert CHECK_SECONDS + shared_seconds(before) <= WITHIN
    operator.deny(f"/ipfs/{cids(SDIST)[0]}")
    assert operator.get(SDIST_URL, {"range": "bytes=0-9"}).status == 451


def test_D2_with_the_clock_on_the_wall(tmp_path: Path) -> None:
    """The same with real time and a real file, however long the server was idle before."""
    path = write_denylist(tmp_path)
    app = create_app(make_services(FakeRegistry(DEMO), policy=Policy(FileSource([str(path)]), chain_id=CHAIN_ID)))
    assert request(app, WHEEL_URL).status == 302
    append(path, f"{TARGET}/demo-pkg/1.0")
    began = time.monotonic()
    wait_until(lambda: request(app, WHEEL_URL).status != 302)
    print(f"D2: {time.monotonic() - began:.2f} s from the append to 451")


def test_D2_lifting_a_rule_is_as_quick(operator: Operator) -> None:
    operator.deny(f"{TARGET}/demo-pkg")
    denied = operator.get(WHEEL_URL)
    assert (denied.status, denied.headers["cache-control"]) == (451, "max-age=60")
    operator.deny(f"!{TARGET}/demo-pkg")
    assert operator.get(WHEEL_URL).status == 302
    assert operator.offered() == [WHEEL.filename, SDIST.filename]


# -- D3: malformed lines

BROKEN = [
    "",
    "\x00\x01\xff",
    "<html><body>Not a list</body></html>",
    "/ipfs/",
    "//",
    "!",
    "!//",
    "---",
    "version: 2",
    "/ipfs/" + "Q" * 100_000,
    "//" + "z" * 100_000,
    "#dipmp:",
    "#dipmp: !",
    "#dipmp: eip155:8453",
    f"#dipmp: {TARGET} sha256=12 action=block",
    f"#dipmp: {TARGET}/demo-pkg/1.0 until=never",
    f"#dipmp: !{TARGET}/demo-pkg action=warn",
    f"# dipmp: !{TARGET}/demo-pkg",
    "\u2028\u202e\ufeff",
    "é" * 1000,
    " " * 3_000_000,
]


@pytest.mark.parametrize("where", ["before", "after", "between"])
def test_D3_a_malformed_line_never_disables_others(operator: Operator, where: str) -> None:
    good = [f"/ipfs/{cids(SDIST)[0]}", f"{TARGET}/demo-pkg/demo_pkg-1.0-py3-none-any.whl"]
    lines = {
        "before": [*BROKEN, *good],
        "after": [*good, *BROKEN],
        "between": [line for broken in BROKEN for line in (broken, *good)],
    }
    operator.deny(*lines[where])
    assert operator.offered() == []
    assert (operator.get(WHEEL_URL).status, operator.get(SDIST_URL).status) == (451, 451)
    assert operator.get(f"/files/{REGISTRY}/other/other-1.0.tar.gz").status == 302


@pytest.mark.parametrize("broken", [b"", b"\xff\xfe", b"<html>", b"version: 9\n---\n", b"version: 1\n"])
def test_D3_a_file_that_is_no_list_any_more_lifts_nothing(operator: Operator, broken: bytes) -> None:
    operator.deny(f"{TARGET}/demo-pkg")
    assert operator.offered() == []
    operator.path.write_bytes(broken)
    operator.clock.now += CHECK_SECONDS
    assert operator.offered() == []
    assert operator.get(WHEEL_URL).status == 451


# -- D4: double hashes


@pytest.mark.parametrize("form", [0, 1], ids=["old", "new"])
@pytest.mark.parametrize("file", [WHEEL, SDIST], ids=["block", "dag"])
def test_D4_a_double_hash_denies_what_the_list_does_not_name(operator: Operator, form: int, file: File) -> None:
    rule = doubled(file)[form]
    assert cids(file)[0].digest.hex() not in rule
    operator.deny(rule)
    assert operator.offered() == [other.filename for other in (WHEEL, SDIST) if other is not file]
    url = WHEEL_URL if file is WHEEL else SDIST_URL
    answer = operator.get(url)
    assert (answer.status, answer.headers["x-dipmp-denied"]) == (451, rule)
    assert answer.headers["link"] == f'<{POLICY_URL}>; rel="blocked-by"'
    operator.deny(f"!{rule}")
    assert operator.get(url).status == 302


def test_D4_a_double_hash_of_the_metadata_denies_its_wheel(operator: Operator) -> None:
    metadata = raw_cid(WHEEL.metadata_sha256 or b"")
    operator.deny("//" + hashlib.sha256(f"{metadata}/".encode()).hexdigest())
    assert operator.offered() == [SDIST.filename]
    assert (operator.get(WHEEL_URL).status, operator.get(METADATA_URL).status) == (451, 451)


# -- D5: one operator's word is not the chain's


@pytest.mark.e2e
@pytest.mark.parametrize("client", ["pip-newest", "uv"])
@pytest.mark.parametrize(
    "rule", [f"{TARGET}/demo", f"{TARGET}/demo/1.0", TARGET, "/ipfs/{cid}"], ids=["project", "file", "registry", "cid"]
)
def test_D5_what_one_operator_denies_another_serves(tmp_path: Path, client: str, rule: str) -> None:
    wheel = build_wheel(tmp_path, "demo", "1.0")
    (read,) = read_distributions([wheel])
    metadata = read.metadata
    body = wheel.read_bytes()
    store = BlockStore(tmp_path / "blocks")
    for data in (body, metadata):
        store.put(Block(raw_cid(hashlib.sha256(data).digest()), data))
    file = make_file(wheel.name, "1.0", body, metadata_sha256=hashlib.sha256(metadata).digest())
    registry = FakeRegistry(make_project("demo", file))
    with ExitStack() as stack:
        blocks = stack.enter_context(serve_blocks(store))

        def serve(policy: Policy) -> str:
            gateways = GatewayPool([blocks.gateway_url], Fetcher())
            app = create_app(Services(CachedRegistry(registry), gateways, policy=policy))
            return stack.enter_context(background(app, listen("127.0.0.1", 0))) + f"/simple/{REGISTRY}/"

        path = write_denylist(tmp_path, rule.format(cid=cids(file)[0]))
        denying, other = serve(make_policy(path, Clock())), serve(Policy())
        refused = make_environment(tmp_path / "a", client).install(denying, "demo", "--no-deps")
        assert refused.code != 0, refused.text
        served = make_environment(tmp_path / "b", client).install(other, "demo", "--no-deps")
        assert served.code == 0, served.text


def test_D5_a_denied_project_says_so_and_is_never_404(operator: Operator) -> None:
    before = operator.get(PAGE)
    operator.deny(f"{TARGET}/demo-pkg reason=malware ref=MAL-2026-1")
    answer = operator.get(PAGE)
    page, log = json.loads(answer.body), json.loads(before.body)
    assert (answer.status, page["files"], page["versions"]) == (200, [], [])
    assert page["project-status"]["status"] == "quarantined"
    assert "malware" in page["project-status"]["reason"]
    assert (page["_dipmp"]["denied"], page["_dipmp"]["head"]) == (2, log["_dipmp"]["head"])
    assert page["_dipmp"]["policy"][0]["ref"] == "MAL-2026-1"
    assert "denied" not in log["_dipmp"]
    listed = json.loads(operator.get(f"/simple/{REGISTRY}/").body)["projects"]
    assert {"name": "demo-pkg"} in listed  # the list is what the chain says


# -- D6: what was kept before the rule


@pytest.mark.parametrize("rule", [f"{TARGET}/demo-pkg", f"/ipfs/{cids(WHEEL)[0]}", f"{TARGET}/demo-pkg/1.0"])
def test_D6_last_known_good_pages_and_redirects_honour_it(operator: Operator, rule: str) -> None:
    assert operator.offered() == [WHEEL.filename, SDIST.filename]
    assert (operator.get(WHEEL_URL).status, operator.get(METADATA_URL).status) == (302, 200)
    operator.registry.failure = RpcError("down")
    operator.clock.now += 3600
    assert operator.get(PAGE).headers["x-dipmp-stale"]
    operator.deny(rule)
    stale = operator.get(PAGE)
    assert stale.headers["x-dipmp-stale"]
    assert WHEEL.filename not in operator.offered()
    assert (operator.get(WHEEL_URL).status, operator.get(METADATA_URL).status) == (451, 451)


def test_D6_an_archive_knows_nothing_of_policy(tmp_path: Path) -> None:
    """A server that starts while the chain is out of reach: its archived pages still pass the rules."""
    path, clock = write_denylist(tmp_path, f"{TARGET}/demo-pkg/1.0"), Clock()
    registry = FakeRegistry(DEMO)
    registry.failure = RpcError("down")
    cached = CachedRegistry(registry, last_known=lambda _, name: (DEMO, time.time() - 60) if name else None)
    operator = Operator(
        create_app(Services(cached, FakeGateways(), policy=make_policy(path, clock))), registry, path, clock
    )
    assert operator.get(PAGE).headers["x-dipmp-stale"]
    assert operator.offered() == []
    assert operator.get(WHEEL_URL).status == 451
