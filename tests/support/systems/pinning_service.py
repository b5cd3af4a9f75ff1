"""A pinner and its service, with a fault proxy between them, for each kind of service."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

from dipmp_lib.devnet.ipfs.blocks import BlockStore
from dipmp_lib.devnet.ipfs.server import serve_blocks
from dipmp_lib.http import Answer, Fetcher
from dipmp_lib.ipfs.cid import Cid
from dipmp_lib.ipfs.pinning import (
    Credentials,
    FilebasePinner,
    KuboPinner,
    LegacyPinataPinner,
    PinataPinner,
    Pinner,
    PsaPinner,
    RetryingPinner,
)
from dipmp_lib.secret import Secret
from tests.support.fakes.pinners import FakeFilebase, FakePinata, FakePsa, PinnedBlocks
from tests.support.faulty.fault_proxy import FaultProxy
from tests.support.files.content import Sample, sample

KINDS = ("kubo", "pinata", "pinata-legacy", "filebase", "psa")
CANARY = "canary-5f0e-secret"
KEY = "AKIDCANARYKEY"
BUCKET = "wheels"
QUICK = 0.2
"""Seconds given to an exchange that will hang."""
FILE = sample(bytes(range(256)) * 4)
"""Small enough that Pinata's older call gives it the same CID."""


class Hurried(Fetcher):
    """Gives its first `count` exchanges QUICK seconds each, and the others all the time that they ask for."""

    def __init__(self, count: int) -> None:
        super().__init__()
        self._left = iter(range(count))

    def fetch(self, method: str, url: str, **options: Any) -> Answer:  # noqa: ANN401 - as of a Fetcher
        """Fetch, as a Fetcher does."""
        if next(self._left, None) is not None:
            options["deadline"] = QUICK
        return super().fetch(method, url, **options)


@dataclass
class Service:
    """A pinner and its service. `slept` are the pauses of its retries and polls, which take no time.

    The first `hangs` exchanges are those that hang.
    """

    kind: str
    proxy: FaultProxy
    vault: PinnedBlocks
    fake: FakePinata | FakeFilebase | FakePsa | None
    slept: list[float] = field(default_factory=list)
    attempts: int = 5
    hangs: int = 0

    @property
    def pinner(self) -> Pinner:
        """The pinner, with retries at the highest jitter."""
        return RetryingPinner(
            self.bare(), attempts=self.attempts, sleep=self.slept.append, uniform=lambda _low, high: high
        )

    def bare(self) -> Pinner:
        """Return the pinner without retries."""
        url, credentials, fetcher = self.proxy.url, Credentials([Secret(CANARY.encode())]), Hurried(self.hangs)
        makers: dict[str, Callable[[], Pinner]] = {
            "kubo": lambda: KuboPinner(url.replace("//", f"//me:{CANARY}@"), fetcher),
            "pinata": lambda: PinataPinner(credentials, fetcher, url=f"{url}/v3/files"),
            "pinata-legacy": lambda: LegacyPinataPinner(_pair(), fetcher, url=f"{url}/pinning/pinFileToIPFS"),
            "filebase": lambda: FilebasePinner(
                BUCKET,
                _pair(),
                fetcher,
                endpoint=url,
                sleep=self.slept.append,
                clock=lambda: sum(self.slept),
            ),
            "psa": lambda: PsaPinner(
                f"{url}/psa",
                credentials,
                fetcher,
                sleep=self.slept.append,
                clock=lambda: sum(self.slept),
            ),
        }
        return makers[self.kind]()

    def pin(self, file: Sample = FILE) -> None:
        """Pin a file."""
        self.pinner.pin(file.root, file.car, file.car_size)

    @property
    def pinned(self) -> Sequence[Cid]:
        """The roots that the service has pinned."""
        return self.vault.pinned


@contextmanager
def service(kind: str, *, source: PinnedBlocks | None = None, forgetful: bool = False) -> Iterator[Service]:
    """Run a service behind a proxy. A service that fetches finds the blocks of `source`, by default those of FILE."""
    vault = PinnedBlocks(forgetful=forgetful)
    with ExitStack() as stack:
        if kind == "kubo":
            server = stack.enter_context(serve_blocks(BlockStore()))
            proxy = stack.enter_context(FaultProxy(server.rpc_url))
            yield Service(kind, proxy, vault, None)
            return
        fake = _fake(kind, vault, source or _holding(FILE))
        proxy = stack.enter_context(FaultProxy(fake.answer))
        yield Service(kind, proxy, vault, fake)


def _fake(kind: str, vault: PinnedBlocks, source: PinnedBlocks) -> FakePinata | FakeFilebase | FakePsa:
    if kind == "filebase":
        return FakeFilebase(vault, BUCKET, KEY)
    if kind == "psa":
        return FakePsa(vault, source, token=CANARY)
    return FakePinata(vault, jwt=CANARY, key=KEY, secret=CANARY)


def _holding(file: Sample) -> PinnedBlocks:
    vault = PinnedBlocks()
    vault.import_car(b"".join(file.car()))
    return vault


def _pair() -> Credentials:
    return Credentials([Secret(KEY.encode()), Secret(CANARY.encode())])
