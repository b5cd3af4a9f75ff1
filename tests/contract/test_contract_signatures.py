"""appendWithSig against every way in which a signature can be used again, bent or made up.

Signatures are made by eth-account from the typed data, as a wallet makes them.
"""

from collections.abc import Callable
from dataclasses import replace

import pytest
from eth_account import Account

from tests.contract.backends import AnvilBackend
from tests.contract.harness import Refusal, Registry
from tests.contract.signed import Signed
from tests.support.model.signing import ORDER, address_of

NAME, OTHER = "some-project", "other-project"
KEY, STRANGERS_KEY = b"\x11" * 32, b"\x22" * 32
SIGNER, STRANGER = address_of(KEY), address_of(STRANGERS_KEY)
FOR_EVER = 2**40 - 1
MAGIC = bytes.fromhex("1626ba7e") + bytes(28)


@pytest.fixture
def project(registry: Registry) -> Registry:
    """Two projects in which the signer publishes."""
    owner = registry.backend.accounts[1]
    for name in (NAME, OTHER):
        registry.claim(owner, name, owner)
        registry.set_publisher(owner, name, SIGNER, FOR_EVER)
    return registry


def head_of(registry: Registry, name: str = NAME) -> bytes:
    return bytes(registry.call("read", name, 0, 0, 0)[1])


def right(project: Registry) -> Signed:
    """A signature that holds."""
    return Signed(
        chain_id=project.backend.chain_id,
        registry=project.address,
        signer=SIGNER,
        name=NAME,
        kind=1,
        payload=b"payload",
        head=head_of(project),
        deadline=project.backend.now() + 3600,
        key=KEY,
    )


def send(project: Registry, signed: Signed, signature: bytes | None = None) -> None:
    proof = signed.signature if signature is None else signature
    call = (signed.name, signed.kind, signed.payload, signed.signer, signed.deadline, proof)
    project.append_with_sig(project.backend.accounts[5], *call)


def refusal(project: Registry, signed: Signed, signature: bytes | None = None) -> Refusal:
    proof = signed.signature if signature is None else signature
    call = (signed.name, signed.kind, signed.payload, signed.signer, signed.deadline, proof)
    return project.refusal(project.backend.accounts[5], "appendWithSig", *call)


def deploy(project: Registry, code: str) -> bytes:
    runtime = bytes.fromhex(code)
    initcode = b"\x61" + len(runtime).to_bytes(2, "big") + bytes.fromhex("80600a3d393df3") + runtime
    return project.backend.send(project.owner, b"", initcode).created


def answering(answer: bytes, end: str = "f3") -> str:
    """Code that answers every call with up to 64 bytes: RETURN, or with another end REVERT."""
    first, second = answer[:32].ljust(32, b"\0"), answer[32:].ljust(32, b"\0")
    return f"7f{first.hex()}5f527f{second.hex()}60205260{len(answer):02x}5f{end}"


# ---------------------------------------------------------------- what holds


def test_the_signer_is_the_actor_and_the_sender_nobody(project: Registry) -> None:
    send(project, right(project))
    assert project.model.entries(NAME)[-1][8:28] == SIGNER
    project.assert_agrees()


def test_an_owner_signs_too(project: Registry) -> None:
    project.claim(project.owner, "mine", SIGNER)
    send(project, replace(right(project), name="mine", kind=0x40, head=head_of(project, "mine"), payload=b""))
    project.assert_agrees()


def test_a_wallet_that_accepts_is_believed(project: Registry) -> None:
    """A wallet may accept any bytes, also none (ERC-1271)."""
    wallet = deploy(project, answering(MAGIC))
    project.set_publisher(project.backend.accounts[1], NAME, wallet, FOR_EVER)
    project.model.wallets[wallet] = lambda _digest, _signature: True
    send(project, replace(right(project), signer=wallet), b"")
    assert project.model.entries(NAME)[-1][8:28] == wallet
    project.assert_agrees()


