"""Transactions against a node in memory: what is signed and sent, and what is said when it cannot be."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from eth_account import Account
from eth_account.typed_transactions.typed_transaction import TypedTransaction
from hexbytes import HexBytes

from dipmp_lib.errors import (
    DipmpError,
    MalformedAnswer,
    RegistryNotFound,
    Reverted,
    RpcError,
    SignerError,
    TransactionError,
    WrongChain,
)
from dipmp_lib.keccak import keccak256
from dipmp_lib.model.names import ProjectName, RegistryAddress, checksum_address
from dipmp_lib.secret import Secret
from dipmp_lib.transactions import Call
from dipmp_lib.transactions.chain_writer import ChainWriter
from dipmp_lib.transactions.confirm import SendOptions, Waits
from dipmp_lib.transactions.signers import KeySigner, Signer
from tests.support.fakes.node import BASE_FEE, CHAIN_ID, GAS, REGISTRY, FakeNode

pytestmark = pytest.mark.slow

KEY = Secret(bytes.fromhex("4c0883a69102937d6231471b5dbb6204fe512961708279fe5b3d4b2e1f2a5c6d"))
SIGNER = KeySigner(KEY)
OTHER = KeySigner(Secret(bytes([7]) * 32))
ADDRESS = checksum_address(SIGNER.address)
DEMO = ProjectName("demo")
CLAIM = Call.claim(DEMO, SIGNER.address, b"\x00payload")
APPEND = Call.append(DEMO, 1, b"\x00second")


class Clock:
    """A clock that sleeping moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def time(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def make_writer(node: FakeNode, signer: Signer = SIGNER, chain_id: int | None = None, **options: Any) -> ChainWriter:  # noqa: ANN401
    clock = Clock()
    chosen = SendOptions(**{"clock": clock.time, "sleep": clock.sleep, **options})
    return ChainWriter(node, RegistryAddress(REGISTRY), signer, chain_id=chain_id, options=chosen)


def fields(raw: bytes) -> dict[str, Any]:
    return dict(TypedTransaction.from_bytes(HexBytes(raw)).as_dict())


def test_a_claim_with_a_release_is_one_transaction() -> None:
    node = FakeNode()
    receipt = make_writer(node).send(CLAIM)
    [raw] = node.sent
    sent = fields(raw)
    assert Account.recover_transaction(raw) == ADDRESS
    assert (sent["chainId"], sent["nonce"], sent["value"], bytes(sent["to"])) == (CHAIN_ID, 0, 0, REGISTRY)
    assert sent["gas"] == GAS * 6 // 5
    assert (sent["maxFeePerGas"], sent["maxPriorityFeePerGas"]) == (2 * BASE_FEE + 10**6, 10**6)
    assert receipt.transaction == keccak256(raw)
    assert (receipt.block, receipt.gas_used, receipt.cost) == (1, GAS - 10_000, (GAS - 10_000) * (BASE_FEE + 10**6))
    claim, release = node.model.entries("demo")
    assert (claim[1], release[1], release[33:]) == (0x80, 0x01, b"\x00payload")
    assert release[8:28] == SIGNER.address


def test_it_is_simulated_before_it_is_signed() -> None:
    node = FakeNode()
    make_writer(node).send(CLAIM)
    methods = node.methods()
    assert methods.index("eth_call") < methods.index("eth_estimateGas") < methods.index("eth_sendRawTransaction")


def test_nonces_follow_each_other_though_the_node_lags() -> None:
    node = FakeNode()
    node.answers["eth_getTransactionCount"] = "0x5"
    writer = make_writer(node)
    writer.send(CLAIM)
    writer.send(APPEND)
    assert [fields(raw)["nonce"] for raw in node.sent] == [5, 6]


def test_a_chain_without_base_fee_gets_a_legacy_transaction() -> None:
    node = FakeNode(legacy=True)
    receipt = make_writer(node).send(CLAIM)
    assert node.sent[0][0] >= 0xC0  # an RLP list, not an EIP-2718 envelope
    assert receipt.cost == receipt.gas_used * (BASE_FEE + 10**6)


def test_a_quote_simulates_what_can_be_and_prices_all() -> None:
    node = FakeNode()
    quote = make_writer(node).quote([CLAIM, APPEND])
    assert quote.gas == (GAS * 6 // 5, APPEND.rough_gas * 6 // 5)
    assert quote.cost == sum(quote.gas) * (2 * BASE_FEE + 10**6)
    assert quote.balance == 10**18
    assert node.sent == []


def test_a_quote_of_nothing_is_free() -> None:
    assert make_writer(FakeNode(balance=0)).quote([]).cost == 0


def test_a_key_without_funds() -> None:
    node = FakeNode(balance=10**13)
    acts: list[Callable[[ChainWriter], object]] = [
        lambda writer: writer.send(CLAIM),
        lambda writer: writer.quote([CLAIM]),
    ]
    for act in acts:
        with pytest.raises(TransactionError) as caught:
            act(make_writer(node))
        assert str(caught.value) == f"{ADDRESS} holds 0.00001 ETH, and this can cost up to 0.00036018 ETH"
        assert caught.value.hint == "send it 0.00035018 ETH on chain 1337"
    assert node.sent == []


def test_the_wrong_chain() -> None:
    with pytest.raises(WrongChain, match="the node serves chain 1337, not 8453"):
        make_writer(FakeNode(), chain_id=8453).send(CLAIM)


def test_no_contract_at_the_address() -> None:
    node = FakeNode()
    node.code.clear()
    with pytest.raises(RegistryNotFound, match=f"no contract at {checksum_address(REGISTRY)} on chain 1337"):
        make_writer(node).quote([CLAIM])


def test_permissions_are_read() -> None:
    node = FakeNode()
    node.model.claim(OTHER.address, node.time, "demo", OTHER.address, b"")
    node.model.set_publisher(OTHER.address, node.time, "demo", SIGNER.address, node.time + 99, 0)
    assert make_writer(node).publisher_until(DEMO) == node.time + 99
    assert make_writer(node).publisher_until(ProjectName("nobody")) == 0


def test_the_chain_time_is_read_though_extra_data_is_long() -> None:
    assert make_writer(FakeNode()).chain_time() == FakeNode().time


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (Call.claim(DEMO, SIGNER.address, b"\x00"), f"the name 'demo' is taken: it belongs to {ADDRESS}"),
        (Call.append(ProjectName("nobody"), 1, b"\x00"), "nobody has claimed the name 'nobody'"),
        (Call.claim(ProjectName("Bad--Name"), SIGNER.address, b"\x00"), "'Bad--Name' is not a project name"),
        (Call.append(DEMO, 1, bytes(24_544)), "an entry of 24544 bytes is longer than 24543"),
        (Call.append(DEMO, 0x80, b""), "entries of kind 0x80 are not appended by anybody"),
    ],
)
def test_refusals_of_the_contract_are_sentences(call: Call, text: str) -> None:
    node = FakeNode()
    node.model.claim(SIGNER.address, node.time, "demo", SIGNER.address, b"")
    with pytest.raises(TransactionError, match=f"the registry refuses the transaction: {text}"):
        make_writer(node).send(call)
    assert node.sent == []


