"""Registries: creation, constructor arguments, and change of ownership."""

import pytest
from eth_account import Account

from dipmp_lib.ethereum.abi import (
    DEPLOYER,
    DEPLOYER_CREATOR,
    DEPLOYER_TRANSACTION,
    factory_address,
    implementation_address,
    package_index,
    package_index_factory,
)
from tests.contract.backends import Backend
from tests.contract.harness import (
    CALL_GAS,
    CURATED,
    OPEN,
    ZERO,
    Arguments,
    Refusal,
    Registry,
    decode_answer,
    encode_call,
    ensure_factory,
    refusal_of,
)
from tests.support.model.contract import create_address, hash256

PUSH_SELF = b"\x7f"


def test_the_deployers_transaction_is_nobodys_and_makes_the_deployer() -> None:
    assert bytes.fromhex(Account.recover_transaction(DEPLOYER_TRANSACTION)[2:]) == DEPLOYER_CREATOR
    assert create_address(DEPLOYER_CREATOR, 0) == DEPLOYER


def test_factory_and_implementation_are_where_the_library_says(registry: Registry) -> None:
    backend = registry.backend
    assert factory_address() == hash256(b"\xff" + DEPLOYER + bytes(32) + hash256(package_index_factory().bytecode))[12:]
    assert implementation_address() == create_address(factory_address(), 1)
    answer = backend.call(registry.owner, factory_address(), encode_call("implementation"), CALL_GAS)
    assert decode_answer("implementation", answer) == (implementation_address(),)


def test_the_code_on_chain_is_the_committed_one_with_the_addresses_filled_in(registry: Registry) -> None:
    """Both contracts keep one address in their code: the implementation's."""
    for address, contract in (
        (implementation_address(), package_index()),
        (factory_address(), package_index_factory()),
    ):
        code = registry.backend.code(address)
        assert code != contract.deployed_bytecode
        word = implementation_address().rjust(32, b"\0")
        assert code.replace(PUSH_SELF + word, PUSH_SELF + bytes(32)) == contract.deployed_bytecode
    assert package_index().bytecode in package_index_factory().bytecode


@pytest.mark.parametrize("mode", [OPEN, CURATED])
def test_a_registry_is_its_arguments(backend: Backend, mode: int) -> None:
    registry = Registry(backend, guardian=backend.accounts[7], mode=mode)
    assert backend.code(registry.address) == registry.arguments.code
    assert registry.call("registryOwner") == (registry.owner,)
    assert registry.call("guardian") == (backend.accounts[7],)
    assert registry.call("mode") == (mode,)
    assert registry.creation.logs == 1
    registry.assert_agrees()


def test_the_factory_predicts_and_refuses_what_is_there(registry: Registry) -> None:
    arguments = registry.arguments
    prediction = encode_call("addressOf", arguments.owner, arguments.guardian, arguments.mode, arguments.salt)
    answer = registry.backend.call(registry.owner, factory_address(), prediction, CALL_GAS)
    assert decode_answer("addressOf", answer) == (registry.address,)
    stranger = registry.backend.accounts[3]
    refusal = refusal_of(registry.backend, stranger, factory_address(), arguments.encode_create())
    assert refusal == Refusal("RegistryExists", (registry.address,))


def test_senseless_arguments_are_refused(backend: Backend) -> None:
    ensure_factory(backend)
    owner = backend.accounts[0]
    nobodys, strange = Arguments(owner=ZERO), Arguments(owner=owner, mode=2)
    assert refusal_of(backend, owner, factory_address(), nobodys.encode_create()) == Refusal("ZeroAddress", ())
    assert refusal_of(backend, owner, factory_address(), strange.encode_create()) == Refusal("InvalidMode", (2,))


def test_the_implementation_refuses_direct_calls(registry: Registry) -> None:
    me = registry.owner
    calls: dict[str, tuple[object, ...]] = {
        "claim": ("free", me, b""),
        "append": ("free", 1, b""),
        "appendWithSig": ("free", 1, b"", me, 2**40, b""),
        "setPublisher": ("free", me, 0, 0),
        "transferProject": ("free", me),
        "acceptProject": ("free",),
        "setStatus": ("free", 0, ""),
        "quarantine": ("free", True, ""),
        "resignGuardian": (),
        "transferRegistry": (me,),
        "acceptRegistry": (),
        "read": ("", 0, 0, 0),
        "scan": (0, 0),
        "publisherUntil": ("free", me),
        "offeredTo": ("free",),
        "registryOwner": (),
        "guardian": (),
        "mode": (),
    }
    assert set(calls) == {item["name"] for item in package_index().abi if item["type"] == "function"}
    for function, values in calls.items():
        refusal = refusal_of(registry.backend, me, implementation_address(), encode_call(function, *values))
        assert refusal == Refusal("NotARegistry", (implementation_address(),)), function


def test_in_a_curated_registry_its_present_owner_claims(backend: Backend) -> None:
    registry = Registry(backend, mode=CURATED)
    owner, heir = backend.accounts[0], backend.accounts[4]
    assert registry.refusal(heir, "claim", "one", heir, b"") == Refusal("NotOwner", (heir, owner))
    registry.claim(owner, "one", heir)
    registry.transfer_registry(owner, heir)
    assert registry.call("offeredTo", "") == (heir,)
    assert registry.refusal(heir, "claim", "two", heir, b"") == Refusal("NotOwner", (heir, owner))
    assert registry.refusal(owner, "acceptRegistry") == Refusal("NotOffered", (owner, heir))
    registry.accept_registry(heir)
    assert registry.call("registryOwner") == (heir,)
    assert registry.refusal(owner, "claim", "two", owner, b"") == Refusal("NotOwner", (owner, heir))
    registry.claim(heir, "two", heir, b"release")
    registry.assert_agrees()


def test_the_first_entry_of_the_registry_log_writes_its_owner(backend: Backend) -> None:
    registry = Registry(backend)
    assert registry.call("read", "", 0, 0, 0) == (0, bytes(32), 0, b"")
    registry.transfer_registry(registry.owner, ZERO)
    assert registry.call("read", "", 0, 0, 0)[0] & (2**160 - 1) == int.from_bytes(registry.owner, "big")
    registry.assert_agrees()


def test_confusable_names_are_refused_with_their_holder(registry: Registry) -> None:
    owner = registry.owner
    registry.claim(owner, "pillow", owner)
    for name in ("pil-low", "p1llow", "pi11ow", "pill0w", "p-i-l-l-o-w"):
        assert registry.refusal(owner, "claim", name, owner, b"") == Refusal("ConfusableName", (name, "pillow"))
    registry.claim(owner, "pilow", owner)
    registry.assert_agrees()


def test_curators_decide_what_is_confusable(backend: Backend) -> None:
    registry = Registry(backend, mode=CURATED)
    for name in ("pillow", "pil-low", "p1llow"):
        registry.claim(registry.owner, name, registry.owner)
    registry.assert_agrees()
