"""A server's variables: URLs and parameters, chains, registries and numbers."""

import pytest

from dipmp_lib.aws.parameters import ParameterName
from dipmp_lib.model.names import RegistryAddress
from dipmp_lib.server.environment import EnvReader

A, B = "https://a.example/key", "https://b.example"
ADDRESS = RegistryAddress(b"\x11" * 20)


def noted(reader: EnvReader) -> list[str]:
    return [str(error) for error in reader.errors]


def test_endpoints_are_urls_and_parameters_by_chain() -> None:
    reader = EnvReader({"ETH_GATEWAY": f"{A}, ssm:/dipmp/key", "DIPMP_RPC_ARB_SEP": B, "DIPMP_RPC_base": "ssm:/base"})
    assert reader.chains() == {
        "": (A, ParameterName("/dipmp/key")),
        "arb-sep": (B,),
        "base": (ParameterName("/base"),),
    }
    assert noted(reader) == []


def test_without_any_endpoint_there_is_nothing_to_read() -> None:
    reader = EnvReader({})
    assert reader.chains() == {}
    [problem] = noted(reader)
    assert problem.startswith("ETH_GATEWAY is not set: a comma-separated list of URLs, the JSON-RPC endpoints")


def test_a_chain_of_its_own_name_needs_no_default() -> None:
    reader = EnvReader({"DIPMP_RPC_BASE": B})
    assert (set(reader.chains()), noted(reader)) == ({"base"}, [])


def test_a_parameter_s_name_is_checked() -> None:
    reader = EnvReader({"ETH_GATEWAY": "ssm:no-slash"})
    reader.endpoints("ETH_GATEWAY")
    [problem] = noted(reader)
    assert problem.startswith("ETH_GATEWAY: 'ssm:no-slash' is not ssm:/NAME")


def test_what_clients_are_sent_to_is_no_parameter() -> None:
    reader = EnvReader({"IPFS_GATEWAY": f"{A},ssm:/gateway"})
    reader.urls("IPFS_GATEWAY")
    assert noted(reader) == ["IPFS_GATEWAY: clients are sent there, so URL number 2 is no secret; write it out"]


def test_a_single_url_ends_without_a_slash() -> None:
    reader = EnvReader({"HOST_URL": "https://h/prefix//", "BAD": "h"})
    assert (reader.url("HOST_URL"), reader.url("NONE"), noted(reader)) == ("https://h/prefix", "", [])
    assert reader.url("BAD") == ""
    assert noted(reader) == ["BAD: URL number 1 does not begin with http:// or https:// and a host"]


def test_registries_come_once_each_in_their_order() -> None:
    reader = EnvReader({"DIPMP_PINNED": f"base:{ADDRESS}, {ADDRESS}, {str(ADDRESS).lower()}, 0x12"})
    assert reader.registries("DIPMP_PINNED") == (RegistryAddress(ADDRESS.address, "base"), ADDRESS)
    assert [problem.partition(",")[0] for problem in noted(reader)] == [
        "DIPMP_PINNED: '0x12' is not a registry address"
    ]


def test_a_chain_id_is_a_number_or_not_set() -> None:
    reader = EnvReader({"A": "8453", "B": "base"})
    assert [reader.chain_id(name) for name in ("A", "B", "C")] == [8453, None, None]
    assert noted(reader) == ["B is 'base', not a chain id: a whole number above 0, such as 8453"]


@pytest.mark.parametrize(("text", "seconds"), [("0", 0.0), ("0.5", 0.5), ("3600", 3600.0), ("", 2.0), ("  ", 2.0)])
def test_seconds_up_to_an_hour(text: str, seconds: float) -> None:
    reader = EnvReader({"A": text})
    assert (reader.seconds("A", 2.0), noted(reader)) == (seconds, [])


@pytest.mark.parametrize("text", ["-1", "1e3", "nan", "3600.1", "x", "1.1234567"])
def test_what_is_no_time_is_noted_and_the_default_taken(text: str) -> None:
    reader = EnvReader({"A": text})
    assert reader.seconds("A", 2.0) == 2.0
    assert noted(reader) == [f"A is {text!r}, not a number of seconds from 0 to 3600"]


def test_a_name_matches_its_pattern() -> None:
    reader = EnvReader({"A": "abc", "B": "a b"})
    assert [reader.name(name, "[a-z]+", "the name of a table") for name in ("A", "B", "C")] == ["abc", "", ""]
    assert noted(reader) == ["B is 'a b', not the name of a table"]
