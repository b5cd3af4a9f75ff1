"""A registry's contract as an endpoint shows it: stock or not, and its own words."""

import pytest

from dipmp_lib.errors import RegistryNotFound, Reverted
from dipmp_lib.ethereum.create2 import StockArgs, registry_address, registry_code
from dipmp_lib.keccak import keccak256
from dipmp_lib.model.names import RegistryAddress, checksum_address
from dipmp_lib.registry.inspect import inspect_registry

OWNER = bytes.fromhex("a1" * 20)
ARGS = StockArgs(owner=OWNER)


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


def test_a_stock_registry() -> None:
    node = Node(registry_code(ARGS), registryOwner=word(OWNER), guardian=word(b""), mode=word(b"\x01"))
    info = inspect_registry(node, RegistryAddress(registry_address(ARGS)))
    assert (info.stock, info.owner, info.guardian, info.mode) == (ARGS, OWNER, bytes(20), 1)
    assert info.verdict.startswith("its address is the one that the factory gives")


def test_stock_code_elsewhere_is_told() -> None:
    info = inspect_registry(Node(registry_code(ARGS)), RegistryAddress(bytes(20)))
    assert info.stock is None
    assert checksum_address(registry_address(ARGS)) in info.verdict
    assert "may be forged" in info.verdict


@pytest.mark.parametrize("answer", [None, "0x", "0xzz", word(b"\xff" * 32), "0x" + "00" * 31, 7, Reverted("no")])
def test_what_a_strange_contract_says_is_unknown(answer: object) -> None:
    node = Node(b"\x60", registryOwner=answer, guardian=answer, mode=answer)
    info = inspect_registry(node, RegistryAddress(bytes(20)))
    assert (info.stock, info.owner, info.guardian, info.mode) == (None, None, None, None)
    assert info.verdict == "its code is not that of dipmp's registries"


def test_no_contract() -> None:
    with pytest.raises(RegistryNotFound, match="no contract at 0x0000"):
        inspect_registry(Node(b""), RegistryAddress(bytes(20)))
