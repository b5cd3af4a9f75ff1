"""A server with pages of every kind and state."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from dipmp_lib.errors import RpcError
from dipmp_lib.http.listen import listen, url_of
from dipmp_lib.ipfs.cid import Cid
from dipmp_lib.ipfs.gateways import ContentSighting
from dipmp_lib.model.names import ProjectName, RegistryAddress, parse_registry
from dipmp_lib.model.pages import File, Note, Status
from dipmp_lib.registry import CachedRegistry
from dipmp_lib.server.app import create_app
from dipmp_lib.server.services import Services, Site
from dipmp_lib.server.uvicorn import background
from tests.support.fakes.registry import (
    NO_MEMORY,
    REGISTRY,
    UPLOADED,
    FakeGateways,
    FakeRegistry,
    make_file,
    make_project,
)

LARGE, LATER = RegistryAddress(b"\x11" * 20), RegistryAddress(b"\x22" * 20)
BASE = parse_registry("base:0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed")
DAY = 86_400
PLATFORMS = (
    "manylinux_2_28_x86_64",
    "manylinux_2_28_aarch64",
    "musllinux_1_2_x86_64",
    "macosx_11_0_arm64",
    "win_amd64",
)
SIGHTINGS = (None, (90, True), (91, False))


def last_seen(cid: Cid) -> ContentSighting | None:
    """Answer for some files this, for others that."""
    found = SIGHTINGS[cid.digest[0] % len(SIGHTINGS)]
    return None if found is None else ContentSighting(UPLOADED + found[0] * DAY, found[1])


def wheels(version: str, day: int, yanked: str | None = None) -> list[File]:
    return [
        make_file(
            f"hyperspectral_toolbox-{version}-cp313-cp313-{platform}.whl",
            version,
            size=3_456_789 * (number + 1),
            uploaded=UPLOADED + day * DAY,
            requires_python=">=3.11,!=3.12.0,<4",
            entry=day,
            yanked=yanked,
        )
        for number, platform in enumerate(PLATFORMS)
    ]


def sdist(version: str, day: int, yanked: str | None = None) -> File:
    name = f"hyperspectral_toolbox-{version}.tar.gz"
    return make_file(name, version, size=812_345, uploaded=UPLOADED + day * DAY, entry=day, yanked=yanked)


NOTES = (
    Note(entry=7, code="sealed", filename="hyperspectral_toolbox-1.0-1-py3-none-any.whl", detail="1.0 is sealed"),
    Note(entry=9, code="withdrawn", filename="hyperspectral_toolbox-1.9.tar.gz", detail="its key was compromised"),
    Note(entry=11, code="unknown-kind", detail="entry kind 0x55 is not known to this reader " + "x" * 120),
)
RICH = make_project(
    "hyperspectral-toolbox",
    *wheels("1.0", 1, yanked="wrong results for negative wavelengths, see <b>erratum</b> 7"),
    sdist("1.0", 1, yanked=""),
    *wheels("2.0", 30),
    sdist("2.0", 30),
    sdist("2.1rc1", 40),
    sdist("1.1", 12, yanked="built from the wrong branch " + "y" * 200),
    count=12,
    notes=NOTES,
    incomplete=True,
    status=Status.DEPRECATED,
    status_reason="superseded by spectra; see https://spectra.example/moving-over",
)
HELD = replace(RICH, name=ProjectName("held-back"), status=Status.QUARANTINED, status_reason="reported as malicious")
SMALL = make_project("tiny", make_file("tiny-0.1-py3-none-any.whl", "0.1"))
MANY = make_project("many-files", *(make_file(f"many_files-{n}.0.tar.gz", f"{n}.0") for n in range(1, 251)))
EMPTY = make_project("nothing-yet")
ON_BASE = replace(RICH, registry=BASE, status=Status.ACTIVE, incomplete=False, notes=())
STALE = replace(SMALL, registry=LATER)
WORDS = ("array", "async", "audio", "byte", "cache", "color", "data", "file", "graph", "http", "json", "log")
ENDS = ("", "-tools", "-of-a-rather-long-name-that-still-has-to-fit")
LARGE_NAMES = sorted(f"{one}-{other}{end}" for one in WORDS for other in WORDS for end in ENDS)


class Chains(FakeRegistry):
    """Registries of which one cannot be asked after its first answer."""

    asked = False

    def _read(self, registry: RegistryAddress) -> None:
        if registry == LATER and self.asked:
            raise RpcError("no endpoint answers")
        self.asked = self.asked or registry == LATER
        super()._read(registry)


@contextmanager
def serving() -> Iterator[str]:
    """Serve them all; yields the server's origin."""
    registry = Chains(RICH, HELD, SMALL, MANY, EMPTY, ON_BASE, STALE)
    for name in LARGE_NAMES:
        registry.put(make_project(name, registry=LARGE))
    listening = listen("127.0.0.1", 0)
    url = url_of(listening)
    cached = CachedRegistry(registry, lifetimes=NO_MEMORY)
    cached.project(LATER, STALE.name)
    site = Site(url, 8453, (REGISTRY, BASE))
    with background(create_app(Services(cached, FakeGateways(), last_seen=last_seen, site=site)), listening):
        yield url


def pages(origin: str) -> list[dict[str, str]]:
    """Return every kind of page by name."""
    paths = {
        "home": "/",
        "registry": f"/registry/{REGISTRY}/",
        "registry-large": f"/registry/{LARGE}/",
        "registry-search": f"/registry/{LARGE}/?q=Http&page=1",
        "registry-search-none": f"/registry/{REGISTRY}/?q=%22%3E%3Cscript%3E",
        "project": f"/project/{REGISTRY}/hyperspectral-toolbox/",
        "project-small": f"/project/{REGISTRY}/tiny/",
        "project-base": f"/project/{BASE}/hyperspectral-toolbox/",
        "project-quarantined": f"/project/{REGISTRY}/held-back/",
        "project-empty": f"/project/{REGISTRY}/nothing-yet/",
        "project-paged": f"/project/{REGISTRY}/many-files/?page=2",
        "project-stale": f"/project/{LATER}/tiny/",
        "error": f"/project/{REGISTRY}/no-such-project/",
    }
    return [{"name": name, "url": origin + path} for name, path in paths.items()]
