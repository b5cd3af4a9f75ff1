"""`dipmp mirror` from its arguments to what it prints: an index that lies, a node and a pinner in memory."""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from eth_account import Account

from dipmp_lib.publish.mirror.source import SourceClient
from tests.support.fakes.node import FakeNode
from tests.support.fakes.publishing import FakePinner
from tests.support.fakes.scripted_http import Reply, scripted_server
from tests.support.fakes.source_index import SourceWorld, basic, source_index
from tests.support.files.wheels import build_sdist, build_wheel, metadata_text
from tests.support.programs.cli import Ran, Shell

KEY = "4c0883a69102937d6231471b5dbb6204fe512961708279fe5b3d4b2e1f2a5c6d"
ADDRESS = bytes.fromhex(Account.from_key(KEY).address[2:])
STRANGER = bytes.fromhex("57" * 20)
REGISTRY = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
ENVIRONMENT = {
    "DIPMP_REGISTRY": REGISTRY,
    "ETH_GATEWAY": "http://rpc.invalid",
    "DIPMP_PINNER": "kubo:http://pin.invalid",
    "DIPMP_SIGNER": "env:CI_KEY",
    "CI_KEY": KEY,
}
SECRET = "canary-password"
DAY = 86_400


@dataclass
class Bench:
    """Everything that a mirror touches."""

    shell: Shell
    source: SourceWorld
    folder: Path
    node: FakeNode
    pinner: FakePinner

    def mirror(self, *arguments: str, json_too: bool = True, **environment: str) -> Ran:
        """Mirror from the index, with consent."""
        if environment:
            self.shell.environment(ENVIRONMENT | environment)
        options = [*([] if "DIPMP_MIRROR_FROM" in environment else ["--from", self.source.url]), "--yes"]
        options += ["--json"] if json_too else []
        return self.shell.dipmp("mirror", *options, "--cache", self.folder / "cache", *arguments)

    def wheel(self, name: str, version: str = "1.0", *needs: str, **changes: Any) -> str:  # noqa: ANN401 - parts of a record
        """List a wheel; return its name."""
        tag = changes.pop("tag", "py3-none-any")
        extra = "".join(f"Requires-Dist: {need}\n" for need in needs)
        text = metadata_text(name, version, extra=extra)
        path = build_wheel(self.folder / "made" / changes.pop("at", "here"), name, version, tag=tag, metadata=text)
        self.source.add(path, **changes)
        return path.name


def files(ran: Ran) -> list[str]:
    """The files that a run published."""
    return [name for item in json.loads(ran.out)["transactions"] for name in item["files"]]


def refused(ran: Ran) -> dict[str, str]:
    """What a run refused, and why."""
    return {item["subject"]: item["reason"] for item in json.loads(ran.out)["refused"]}


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Iterator[Bench]:
    import dipmp_cli.commands.mirror.run
    import dipmp_cli.session.session
    import dipmp_cli.settings.settings

    node, pinner = FakeNode(), FakePinner()
    node.time = int(time.time())
    shell = Shell(monkeypatch, capsys)
    shell.environment(ENVIRONMENT)
    monkeypatch.setattr(dipmp_cli.session.session, "HttpRpc", lambda *_, **__: node)
    monkeypatch.setattr(dipmp_cli.settings.settings, "pinner_from_uri", lambda _uri, **_: pinner)
    monkeypatch.setattr(
        dipmp_cli.commands.mirror.run,
        "SourceClient",
        lambda source, fetcher: SourceClient(source, fetcher, lambda _: None),
    )
    with source_index() as source:
        yield Bench(shell, source, tmp_path, node, pinner)


# ---- the main job


def test_a_project_and_what_it_needs(bench: Bench) -> None:
    app = bench.wheel("app", "2.0", "lib>=1", "winlib; sys_platform == 'win32'", "dev; extra == 'dev'")
    lib = bench.wheel("lib", "1.5")
    bench.wheel("app", "1.0")
    ran = bench.mirror("app==2.*", "--with-deps")
    assert ran.code == 0, ran.err
    assert files(ran) == [lib, app]  # what is needed comes first
    assert refused(ran) == {}
    assert "1 transaction" not in ran.err
    assert "2 transactions" in ran.err


def test_extras_bring_what_they_need(bench: Bench) -> None:
    app = bench.wheel("app", "2.0", "dev; extra == 'dev'")
    ran = bench.mirror("app[dev]", "--with-deps")
    assert (ran.code, files(ran)) == (1, [app])
    assert refused(ran) == {"dev": "is not there (app 2.0 needs it)"}


def test_the_latest_that_fits_everybody(bench: Bench) -> None:
    bench.wheel("app", "1.0", "lib", "other")
    bench.wheel("other", "1.0", "lib<2")
    for version in ("1.0", "1.9", "2.0", "3.0rc1"):
        bench.wheel("lib", version)
    ran = bench.mirror("app", "--with-deps")
    assert [name for name in files(ran) if name.startswith("lib")] == ["lib-1.9-py3-none-any.whl"]


