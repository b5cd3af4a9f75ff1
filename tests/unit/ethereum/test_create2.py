"""Which registries are stock: an address commits to everything, code to nothing."""

import pytest
from eth_abi.abi import encode
from hypothesis import given
from hypothesis import strategies as st

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
from dipmp_lib.model.names import checksum_address

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
