"""The forging constructor: it writes a history that nobody wrote, and then returns a registry's code."""

from collections.abc import Iterator

import pytest

from dipmp_lib.devnet.chain.evm import Evm
from dipmp_lib.devnet.chain.views import created_address
from dipmp_lib.devnet.registry import ensure_registry
from dipmp_lib.ethereum.create2 import StockArgs, is_stock, parse_code, registry_code
from dipmp_lib.ethereum.rpc import HttpRpc
from dipmp_lib.http import Fetcher
from dipmp_lib.keccak import keccak256
from dipmp_lib.model.names import ProjectName, RegistryAddress
from dipmp_lib.registry import MemoryLogStore
from dipmp_lib.registry.chain import Chain, ChainRegistry
from dipmp_lib.registry.inspect import inspect_registry
from dipmp_lib.secret import Secret
from dipmp_lib.transactions.signers import KeySigner
from tests.support.model.contract import ChainModel
from tests.support.systems.embedded_chain import Client, Sender, chain_and_client

pytestmark = pytest.mark.evm

FAMOUS = bytes.fromhex("fa" * 20)
LONG_AGO = 1_500_000_000  # 2017


def push(value: int, width: int = 32) -> bytes:
    """PUSHn value."""
    return bytes([0x5F + width]) + value.to_bytes(width, "big")


def deploy_from(offset: int, length: int, last: bytes) -> bytes:
    """CODECOPY a part of the init code to memory 0, and use it there."""
    return push(length, 3) + push(offset, 3) + push(0, 1) + b"\x39" + last


def poison(model: ChainModel, runtime: bytes) -> bytes:
    """Init code that writes the storage and the blobs of a model, and returns `runtime`."""
    sstores = b"".join(push(value) + push(slot) + b"\x55" for slot, value in model.storage().items() if value)
    blobs = [b"\x61" + len(blob).to_bytes(2) + bytes.fromhex("80600a3d393df3") + blob for blob in model.blobs]
    step = len(deploy_from(0, 0, b"")) + len(push(0, 3)) + 4 + 2
    offset = len(sstores) + step * len(blobs) + len(deploy_from(0, 0, b"")) + len(push(0, 3)) + 3
    code = sstores
    for blob in blobs:  # CREATE(0, 0, length), POP
        code += deploy_from(offset, len(blob), push(len(blob), 3) + bytes.fromhex("60006000f050"))
        offset += len(blob)
    code += deploy_from(offset, len(runtime), push(len(runtime), 3) + bytes.fromhex("6000f3"))
    return code + b"".join(blobs) + runtime


@pytest.fixture(scope="module")
def chain() -> Iterator[tuple[Evm, Client, Sender]]:
    sender = Sender()
    with chain_and_client(sender) as (evm, client):
        ensure_registry(evm, KeySigner(Secret(bytes(sender.account.key))))
        sender.nonce = int(client("eth_getTransactionCount", f"0x{sender.address.hex()}", "latest"), 16)
        yield evm, client, sender


def rpc_of(client: Client) -> HttpRpc:
    return HttpRpc(client.url, Fetcher())


def test_a_forged_history_reads_well_and_is_not_stock(chain: tuple[Evm, Client, Sender]) -> None:
    evm, client, sender = chain
    args = StockArgs(owner=FAMOUS)
    address = created_address(sender.address, sender.nonce)
    model = ChainModel(evm.chain_id, address, FAMOUS)
    model.claim(FAMOUS, LONG_AGO, "victim", FAMOUS, b"\x00release")
    raw = sender.sign(data=poison(model, registry_code(args)))
    evm.send(raw)
    receipt = client("eth_getTransactionReceipt", f"0x{keccak256(raw).hex()}")
    assert receipt["status"] == "0x1"

    # The code is a stock registry's to the last bit, and every reader believes the log.
    code = bytes.fromhex(client("eth_getCode", f"0x{address.hex()}", "latest")[2:])
    assert code == registry_code(args)
    assert parse_code(code) == args
    rpc, forged = rpc_of(client), RegistryAddress(address)
    reader = ChainRegistry({"": Chain(rpc)}, MemoryLogStore())
    page = reader.project(forged, ProjectName("victim"))
    assert (page.owner, page.count) == (FAMOUS, 2)

    # Only its address gives it away.
    assert is_stock(address, code) is None
    facts = inspect_registry(rpc, forged)
    assert (facts.stock, facts.owner) == (None, FAMOUS)
    assert "its past may be forged" in facts.verdict


def test_what_the_factory_made_is_stock(chain: tuple[Evm, Client, Sender]) -> None:
    evm, client, sender = chain
    registry = ensure_registry(evm, KeySigner(Secret(bytes(sender.account.key))))
    args = StockArgs(owner=sender.address)
    code = bytes.fromhex(client("eth_getCode", f"0x{registry.hex()}", "latest")[2:])
    assert is_stock(registry, code) == args
    facts = inspect_registry(rpc_of(client), RegistryAddress(registry))
    assert (facts.stock, facts.owner, facts.guardian, facts.mode) == (args, sender.address, bytes(20), 0)