def test_every_version_on_request(bench: Bench) -> None:
    for version in ("1.0", "1.1", "2.0"):
        bench.wheel("lib", version)
    ran = bench.mirror("lib<2", "--all-versions")
    assert sorted(files(ran)) == ["lib-1.0-py3-none-any.whl", "lib-1.1-py3-none-any.whl"]


def test_html_pages_will_do(bench: Bench) -> None:
    bench.source.html = True
    app, lib = bench.wheel("app", "1.0", "lib"), bench.wheel("lib")
    ran = bench.mirror("app", "--with-deps")
    assert (ran.code, files(ran)) == (0, [lib, app]), ran.err


def test_every_file_of_a_release_or_those_that_fit(bench: Bench) -> None:
    wheels = [bench.wheel("lib", tag=tag) for tag in ("cp312-cp312-win_amd64", "cp312-cp312-manylinux_2_17_x86_64")]
    bench.source.add(build_sdist(bench.folder, "lib", "1.0"))
    narrow = ("--python", "3.12", "--platform", "manylinux_2_28_x86_64")
    one = bench.mirror("lib", *narrow, "--no-sdist", "--dry-run")
    assert [item["filename"] for item in json.loads(one.out)["files"]] == wheels[1:]
    everything = bench.mirror("lib")
    assert sorted(files(everything)) == sorted([*wheels, "lib-1.0.tar.gz"])


def test_a_dry_run_sends_nothing(bench: Bench) -> None:
    bench.wheel("lib")
    ran = bench.mirror("lib", "--dry-run")
    assert (ran.code, files(ran), bench.node.sent, bench.pinner.roots) == (0, [], [], [])


def test_what_is_there_is_neither_fetched_nor_sent_again(bench: Bench) -> None:
    name = bench.wheel("lib")
    assert files(bench.mirror("lib")) == [name]
    bench.source.bodies.clear()
    ran = bench.mirror("lib")
    assert (ran.code, json.loads(ran.out)["already_listed"], len(bench.node.sent)) == (0, [name], 1)
    assert bench.mirror("lib", json_too=False).out.startswith("Nothing to publish")


def test_downloads_are_kept(bench: Bench) -> None:
    name = bench.wheel("lib")
    bench.mirror("lib", "--dry-run")
    del bench.source.bodies[f"/files/{name}"]
    assert files(bench.mirror("lib")) == [name]


def test_a_damaged_download_is_fetched_again(bench: Bench) -> None:
    name = bench.wheel("lib")
    bench.mirror("lib", "--dry-run")
    [kept] = (bench.folder / "cache").glob("*/*.whl")
    kept.write_bytes(b"damaged")
    assert files(bench.mirror("lib")) == [name]


# ---- what the registry refuses stops nothing else


def taken(bench: Bench, name: str) -> None:
    bench.node.model.claim(STRANGER, bench.node.time, name, STRANGER, b"")


def test_names_that_others_hold(bench: Bench) -> None:
    bench.wheel("foo")
    bench.wheel("colour")
    lib = bench.wheel("lib")
    taken(bench, "foo")
    taken(bench, "co1our")
    ran = bench.mirror("foo", "colour", "lib")
    assert (ran.code, files(ran)) == (1, [lib]), ran.err
    assert "and 0x" in refused(ran)["foo"]
    assert "may not publish to it" in refused(ran)["foo"]
    assert "easily mistaken for 'co1our'" in refused(ran)["colour"]
    # Nothing of theirs was even fetched.
    assert not [path for path in bench.source.paths if "foo-1" in path or "colour-1" in path]


def test_strict_sends_nothing_then(bench: Bench) -> None:
    bench.wheel("foo")
    bench.wheel("lib")
    taken(bench, "foo")
    ran = bench.mirror("foo", "lib", "--strict")
    assert (ran.code, bench.node.sent, bench.pinner.roots) == (1, [], [])
    assert "may not publish" in ran.err


def test_two_names_that_look_alike(bench: Bench) -> None:
    bench.wheel("foo")
    bench.wheel("f00")
    ran = bench.mirror("foo", "f00")
    assert ran.code == 1
    assert len(files(ran)) == len(refused(ran)) == 1
    assert "note: foo is easily mistaken for f00: an open registry takes only f00" in ran.err


def test_a_sealed_version(bench: Bench) -> None:
    bench.wheel("lib")
    bench.mirror("lib")
    bench.node.time += 20 * DAY
    late = bench.wheel("lib", tag="cp312-cp312-win_amd64")
    new = bench.wheel("app", "1.0", "lib")
    ran = bench.mirror("app", "--with-deps")
    assert (ran.code, files(ran)) == (1, [new])
    assert "sealed on" in refused(ran)[late]