def test_a_lapsed_permission_is_named() -> None:
    node = FakeNode()
    node.model.claim(OTHER.address, node.time, "demo", OTHER.address, b"")
    with pytest.raises(TransactionError, match="is neither the owner of the project nor its publisher"):
        make_writer(node).send(APPEND)
    node.model.set_publisher(OTHER.address, node.time, "demo", SIGNER.address, node.time + 9, 0)
    node.time += 10
    with pytest.raises(TransactionError, match="to publish the project ended at 2023-11-14 22:13 UTC"):
        make_writer(node).send(APPEND)


def test_a_transaction_that_never_comes() -> None:
    node, clock = FakeNode(), Clock()
    node.answers["eth_getTransactionReceipt"] = None
    with pytest.raises(TransactionError, match=r"0x[0-9a-f]{64} was sent, but not included within 60 s") as caught:
        make_writer(node, waits=Waits(patience=60), clock=clock.time, sleep=clock.sleep).send(CLAIM)
    assert 60 <= clock.now < 63
    assert "looks first at what is on chain" in caught.value.hint


def test_a_node_that_fails_while_waiting_is_asked_again() -> None:
    node = FakeNode()
    answers = iter([RpcError("busy"), None, MalformedAnswer("?")])

    def receipt(params: Sequence[Any]) -> object:
        for answer in answers:
            if isinstance(answer, DipmpError):
                raise answer
            return answer
        return node.receipts[params[0]]

    node.answers["eth_getTransactionReceipt"] = receipt
    assert make_writer(node).send(CLAIM).block == 1


