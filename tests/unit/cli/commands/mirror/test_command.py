"""`dipmp mirror`: its arguments, the source index and its credentials."""

import pytest

from tests.support.fakes.scripted_http import Reply, scripted_server
from tests.support.fakes.source_index import basic
from tests.support.files.wheels import build_wheel
from tests.support.systems.commands import MirrorBench, mirrored

SECRET = "canary-password"


def with_credentials(bench: MirrorBench) -> str:
    bench.source.authorization = basic("me", SECRET)
    return bench.source.url.replace("http://", f"http://me:{SECRET}@")


def test_credentials_go_to_the_index_alone(bench: MirrorBench) -> None:
    url = with_credentials(bench)
    name = bench.wheel("lib", metadata=False)
    body = bench.source.bodies[f"/files/{name}"]
    with scripted_server(lambda _: Reply(body=body)) as elsewhere:
        bench.source.special[f"/files/{name}"] = lambda _: Reply(302, headers={"Location": f"{elsewhere.url}/x"})
        ran = bench.mirror("lib", "-v", DIPMP_MIRROR_FROM=url)
        assert (ran.code, mirrored(ran)) == (0, [name]), ran.err
        assert len(elsewhere.requests) == 1
        assert "authorization" not in elsewhere.requests[0].headers
    assert SECRET not in ran.out + ran.err
    assert basic("me", SECRET).split()[1] not in ran.out + ran.err


def test_wrong_credentials_are_said_and_not_shown(bench: MirrorBench) -> None:
    url = with_credentials(bench)
    bench.source.authorization = basic("me", "another")
    ran = bench.mirror("lib", DIPMP_MIRROR_FROM=url)
    assert ran.error.endswith("answered 401")
    assert "check the user and password of the index" in ran.err
    assert SECRET not in ran.err


def test_credentials_on_the_command_line_are_refused(bench: MirrorBench) -> None:
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
def test_redirects_that_are_not_followed(bench: MirrorBench, location: str, says: str) -> None:
    bench.wheel("lib")
    bench.source.special["/simple/lib/"] = lambda _: Reply(302, headers={"Location": location})
    ran = bench.mirror("lib")
    assert ran.error.endswith(says)


def test_redirects_in_a_circle(bench: MirrorBench) -> None:
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
def test_indexes_that_are_not_asked(bench: MirrorBench, url: str, says: str) -> None:
    ran = bench.shell.dipmp("mirror", "lib", "--from", url, "--yes")
    assert ran.code == 1
    assert says in ran.error


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("lib==",), "'lib==' is not a requirement"),
        (("lib", "--python", "2.7"), "'2.7' is not a Python version"),
        (("lib", "--platform", "amiga"), "'amiga' is not a platform tag"),
    ],
)
def test_bad_input(bench: MirrorBench, arguments: tuple[str, ...], says: str) -> None:
    assert bench.mirror(*arguments).error == says


def test_a_cache_that_is_too_small(bench: MirrorBench) -> None:
    path = build_wheel(bench.folder, "lib", "1.0", payload=bytes(range(256)) * 20_000, tag="py3-none-any")
    bench.source.add(path, size=2 << 20)
    ran = bench.mirror("lib", "--cache-size", "1")
    assert ran.error.startswith(f"{path.name} does not fit the 1 MiB for downloads")
