"""Which registries are stock: an address commits to everything, code to nothing."""

import pytest
from eth_abi.abi import encode
from hypothesis import given
from hypothesis import strategies as st

from dipmp_lib.errors import RegistryNotFound, Reverted
from dipmp_lib.ethereum.abi import DEPLOYER, factory_address, factory_call_data, implementation_address
from dipmp_lib.ethereum.create2 import (
    CURATED,
    OPEN,
    StockArgs,
    create2_address,
    encode_create,
    is_stock,
    parse_code,
    registry_address,
    registry_code,
)
from dipmp_lib.keccak import keccak256
from dipmp_lib.model.names import RegistryAddress, checksum_address
from dipmp_lib.registry.inspect import read_facts

OWNER = bytes.fromhex("a1" * 20)
ARGS = StockArgs(owner=OWNER)
arguments = st.builds(
    StockArgs,
    owner=st.binary(min_size=20, max_size=20),
    guardian=st.binary(min_size=20, max_size=20),
    mode=st.sampled_from([OPEN, CURATED]),
    salt=st.binary(min_size=32, max_size=32),
)


@pytest.mark.parametrize(
    ("creator", "salt", "initcode", "address"),
    [
        ("00" * 20, "00" * 32, "00", "0x4D1A2e2bB4F88F0250f26Ffff098B0b30B26BF38"),
        ("deadbeef" + "00" * 16, "00" * 32, "00", "0xB928f69Bb1D91Cd65274e3c79d8986362984fDA3"),
        ("00" * 20, "00" * 32, "deadbeef", "0x70f2b2914A2a4b783FaEFb75f459A580616Fcb5e"),
        ("00" * 16 + "deadbeef", "00" * 28 + "cafebabe", "deadbeef", "0x60f3f640a8508fC6a86d45DF051962668E1e8AC7"),
        ("00" * 20, "00" * 32, "", "0xE33C0C7F7df4809055C3ebA6c09CFe4BaF1BD9e0"),
    ],
)
def test_create2_as_in_the_examples_of_eip_1014(creator: str, salt: str, initcode: str, address: str) -> None:
    found = create2_address(bytes.fromhex(creator), bytes.fromhex(salt), bytes.fromhex(initcode))
    assert checksum_address(found) == address


def test_factory_and_implementation_follow_from_the_bytecode() -> None:
    data = factory_call_data()
    assert factory_address() == create2_address(DEPLOYER, data[:32], data[32:])
    assert implementation_address() == keccak256(b"\xd6\x94" + factory_address() + b"\x01")[12:]


@given(arguments)
def test_a_registry_at_its_own_address_is_stock(args: StockArgs) -> None:
    assert parse_code(registry_code(args)) == args
    assert is_stock(registry_address(args), registry_code(args)) == args


@given(arguments, st.integers(0, 117), st.integers(1, 255))
def test_one_changed_byte_of_code_is_not_stock(args: StockArgs, at: int, change: int) -> None:
    code = bytearray(registry_code(args))
    code[at] ^= change
    assert is_stock(registry_address(args), bytes(code)) is None


@given(arguments, st.binary(min_size=20, max_size=20))
def test_the_same_code_elsewhere_is_not_stock(args: StockArgs, address: bytes) -> None:
    assert is_stock(address, registry_code(args)) is None


@given(st.binary(max_size=200))
def test_any_code_is_taken(code: bytes) -> None:
    assert parse_code(code) is None
    assert is_stock(registry_address(ARGS), code) is None


@given(arguments, arguments)
def test_other_arguments_are_at_another_address(one: StockArgs, other: StockArgs) -> None:
    assert (registry_address(one) == registry_address(other)) == (one == other)


@given(arguments)
def test_the_call_of_the_factory_is_in_the_abi_encoding(args: StockArgs) -> None:
    types, values = ["address", "address", "uint8", "bytes32"], [args.owner, args.guardian, args.mode, args.salt]
    selector = keccak256(b"create(address,address,uint8,bytes32)")[:4]
    assert encode_create(args) == selector + encode(types, values)


# ---- asking a node


class Node:
    """Answers eth_getCode with one code, and eth_call with a word, bytes or an error per function."""

    def __init__(self, code: bytes, **answers: object) -> None:
        self._code = code
        self._answers = {f"0x{keccak256(f'{name}()'.encode())[:4].hex()}": answer for name, answer in answers.items()}

    def request(self, method: str, params: object) -> object:
        assert isinstance(params, list)
        if method == "eth_getCode":
            return f"0x{self._code.hex()}"
        answer = self._answers.get(params[0]["data"], Reverted("execution reverted"))
        if isinstance(answer, Exception):
            raise answer
        return answer


def word(value: bytes) -> str:
    return f"0x{value.rjust(32, bytes(1)).hex()}"


def test_facts_of_a_stock_registry() -> None:
    node = Node(registry_code(ARGS), registryOwner=word(OWNER), guardian=word(b""), mode=word(b"\x01"))
    facts = read_facts(node, RegistryAddress(registry_address(ARGS)))
    assert (facts.stock, facts.owner, facts.guardian, facts.mode) == (ARGS, OWNER, bytes(20), 1)
    assert facts.verdict.startswith("its address is the one that the factory gives")


def test_stock_code_elsewhere_is_told() -> None:
    facts = read_facts(Node(registry_code(ARGS)), RegistryAddress(bytes(20)))
    assert facts.stock is None
    assert checksum_address(registry_address(ARGS)) in facts.verdict
    assert "may be forged" in facts.verdict


@pytest.mark.parametrize("answer", [None, "0x", "0xzz", word(b"\xff" * 32), "0x" + "00" * 31, 7, Reverted("no")])
def test_what_a_strange_contract_says_is_unknown(answer: object) -> None:
    node = Node(b"\x60", registryOwner=answer, guardian=answer, mode=answer)
    facts = read_facts(node, RegistryAddress(bytes(20)))
    assert (facts.stock, facts.owner, facts.guardian, facts.mode) == (None, None, None, None)
    assert facts.verdict == "its code is not that of dipmp's registries"


def test_no_contract() -> None:
    with pytest.raises(RegistryNotFound, match="no contract at 0x0000"):
        read_facts(Node(b""), RegistryAddress(bytes(20)))