def test_other_bytes_under_a_name_that_is_there(bench: Bench) -> None:
    name = bench.wheel("lib")
    bench.mirror("lib")
    bench.source.records.clear()
    bench.wheel("lib", "1.0", "more", at="there")
    ran = bench.mirror("lib")
    assert (ran.code, len(bench.node.sent)) == (1, 1)
    assert "already published with other bytes" in refused(ran)[name]


# ---- an index that lies


def test_a_wrong_digest(bench: Bench) -> None:
    name = bench.wheel("lib", hashes={"sha256": "00" * 32})
    other = bench.wheel("app")
    ran = bench.mirror("lib", "app")
    assert (ran.code, files(ran)) == (1, [other])
    assert refused(ran)[name].endswith(f"and its index says {'00' * 32}")
    assert not list((bench.folder / "cache").glob("*/lib*"))
    assert not list((bench.folder / "cache").glob("part-*"))


@pytest.mark.parametrize("hashes", [None, {}, {"md5": "00" * 16}, {"SHA256": "00" * 32}, {"sha256": "AB" * 32}, "no"])
def test_no_digest(bench: Bench, hashes: object) -> None:
    bench.wheel("lib", hashes=hashes)
    ran = bench.mirror("lib")
    assert (ran.code, bench.node.sent) == (1, [])
    assert not [path for path in bench.source.paths if path.endswith(".whl")]


def test_one_file_without_a_digest(bench: Bench) -> None:
    good = bench.wheel("lib")
    bad = bench.wheel("lib", tag="cp312-cp312-win_amd64", hashes={})
    ran = bench.mirror("lib")
    assert (ran.code, files(ran)) == (1, [good])
    assert refused(ran) == {bad: "has no sha256 at its index, and so cannot be checked"}


def test_a_truncated_file(bench: Bench) -> None:
    name = bench.wheel("lib")
    bench.source.bodies[f"/files/{name}"] = bench.source.bodies[f"/files/{name}"][:-1]
    ran = bench.mirror("lib")
    assert "bytes where its index says" in refused(ran)[name]


def test_a_file_longer_than_it_says(bench: Bench) -> None:
    name = bench.wheel("lib")
    bench.source.bodies[f"/files/{name}"] += bytes(100)
    assert "sent more than the" in refused(bench.mirror("lib"))[name]


def test_a_file_that_is_no_wheel(bench: Bench) -> None:
    path = bench.folder / "lib-1.0-py3-none-any.whl"
    path.write_bytes(b"PK, it says")
    bench.source.add(path, metadata=False)
    ran = bench.mirror("lib")
    assert "is not a complete zip archive" in refused(ran)[path.name]


def test_other_metadata_beside_the_wheel(bench: Bench) -> None:
    name = bench.wheel("lib")
    bench.source.bodies[f"/files/{name}.metadata"] += b"Requires-Dist: evil"
    ran = bench.mirror("lib", "--with-deps")
    assert ran.code == 1
    assert ran.error.endswith("is not what its page says")
    assert bench.node.sent == []


