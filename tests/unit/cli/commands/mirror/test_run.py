"""`dipmp mirror` from requirements to transactions: an index that lies, a registry that refuses."""

import json

import pytest

from tests.support.fakes.scripted_http import Reply
from tests.support.files.wheels import build_sdist, build_wheel, metadata_text
from tests.support.systems.commands import (
    MirrorBench,
    mirrored,
    refused,
)

pytestmark = pytest.mark.slow

STRANGER = bytes.fromhex("57" * 20)


DAY = 86_400


@pytest.mark.slow
def test_a_project_and_what_it_needs(bench: MirrorBench) -> None:
    app = bench.wheel("app", "2.0", "lib>=1", "winlib; sys_platform == 'win32'", "dev; extra == 'dev'")
    lib = bench.wheel("lib", "1.5")
    bench.wheel("app", "1.0")
    ran = bench.mirror("app==2.*", "--with-deps")
    assert ran.code == 0, ran.err
    assert mirrored(ran) == [lib, app]  # what is needed comes first
    assert refused(ran) == {}
    assert "1 transaction" not in ran.err
    assert "2 transactions" in ran.err


def test_extras_bring_what_they_need(bench: MirrorBench) -> None:
    app = bench.wheel("app", "2.0", "dev; extra == 'dev'")
    ran = bench.mirror("app[dev]", "--with-deps")
    assert (ran.code, mirrored(ran)) == (1, [app])
    assert refused(ran) == {"dev": "is not there (app 2.0 needs it)"}


@pytest.mark.slow
def test_the_latest_that_fits_everybody(bench: MirrorBench) -> None:
    bench.wheel("app", "1.0", "lib", "other")
    bench.wheel("other", "1.0", "lib<2")
    for version in ("1.0", "1.9", "2.0", "3.0rc1"):
        bench.wheel("lib", version)
    ran = bench.mirror("app", "--with-deps")
    assert [name for name in mirrored(ran) if name.startswith("lib")] == ["lib-1.9-py3-none-any.whl"]


def test_every_version_on_request(bench: MirrorBench) -> None:
    for version in ("1.0", "1.1", "2.0"):
        bench.wheel("lib", version)
    ran = bench.mirror("lib<2", "--all-versions")
    assert sorted(mirrored(ran)) == ["lib-1.0-py3-none-any.whl", "lib-1.1-py3-none-any.whl"]


def test_html_pages_will_do(bench: MirrorBench) -> None:
    bench.source.html = True
    app, lib = bench.wheel("app", "1.0", "lib"), bench.wheel("lib")
    ran = bench.mirror("app", "--with-deps")
    assert (ran.code, mirrored(ran)) == (0, [lib, app]), ran.err


@pytest.mark.slow
def test_every_file_of_a_release_or_those_that_fit(bench: MirrorBench) -> None:
    wheels = [bench.wheel("lib", tag=tag) for tag in ("cp312-cp312-win_amd64", "cp312-cp312-manylinux_2_17_x86_64")]
    bench.source.add(build_sdist(bench.folder, "lib", "1.0"))
    narrow = ("--python", "3.12", "--platform", "manylinux_2_28_x86_64")
    one = bench.mirror("lib", *narrow, "--no-sdist", "--dry-run")
    assert [item["filename"] for item in json.loads(one.out)["files"]] == wheels[1:]
    everything = bench.mirror("lib")
    assert sorted(mirrored(everything)) == sorted([*wheels, "lib-1.0.tar.gz"])


def test_a_dry_run_sends_nothing(bench: MirrorBench) -> None:
    bench.wheel("lib")
    ran = bench.mirror("lib", "--dry-run")
    assert (ran.code, mirrored(ran), bench.node.sent, bench.pinner.roots) == (0, [], [], [])


def test_what_is_there_is_neither_fetched_nor_sent_again(bench: MirrorBench) -> None:
    name = bench.wheel("lib")
    assert mirrored(bench.mirror("lib")) == [name]
    bench.source.bodies.clear()
    ran = bench.mirror("lib")
    assert (ran.code, json.loads(ran.out)["already_listed"], len(bench.node.sent)) == (0, [name], 1)
    assert bench.mirror("lib", json_too=False).out.startswith("Nothing to publish")


