"""Calls of the contracts as values: functions, arguments in order, and estimated gas."""

import pytest

from dipmp_lib.ethereum.abi import DEPLOYER, factory_address, factory_call_data, package_index
from dipmp_lib.ethereum.create2 import StockArgs
from dipmp_lib.model.names import ProjectName
from dipmp_lib.transactions import NOBODY, Call

DEMO = ProjectName("demo")
OWNER = bytes(range(20))
CALLS = [
    Call.claim(DEMO, OWNER, b"\x00"),
    Call.append(DEMO, 1, b"\x00"),
    Call.append_with_sig(DEMO, 1, b"\x00", OWNER, 7, bytes(65)),
    Call.yank(DEMO, b"\x00"),
    Call.set_publisher(DEMO, OWNER, 9),
    Call.offer_project(DEMO, NOBODY),
    Call.accept_project(DEMO),
    Call.set_status(DEMO, 1, "old"),
    Call.quarantine(DEMO, "bad", on=True),
    Call.offer_registry(OWNER),
    Call.accept_registry(),
    Call.resign_guardian(),
]
FUNCTIONS = {
    item["name"]: [each["type"] for each in item["inputs"]]
    for item in package_index().abi
    if item["type"] == "function"
}
PYTHON = {"string": str, "bytes": bytes, "address": bytes, "bool": bool}


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.function)
def test_every_call_has_the_arguments_of_the_contracts_function(call: Call) -> None:
    types = FUNCTIONS[call.function]
    assert len(call.arguments) == len(types)
    for argument, kind in zip(call.arguments, types, strict=True):
        assert isinstance(argument, PYTHON.get(kind, int)), kind
        assert kind != "address" or len(argument) == 20  # type: ignore[arg-type]


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.function)
def test_a_call_names_the_log_that_it_appends_to(call: Call) -> None:
    assert call.project == ("" if "egistry" in call.function or call.function == "resignGuardian" else DEMO)
    assert (call.to, call.data) == (b"", b"")


def test_calls_of_other_contracts_have_their_data() -> None:
    deploy, create = Call.deploy_factory(), Call.create_registry(StockArgs(owner=OWNER))
    assert (deploy.to, deploy.data) == (DEPLOYER, factory_call_data())
    assert create.to == factory_address()
    assert OWNER in create.data


def test_gas_grows_with_the_payload() -> None:
    empty, full = Call.append(DEMO, 1, b""), Call.append(DEMO, 1, bytes(1_000))
    assert full.rough_gas - empty.rough_gas == 235_000
    assert Call.claim(DEMO, OWNER, b"").rough_gas > empty.rough_gas
    assert Call.accept_project(DEMO).rough_gas == Call.resign_guardian().rough_gas