def test_a_huge_page(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dipmp_lib.publish.mirror.source.MAX_PAGE", 10_000)
    bench.source.special["/simple/lib/"] = lambda _: Reply(body=b" " * 20_000, headers={"Content-Type": "text/html"})
    ran = bench.mirror("lib")
    assert ran.error.endswith("sent more than the 10000 bytes that are allowed")


def test_an_index_that_fails_is_asked_again(bench: Bench) -> None:
    name, page = bench.wheel("lib"), bench.source.answer
    answers = iter([Reply(503, headers={"Retry-After": "1"}), Reply(429), Reply(500)])
    assert bench.source.server is not None
    bench.source.server.answer = lambda request: next(answers, None) or page(request)
    assert files(bench.mirror("lib")) == [name]


def test_an_index_that_is_down(bench: Bench) -> None:
    bench.source.special["/simple/lib/"] = lambda _: Reply(503)
    ran = bench.mirror("lib")
    assert (ran.code, ran.error) == (1, f"{bench.source.url.removesuffix('/simple/')}/… answered 503")


def test_yanked_files_stay_where_they_are(bench: Bench) -> None:
    bench.wheel("lib", "2.0", yanked="broken")
    good = bench.wheel("lib", "1.0")
    yanked = bench.wheel("lib", "1.0", tag="cp312-cp312-win_amd64", yanked=True)
    ran = bench.mirror("lib")
    assert (ran.code, files(ran)) == (0, [good])
    assert f"note: {yanked} is yanked at its index, and left out" in ran.err


def test_requires_python_decides(bench: Bench) -> None:
    bench.wheel("lib", "2.0", **{"requires-python": ">=3.99"})
    bench.wheel("lib", "1.0", **{"requires-python": ">=3.8"})
    assert files(bench.mirror("lib")) == ["lib-1.0-py3-none-any.whl"]


def test_names_in_another_spelling(bench: Bench) -> None:
    path = build_wheel(bench.folder, "Zope.Interface", "1.0", metadata=metadata_text("zope_interface", "1.0"))
    bench.source.add(path)
    assert files(bench.mirror("ZOPE-interface")) == [path.name]


def test_files_of_another_project(bench: Bench) -> None:
    bench.wheel("lib")
    bench.wheel("evil")
    bench.source.records["lib"] += bench.source.records.pop("evil")
    ran = bench.mirror("lib")
    assert files(ran) == ["lib-1.0-py3-none-any.whl"]
    assert "evil-1.0-py3-none-any.whl belongs to the project evil" in ran.err


# ---- credentials


def with_credentials(bench: Bench) -> str:
    bench.source.authorization = basic("me", SECRET)
    return bench.source.url.replace("http://", f"http://me:{SECRET}@")


def test_credentials_go_to_the_index_alone(bench: Bench) -> None:
    url = with_credentials(bench)
    name = bench.wheel("lib", metadata=False)
    body = bench.source.bodies[f"/files/{name}"]
    with scripted_server(lambda _: Reply(body=body)) as elsewhere:
        bench.source.special[f"/files/{name}"] = lambda _: Reply(302, headers={"Location": f"{elsewhere.url}/x"})
        ran = bench.mirror("lib", "-v", DIPMP_MIRROR_FROM=url)
        assert (ran.code, files(ran)) == (0, [name]), ran.err
        assert len(elsewhere.requests) == 1
        assert "authorization" not in elsewhere.requests[0].headers
    assert SECRET not in ran.out + ran.err
    assert basic("me", SECRET).split()[1] not in ran.out + ran.err


def test_wrong_credentials_are_said_and_not_shown(bench: Bench) -> None:
    url = with_credentials(bench)
    bench.source.authorization = basic("me", "another")
    ran = bench.mirror("lib", DIPMP_MIRROR_FROM=url)
    assert ran.error.endswith("answered 401")
    assert "check the user and password of the index" in ran.err
    assert SECRET not in ran.err


def test_credentials_on_the_command_line_are_refused(bench: Bench) -> None:
    ran = bench.shell.dipmp("mirror", "lib", "--from", with_credentials(bench), "--yes")
    assert ran.code == 1
    assert "put the URL into DIPMP_MIRROR_FROM" in ran.err
    assert SECRET not in ran.err


@pytest.mark.parametrize(
    ("location", "says"),
    [
        ("http://files.invalid/x", "leads to http://files.invalid, which is not https"),
        ("https://me:pw@files.invalid/x", "leads to a URL on https://files.invalid that carries credentials"),
        ("ftp://files.invalid/x", "names a URL that cannot be asked"),
        ("file:///etc/passwd", "names a URL that cannot be asked"),
    ],
)
def test_redirects_that_are_not_followed(bench: Bench, location: str, says: str) -> None:
    bench.wheel("lib")
    bench.source.special["/simple/lib/"] = lambda _: Reply(302, headers={"Location": location})
    ran = bench.mirror("lib")
    assert ran.error.endswith(says)


def test_redirects_in_a_circle(bench: Bench) -> None:
    bench.source.special["/simple/lib/"] = lambda _: Reply(302, headers={"Location": "/simple/lib/"})
    assert bench.mirror("lib").error.endswith("redirects more than 5 times")


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("http://example.com/simple/", "is not https"),
        ("https://example.com/simple/?x=1", "has a query or fragment"),
        ("/simple", "cannot be used"),
        ("", "is missing"),
    ],
)
def test_indexes_that_are_not_asked(bench: Bench, url: str, says: str) -> None:
    ran = bench.shell.dipmp("mirror", "lib", "--from", url, "--yes")
    assert ran.code == 1
    assert says in ran.error


# ---- bad input


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("lib==",), "'lib==' is not a requirement"),
        (("lib", "--python", "2.7"), "'2.7' is not a Python version"),
        (("lib", "--platform", "amiga"), "'amiga' is not a platform tag"),
    ],
)
def test_bad_input(bench: Bench, arguments: tuple[str, ...], says: str) -> None:
    assert bench.mirror(*arguments).error == says


def test_a_cache_that_is_too_small(bench: Bench) -> None:
    path = build_wheel(bench.folder, "lib", "1.0", payload=bytes(range(256)) * 20_000, tag="py3-none-any")
    bench.source.add(path, size=2 << 20)
    ran = bench.mirror("lib", "--cache-size", "1")
    assert ran.error.startswith(f"{path.name} does not fit the 1 MiB for downloads")
