"""A real Kubo node keeps what is published and shows it, and what it does not have stops a publish."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from dipmp_lib.errors import GatewayError, PinnerError
from dipmp_lib.http import Fetcher
from dipmp_lib.ipfs.gateways.single import SingleGateway
from dipmp_lib.ipfs.pinning import pinner_from_uri
from dipmp_lib.publish.quorum import pin_all
from dipmp_lib.publish.retrieval import ProofOptions, prove
from dipmp_lib.transactions.journal import MemoryPinNotes
from tests.support.fakes.clock import Clock
from tests.support.fakes.uploads import Recorder, upload
from tests.support.files.content import MIB, pattern
from tests.support.programs.kubo import Kubo, running_kubo

pytestmark = pytest.mark.kubo

FILES = [upload(b"Metadata-Version: 2.4\n", "a.whl.metadata"), upload(pattern(12 * MIB + 7).read(), "a.whl")]


@pytest.fixture(scope="module")
def kubo() -> Iterator[Kubo]:
    with tempfile.TemporaryDirectory() as folder, running_kubo(Path(folder)) as node:
        yield node


def show(kubo: Kubo, *, full: bool) -> Recorder:
    reporter, clock = Recorder(), Clock()
    gateways = [SingleGateway(kubo.gateway_url, Fetcher())]
    proof = ProofOptions(full=full, seconds=3)
    prove(FILES, gateways, reporter, proof=proof, notes=MemoryPinNotes(), sleep=clock.sleep, clock=clock)
    return reporter


def test_P8_what_kubo_does_not_have_it_does_not_show(kubo: Kubo) -> None:
    with pytest.raises(GatewayError, match=r"a\.whl\.metadata was pinned, but cannot be fetched back"):
        show(kubo, full=False)


def test_P7_kubo_keeps_everything_and_shows_it(kubo: Kubo) -> None:
    pinner = pinner_from_uri(f"kubo:{kubo.rpc_url}")
    for _ in range(2):  # the second time changes nothing
        pin_all(FILES, [pinner], Recorder(), required=1, notes=MemoryPinNotes())
    for file in FILES:
        assert str(file.root) in kubo.run("pin", "ls", "--type=recursive", str(file.root))
    assert show(kubo, full=False).done == {"Proving retrieval": 1 + 1 + 2 + 8}
    assert show(kubo, full=True).done == {"Proving retrieval": 1 + 1 + 13}


def test_P7_another_program_on_its_port_is_no_kubo(kubo: Kubo) -> None:
    with pytest.raises(PinnerError, match="kept by no pinner"):
        pin_all(
            FILES,
            [pinner_from_uri(f"kubo:{kubo.gateway_url}", attempts=1)],
            Recorder(),
            required=1,
            notes=MemoryPinNotes(),
        )
