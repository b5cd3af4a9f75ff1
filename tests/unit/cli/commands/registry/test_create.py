"""`dipmp registry create`, over a node that only knows which code is where."""

import pytest

from dipmp_lib.ethereum.abi import DEPLOYER, factory_address
from dipmp_lib.ethereum.create2 import StockArgs, registry_address, registry_code
from dipmp_lib.model.names import checksum_address
from tests.support.systems.commands import ME, MINE, OTHER, CommandBench


@pytest.fixture
def created(bench: CommandBench) -> bytes:
    address = registry_address(StockArgs(owner=MINE))
    bench.node.answers["eth_call"] = "0x"
    bench.node.answers["eth_estimateGas"] = hex(70_000)
    bench.node.code[f"0x{DEPLOYER.hex()}"] = "0x00"
    return address


def test_a_chain_without_the_factory_takes_two_transactions(bench: CommandBench, created: bytes) -> None:
    document = bench.json("registry", "create", "--dry-run")
    assert [step["function"] for step in document["steps"]] == ["deploy", "create"]
    assert (document["registry"], document["owner"]) == (checksum_address(created), ME)
    assert (document["mode"], document["guardian"], document["transactions"]) == ("open", None, [])


def test_a_chain_with_the_factory_takes_one(bench: CommandBench, created: bytes) -> None:
    bench.node.code[f"0x{factory_address().hex()}"] = "0x00"
    ran = bench("registry", "create", "--curated", "--guardian", OTHER, "--salt", "7", "--owner", OTHER, "--dry-run")
    assert ran.code == 0, ran.err
    assert f"note: only {OTHER} may claim names in it, and nothing can change that" in ran.err
    assert f"note: {OTHER} may quarantine any project in it, until it resigns" in ran.err
    assert "1 transaction on chain 1337" in ran.err
    assert ran.out == ""


def test_a_registry_that_exists_is_not_made_again(bench: CommandBench, created: bytes) -> None:
    bench.node.code[f"0x{created.hex()}"] = f"0x{registry_code(StockArgs(owner=MINE)).hex()}"
    ran = bench("registry", "create", "--yes")
    assert (ran.code, ran.err) == (0, "nothing to do: already in that state\n")
    shown = checksum_address(created)
    assert ran.out == f"Registry: {shown}\nexport DIPMP_REGISTRY={shown}\n"


def test_a_chain_without_the_deployer_is_told(bench: CommandBench, created: bytes) -> None:
    bench.node.code.clear()
    ran = bench("registry", "create", "--yes")
    assert ran.error == "chain 1337 has no CREATE2 deployer at 0x4e59b44847b379578588920cA78FbF26c0B4956C"


@pytest.mark.parametrize(("chain_id", "name"), [(324, "ZKsync Era"), (728126428, "TRON")])
def test_chains_that_cannot_have_a_registry(bench: CommandBench, created: bytes, chain_id: int, name: str) -> None:
    bench.node.chain_id = chain_id
    ran = bench("registry", "create", "--yes")
    assert f"a registry does not work on {name}" in ran.error
    assert not bench.node.sent


def test_the_chain_of_a_new_registry_is_in_its_address(bench: CommandBench, created: bytes) -> None:
    bench.node.chain_id = 8453
    document = bench.json("registry", "create", "--chain", "base", "--rpc", "http://base.invalid", "--dry-run")
    assert document["registry"] == f"base:{checksum_address(created)}"


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--salt", "x"), "--salt is 'x', not a number"),
        (("--owner", "0x12"), "'0x12' is not an address"),
        (("--chain", "nowhere", "--rpc", "http://x.invalid"), "'nowhere' is not the short name of a known chain"),
    ],
)
def test_bad_input_is_one_sentence(bench: CommandBench, options: tuple[str, ...], sentence: str) -> None:
    ran = bench("registry", "create", *options, "--yes")
    assert ran.code == 1
    assert sentence in ran.error
    assert not bench.node.sent


def test_a_salt_is_a_number_or_32_bytes(bench: CommandBench, created: bytes) -> None:
    small = bench.json("registry", "create", "--salt", "255", "--dry-run")
    assert small["salt"] == f"0x{255:064x}"
    assert bench.json("registry", "create", "--salt", f"0x{255:064x}", "--dry-run")["registry"] == small["registry"]
    assert small["registry"] != checksum_address(created)
