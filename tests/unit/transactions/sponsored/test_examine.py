"""Requests before they are paid for: whose they are, whether they still fit, and what readers would make of them."""

from typing import Any

import pytest

from dipmp_lib.errors import PublishError, WrongChain
from dipmp_lib.log.entries import RELEASE, STATUS, YANK, Release
from dipmp_lib.log.log import Log, Slot
from dipmp_lib.model.names import RegistryAddress
from dipmp_lib.transactions.sponsored import SignedAppend, UnsignedAppend, examine
from dipmp_lib.transactions.sponsored.examine import check_origin
from tests.support.faulty.evil_signers import HONEST
from tests.support.files.logs import DAY, ProjectLog, release_payload, yank_payload

CHAIN = 8453
REGISTRY = RegistryAddress(bytes.fromhex("5aaeb6053f3e94c9b9a09f33669435e7ef1beaed"))
PAYLOAD = release_payload(["demo-1.0.tar.gz"], ">=3.8")


def project() -> ProjectLog:
    return ProjectLog("demo", owner=HONEST.address)


def log_of(entries: ProjectLog) -> Log:
    slot = Slot(owner=HONEST.address, count=len(entries.blobs), last=entries.nonce - 1, status=0, epoch=0)
    return Log(entries.name, slot, entries.head(CHAIN, REGISTRY.address), tuple(entries.blobs))


def request(entries: ProjectLog, **changes: Any) -> SignedAppend:  # noqa: ANN401
    facts: dict[str, Any] = {
        "chain_id": CHAIN,
        "registry": REGISTRY.address,
        "project": entries.name,
        "kind": RELEASE,
        "payload": PAYLOAD,
        "signer": HONEST.address,
        "head": entries.head(CHAIN, REGISTRY.address),
        "deadline": entries.time + DAY,
    }
    made = UnsignedAppend(**facts | changes)
    return made.signed(HONEST.sign_typed_data(made.typed_data))


def refusal(asked: SignedAppend, entries: ProjectLog, now: int | None = None) -> str:
    with pytest.raises(PublishError) as caught:
        examine(asked, CHAIN, REGISTRY, log_of(entries), entries.time if now is None else now)
    return str(caught.value)


def test_a_request_that_fits_is_returned_with_its_entry() -> None:
    entries = project()
    asked = request(entries)
    found = examine(asked, CHAIN, REGISTRY, log_of(entries), asked.deadline)
    assert found.request is asked
    assert isinstance(found.entry, Release)
    assert (found.entry.requires_python, [file.filename for file in found.entry.files]) == (
        ">=3.8",
        ["demo-1.0.tar.gz"],
    )


def test_a_request_is_for_one_chain_and_registry() -> None:
    entries = project()
    with pytest.raises(WrongChain, match="for chain 1, and the node serves chain 8453"):
        check_origin(request(entries, chain_id=1), CHAIN, REGISTRY)
    with pytest.raises(PublishError, match="for the registry 0x0000000000000000000000000000000000000000, not 0x5aAeb"):
        check_origin(request(entries, registry=bytes(20)), CHAIN, REGISTRY)
    check_origin(request(entries), CHAIN, REGISTRY)


@pytest.mark.parametrize(
    "changes", [{"payload": PAYLOAD + b"x"}, {"deadline": 9}, {"kind": 2}, {"signer": bytes(20)}, {"head": bytes(32)}]
)
def test_nothing_in_a_request_can_be_changed(changes: dict[str, Any]) -> None:
    entries = project()
    whole = request(entries)
    own = {name: getattr(whole, name) for name in UnsignedAppend.__dataclass_fields__}
    changed = SignedAppend(**own | changes, signature=whole.signature)
    assert refusal(changed, entries, now=0).startswith("the request is not what its signer signed: ")


def test_an_expired_request() -> None:
    entries = project()
    asked = request(entries)
    assert refusal(asked, entries, asked.deadline + 1).endswith(" has expired")


def test_a_used_request_names_its_entry() -> None:
    entries = project()
    asked = request(entries)
    entries.append(RELEASE, PAYLOAD, actor=HONEST.address)
    entries.status(1, "old")
    assert refusal(asked, entries) == "the request was used already: it is entry 1 of demo"


def test_an_overtaken_request_names_the_entry_before_it() -> None:
    entries = project()
    asked = request(entries)
    entries.release("demo-0.9.tar.gz", actor=HONEST.address)
    assert refusal(asked, entries) == "the request came too late: demo has had an entry 1 since it was signed"


def test_a_request_on_a_history_of_another_log() -> None:
    entries = project()
    assert "continues a history that demo does not have" in refusal(request(entries, head=bytes(32)), entries)


@pytest.mark.parametrize(
    ("kind", "payload", "reason"), [(STATUS, b"\x00", "its kind is 0x"), (RELEASE, b"nonsense", "is none that this")]
)
def test_entries_that_cannot_be_shown(kind: int, payload: bytes, reason: str) -> None:
    entries = project()
    assert reason in refusal(request(entries, kind=kind, payload=payload), entries)


def test_entries_that_readers_would_ignore() -> None:
    entries = project()
    entries.release("demo-1.0.tar.gz", actor=HONEST.address)
    again = request(entries, payload=release_payload(["demo-1.0.tar.gz", "demo-1.0-py3-none-any.whl"]))
    assert refusal(again, entries).startswith("readers would ignore demo-1.0.tar.gz of the request: ")
    missing = request(entries, kind=YANK, payload=yank_payload(["demo-7.0.tar.gz"]))
    assert refusal(missing, entries).startswith("readers would ignore demo-7.0.tar.gz of the request: ")