def test_downloads_are_kept(bench: MirrorBench) -> None:
    name = bench.wheel("lib")
    bench.mirror("lib", "--dry-run")
    del bench.source.bodies[f"/files/{name}"]
    assert mirrored(bench.mirror("lib")) == [name]


def test_a_damaged_download_is_fetched_again(bench: MirrorBench) -> None:
    name = bench.wheel("lib")
    bench.mirror("lib", "--dry-run")
    [kept] = (bench.folder / "cache").glob("*/*.whl")
    kept.write_bytes(b"damaged")
    assert mirrored(bench.mirror("lib")) == [name]


def taken(bench: MirrorBench, name: str) -> None:
    bench.node.model.claim(STRANGER, bench.node.time, name, STRANGER, b"")


def test_names_that_others_hold(bench: MirrorBench) -> None:
    bench.wheel("foo")
    bench.wheel("colour")
    lib = bench.wheel("lib")
    taken(bench, "foo")
    taken(bench, "co1our")
    ran = bench.mirror("foo", "colour", "lib")
    assert (ran.code, mirrored(ran)) == (1, [lib]), ran.err
    assert "and 0x" in refused(ran)["foo"]
    assert "may not publish to it" in refused(ran)["foo"]
    assert "easily mistaken for 'co1our'" in refused(ran)["colour"]
    # Nothing of theirs was even fetched.
    assert not [path for path in bench.source.paths if "foo-1" in path or "colour-1" in path]


def test_strict_sends_nothing_then(bench: MirrorBench) -> None:
    bench.wheel("foo")
    bench.wheel("lib")
    taken(bench, "foo")
    ran = bench.mirror("foo", "lib", "--strict")
    assert (ran.code, bench.node.sent, bench.pinner.roots) == (1, [], [])
    assert "may not publish" in ran.err


def test_two_names_that_look_alike(bench: MirrorBench) -> None:
    bench.wheel("foo")
    bench.wheel("f00")
    ran = bench.mirror("foo", "f00")
    assert ran.code == 1
    assert len(mirrored(ran)) == len(refused(ran)) == 1
    assert "note: foo is easily mistaken for f00: an open registry takes only f00" in ran.err


@pytest.mark.slow
def test_a_sealed_version(bench: MirrorBench) -> None:
    bench.wheel("lib")
    bench.mirror("lib")
    bench.node.time += 20 * DAY
    late = bench.wheel("lib", tag="cp312-cp312-win_amd64")
    new = bench.wheel("app", "1.0", "lib")
    ran = bench.mirror("app", "--with-deps")
    assert (ran.code, mirrored(ran)) == (1, [new])
    assert "sealed on" in refused(ran)[late]


def test_other_bytes_under_a_name_that_is_there(bench: MirrorBench) -> None:
    name = bench.wheel("lib")
    bench.mirror("lib")
    bench.source.records.clear()
    bench.wheel("lib", "1.0", "more", at="there")
    ran = bench.mirror("lib")
    assert (ran.code, len(bench.node.sent)) == (1, 1)
    assert "already published with other bytes" in refused(ran)[name]


def test_a_wrong_digest(bench: MirrorBench) -> None:
    name = bench.wheel("lib", hashes={"sha256": "00" * 32})
    other = bench.wheel("app")
    ran = bench.mirror("lib", "app")
    assert (ran.code, mirrored(ran)) == (1, [other])
    assert refused(ran)[name].endswith(f"and its index says {'00' * 32}")
    assert not list((bench.folder / "cache").glob("*/lib*"))
    assert not list((bench.folder / "cache").glob("part-*"))


@pytest.mark.parametrize("hashes", [None, {}, {"md5": "00" * 16}, {"SHA256": "00" * 32}, {"sha256": "AB" * 32}, "no"])
def test_no_digest(bench: MirrorBench, hashes: object) -> None:
    bench.wheel("lib", hashes=hashes)
    ran = bench.mirror("lib")
    assert (ran.code, bench.node.sent) == (1, [])
    assert not [path for path in bench.source.paths if path.endswith(".whl")]