def test_a_failed_transaction_says_so() -> None:
    node = FakeNode()
    node.answers["eth_getTransactionReceipt"] = lambda params: node.receipts[params[0]] | {"status": "0x0"}
    with pytest.raises(TransactionError, match=r"was included, and failed: .* is taken: it belongs to"):
        make_writer(node).send(CLAIM)


def test_an_answer_lost_on_the_way_is_not_sent_twice() -> None:
    """The endpoint passed the transaction on, and then its answer did not arrive."""
    node = FakeNode()

    def send(params: Sequence[Any]) -> object:
        del node.answers["eth_sendRawTransaction"]
        node.request("eth_sendRawTransaction", params)
        raise RpcError("the connection was closed")

    node.answers["eth_sendRawTransaction"] = send
    assert make_writer(node).send(CLAIM).block == 1
    assert len(node.sent) == 1


def test_a_transaction_that_no_node_knows_was_not_accepted() -> None:
    node = FakeNode()
    node.answers["eth_sendRawTransaction"] = RpcError("replacement transaction underpriced", code=-32000)
    with pytest.raises(TransactionError, match="was not accepted: replacement transaction underpriced"):
        make_writer(node).send(CLAIM)


def test_a_signer_that_signs_for_somebody_else() -> None:
    class Confused(KeySigner):
        address = OTHER.address

    node = FakeNode()
    with pytest.raises(SignerError, match="did not sign with the key of"):
        make_writer(node, signer=Confused(KEY)).send(Call.claim(DEMO, OTHER.address, b"\x00"))
    assert node.sent == []


HOSTILE: list[object] = [
    None,
    True,
    "",
    "0x",
    "0xzz",
    "text",
    -1,
    1.5,
    [],
    {},
    {"a": 1},
    "0x" + "f" * 65,
    "0x" + "f" * 5_000,
    [[]],
]


READ_BY_QUOTES = [
    "eth_chainId",
    "eth_getCode",
    "eth_getBalance",
    "eth_getBlockByNumber",
    "eth_gasPrice",
    "eth_maxPriorityFeePerGas",
    "eth_call",
    "eth_estimateGas",
]


def check(act: Callable[[], object]) -> None:
    """Run something that may go well or raise, but only what dipmp raises on purpose."""
    try:
        act()
    except DipmpError as error:
        assert len(str(error)) < 400  # noqa: PT017 - some answers are harmless to some calls


@pytest.mark.parametrize("method", READ_BY_QUOTES)
@pytest.mark.parametrize("answer", HOSTILE, ids=lambda answer: str(answer)[:12])
def test_no_answer_of_a_node_raises_anything_else(method: str, answer: object) -> None:
    node = FakeNode()
    node.answers[method] = answer
    writer = make_writer(node)
    for act in (lambda: writer.quote([CLAIM]), lambda: writer.publisher_until(DEMO), writer.chain_time):
        check(act)


@pytest.mark.parametrize(
    "method",
    ["eth_getTransactionCount", "eth_getTransactionReceipt", "eth_sendRawTransaction", "eth_getTransactionByHash"],
)
@pytest.mark.parametrize("answer", HOSTILE[:-4:2], ids=lambda answer: str(answer)[:12])
def test_nor_does_one_while_sending(method: str, answer: object) -> None:
    node = FakeNode()
    if method == "eth_getTransactionByHash":
        node.answers["eth_sendRawTransaction"] = RpcError("lost")
    node.answers[method] = answer
    check(lambda: make_writer(node, waits=Waits(patience=5)).send(CLAIM))


@pytest.mark.parametrize("field", ["gasUsed", "effectiveGasPrice", "blockNumber", "status"])
@pytest.mark.parametrize("value", [None, "x", [], "0x", {}])
def test_hostile_receipts(field: str, value: object) -> None:
    node = FakeNode()
    node.answers["eth_getTransactionReceipt"] = lambda params: node.receipts[params[0]] | {field: value}
    with pytest.raises((MalformedAnswer, TransactionError)):
        make_writer(node, waits=Waits(patience=5)).send(CLAIM)


def test_ccip_read_is_off() -> None:
    """An OffchainLookup revert (EIP-3668) is an error like any other: nobody fetches the URL in it."""
    node = FakeNode()
    node.answers["eth_call"] = Reverted("reverted", code=3, data="0x556f1830" + "00" * 160)
    with pytest.raises(TransactionError, match="0x556f1830"):
        make_writer(node).send(CLAIM)
    with pytest.raises(Reverted):
        make_writer(node).publisher_until(DEMO)