@pytest.mark.node
@pytest.mark.parametrize("delegate", ["5f5ffd", answering(bytes(32))])
def test_an_account_with_delegated_code_signs_with_its_key(anvil: AnvilBackend, delegate: str) -> None:
    """EIP-7702: the account has code, and that code knows nothing of ERC-1271."""
    registry = Registry(anvil)
    account = Account.create()
    address, key = bytes.fromhex(account.address[2:]), bytes(account.key)
    anvil.delegate(account, deploy(registry, delegate))
    assert anvil.code(address)[:3] == bytes.fromhex("ef0100")
    registry.claim(registry.owner, NAME, address)
    send(registry, replace(right(registry), signer=address, key=key))
    assert registry.model.entries(NAME)[-1][8:28] == address
    strangers = replace(right(registry), signer=address, key=STRANGERS_KEY)
    assert refusal(registry, strangers) == Refusal("InvalidSignature", (address, head_of(registry)))


@pytest.mark.node
def test_an_account_with_delegated_code_may_let_it_judge(anvil: AnvilBackend) -> None:
    registry = Registry(anvil)
    account = Account.create()
    address = bytes.fromhex(account.address[2:])
    anvil.delegate(account, deploy(registry, answering(MAGIC)))
    registry.claim(registry.owner, NAME, address)
    registry.model.wallets[address] = lambda _digest, _signature: True
    send(registry, replace(right(registry), signer=address), b"whatever its code accepts")
    assert registry.model.entries(NAME)[-1][8:28] == address


# ---------------------------------------------------------------- what does not


def test_a_signature_holds_once(project: Registry) -> None:
    signed = right(project)
    send(project, signed)
    assert refusal(project, signed) == Refusal("InvalidSignature", (SIGNER, head_of(project)))


def test_a_signature_does_not_survive_another_entry(project: Registry) -> None:
    signed = right(project)
    project.append(project.backend.accounts[1], NAME, 1, b"in between")
    assert refusal(project, signed) == Refusal("InvalidSignature", (SIGNER, head_of(project)))


OTHER_MEMBERS: dict[str, Callable[[Signed], Signed]] = {
    "chain": lambda signed: replace(signed, chain_id=signed.chain_id + 1),
    "registry": lambda signed: replace(signed, registry=STRANGER),
    "signer": lambda signed: replace(signed, signer=STRANGER),
    "project": lambda signed: replace(signed, name=OTHER),
    "kind": lambda signed: replace(signed, kind=0x20),
    "payload": lambda signed: replace(signed, payload=b"another"),
    "no payload": lambda signed: replace(signed, payload=b""),
    "head": lambda signed: replace(signed, head=bytes(32)),
    "deadline": lambda signed: replace(signed, deadline=signed.deadline + 1),
    "key": lambda signed: replace(signed, key=STRANGERS_KEY),
}


@pytest.mark.parametrize("member", OTHER_MEMBERS)
def test_a_signature_over_anything_else_is_refused(project: Registry, member: str) -> None:
    signed = right(project)
    signature = OTHER_MEMBERS[member](signed).signature
    assert signature != signed.signature
    assert refusal(project, signed, signature) == Refusal("InvalidSignature", (SIGNER, head_of(project)))


def test_a_signature_is_for_one_project_and_one_registry(project: Registry) -> None:
    signed = right(project)
    moved = replace(signed, name=OTHER)
    refused = Refusal("InvalidSignature", (SIGNER, head_of(project, OTHER)))
    assert refusal(project, moved, signed.signature) == refused
    elsewhere = Registry(project.backend)
    elsewhere.claim(elsewhere.owner, NAME, SIGNER)
    assert refusal(elsewhere, signed) == Refusal("InvalidSignature", (SIGNER, head_of(elsewhere)))


def test_a_signature_expires(project: Registry) -> None:
    signed = right(project)
    early = replace(signed, deadline=signed.deadline - 100)
    project.backend.set_time(early.deadline + 1)
    refused = refusal(project, early)
    assert (refused.error, refused.values[0]) == ("SignatureExpired", early.deadline)
    project.backend.next_time(signed.deadline)
    send(project, signed)
    project.assert_agrees()