def test_one_file_without_a_digest(bench: MirrorBench) -> None:
    good = bench.wheel("lib")
    bad = bench.wheel("lib", tag="cp312-cp312-win_amd64", hashes={})
    ran = bench.mirror("lib")
    assert (ran.code, mirrored(ran)) == (1, [good])
    assert refused(ran) == {bad: "has no sha256 at its index, and so cannot be checked"}


def test_a_truncated_file(bench: MirrorBench) -> None:
    name = bench.wheel("lib")
    bench.source.bodies[f"/files/{name}"] = bench.source.bodies[f"/files/{name}"][:-1]
    ran = bench.mirror("lib")
    assert "bytes where its index says" in refused(ran)[name]


def test_a_file_longer_than_it_says(bench: MirrorBench) -> None:
    name = bench.wheel("lib")
    bench.source.bodies[f"/files/{name}"] += bytes(100)
    assert "sent more than the" in refused(bench.mirror("lib"))[name]


def test_a_file_that_is_no_wheel(bench: MirrorBench) -> None:
    path = bench.folder / "lib-1.0-py3-none-any.whl"
    path.write_bytes(b"PK, it says")
    bench.source.add(path, metadata=False)
    ran = bench.mirror("lib")
    assert "is not a complete zip archive" in refused(ran)[path.name]


def test_other_metadata_beside_the_wheel(bench: MirrorBench) -> None:
    name = bench.wheel("lib")
    bench.source.bodies[f"/files/{name}.metadata"] += b"Requires-Dist: evil"
    ran = bench.mirror("lib", "--with-deps")
    assert ran.code == 1
    assert ran.error.endswith("is not what its page says")
    assert bench.node.sent == []


def test_a_huge_page(bench: MirrorBench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dipmp_lib.publish.mirror.source.MAX_PAGE", 10_000)
    bench.source.special["/simple/lib/"] = lambda _: Reply(body=b" " * 20_000, headers={"Content-Type": "text/html"})
    ran = bench.mirror("lib")
    assert ran.error.endswith("sent more than the 10000 bytes that are allowed")


def test_an_index_that_fails_is_asked_again(bench: MirrorBench) -> None:
    name, page = bench.wheel("lib"), bench.source.answer
    answers = iter([Reply(503, headers={"Retry-After": "1"}), Reply(429), Reply(500)])
    assert bench.source.server is not None
    bench.source.server.answer = lambda request: next(answers, None) or page(request)
    assert mirrored(bench.mirror("lib")) == [name]


def test_an_index_that_is_down(bench: MirrorBench) -> None:
    bench.source.special["/simple/lib/"] = lambda _: Reply(503)
    ran = bench.mirror("lib")
    assert (ran.code, ran.error) == (1, f"{bench.source.url.removesuffix('/simple/')}/… answered 503")


def test_yanked_files_stay_where_they_are(bench: MirrorBench) -> None:
    bench.wheel("lib", "2.0", yanked="broken")
    good = bench.wheel("lib", "1.0")
    yanked = bench.wheel("lib", "1.0", tag="cp312-cp312-win_amd64", yanked=True)
    ran = bench.mirror("lib")
    assert (ran.code, mirrored(ran)) == (0, [good])
    assert f"note: {yanked} is yanked at its index, and left out" in ran.err


def test_requires_python_decides(bench: MirrorBench) -> None:
    bench.wheel("lib", "2.0", **{"requires-python": ">=3.99"})
    bench.wheel("lib", "1.0", **{"requires-python": ">=3.8"})
    assert mirrored(bench.mirror("lib")) == ["lib-1.0-py3-none-any.whl"]


def test_names_in_another_spelling(bench: MirrorBench) -> None:
    path = build_wheel(bench.folder, "Zope.Interface", "1.0", metadata=metadata_text("zope_interface", "1.0"))
    bench.source.add(path)
    assert mirrored(bench.mirror("ZOPE-interface")) == [path.name]


def test_files_of_another_project(bench: MirrorBench) -> None:
    bench.wheel("lib")
    bench.wheel("evil")
    bench.source.records["lib"] += bench.source.records.pop("evil")
    ran = bench.mirror("lib")
    assert mirrored(ran) == ["lib-1.0-py3-none-any.whl"]
    assert "evil-1.0-py3-none-any.whl belongs to the project evil" in ran.err