def _other_v(raw: bytes) -> bytes:
    return bytes([55 - raw[64]])


def _upper_s(raw: bytes) -> bytes:
    return (ORDER - int.from_bytes(raw[32:64], "big")).to_bytes(32, "big")


BENT: dict[str, Callable[[bytes], bytes]] = {
    "high s": lambda raw: raw[:32] + _upper_s(raw) + _other_v(raw),
    "other v": lambda raw: raw[:64] + _other_v(raw),
    "v 0 or 1": lambda raw: raw[:64] + bytes([raw[64] - 27]),
    "v 29": lambda raw: raw[:64] + b"\x1d",
    "v of EIP-155": lambda raw: raw[:64] + bytes([raw[64] + 10]),
    "r zero": lambda raw: bytes(32) + raw[32:],
    "s zero": lambda raw: raw[:32] + bytes(32) + raw[64:],
    "all zero": lambda _raw: bytes(65),
    "compact (EIP-2098)": lambda raw: raw[:32] + bytes([raw[32] | (raw[64] - 27) << 7]) + raw[33:64],
    "short": lambda raw: raw[:64],
    "long": lambda raw: raw + b"\0",
    "empty": lambda _raw: b"",
}


@pytest.mark.parametrize("how", BENT)
def test_a_bent_signature_is_refused(project: Registry, how: str) -> None:
    signed = right(project)
    bent = BENT[how](signed.signature)
    assert refusal(project, signed, bent) == Refusal("InvalidSignature", (SIGNER, head_of(project)))


@pytest.mark.parametrize("how", ["all zero", "empty", "v 29"])
def test_nobody_signs_for_the_zero_address(project: Registry, how: str) -> None:
    """ecrecover answers zero where it recovers nobody."""
    signed = replace(right(project), signer=bytes(20))
    refused = Refusal("InvalidSignature", (bytes(20), head_of(project)))
    assert refusal(project, signed, BENT[how](signed.signature)) == refused


LIES = {
    "nothing": "00",
    "a revert": "5f5ffd",
    "a revert with the magic value": answering(MAGIC, "fd"),
    "four bytes": answering(MAGIC[:4]),
    "thirty-one bytes": answering(MAGIC[:31]),
    "true": answering((1).to_bytes(32, "big")),
    "the magic value at the other end": answering(MAGIC[:4].rjust(32, b"\0")),
    "the magic value and more": answering(MAGIC[:31] + b"\1"),
    "the magic value in the second word": answering(bytes(32) + MAGIC),
    "an invalid instruction": "fe",
}


@pytest.mark.parametrize("lie", LIES)
def test_a_wallet_that_lies_is_not_believed(project: Registry, lie: str) -> None:
    wallet = deploy(project, LIES[lie])
    project.set_publisher(project.backend.accounts[1], NAME, wallet, FOR_EVER)
    signed = replace(right(project), signer=wallet)
    assert refusal(project, signed) == Refusal("InvalidSignature", (wallet, head_of(project)))


def test_a_signature_gives_no_rights(project: Registry) -> None:
    owner = project.backend.accounts[1]
    wallet = deploy(project, answering(MAGIC))
    for changed, refused in (
        ({"signer": STRANGER, "key": STRANGERS_KEY}, Refusal("NotPublisher", (STRANGER, 0))),
        ({"signer": wallet}, Refusal("NotPublisher", (wallet, 0))),
        ({"kind": 0x40}, Refusal("NotOwner", (SIGNER, owner))),
        ({"kind": 0x81}, Refusal("InvalidKind", (0x81,))),
        ({"payload": bytes(24_544)}, Refusal("PayloadTooLong", (24_544, 24_543))),
    ):
        assert refusal(project, replace(right(project), **changed)) == refused
    project.set_status(owner, NAME, 0x01)
    assert refusal(project, right(project)) == Refusal("ReleasesClosed", (0x01,))


def test_nothing_is_signed_for_an_unclaimed_name(project: Registry) -> None:
    signed = replace(right(project), name="free", head=bytes(32))
    assert refusal(project, signed) == Refusal("UnknownProject", ("free",))
