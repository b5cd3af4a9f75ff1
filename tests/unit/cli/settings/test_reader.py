"""Flags over layers of settings: which value is taken, and what messages say of one that cannot be used."""

import pytest

from dipmp_cli.settings.config_file import parse_config
from dipmp_cli.settings.layers import Layers, from_environment
from dipmp_cli.settings.reader import NOWHERE, SettingsReader
from dipmp_lib.errors import InvalidAddress
from dipmp_lib.model.names import RegistryAddress

ADDRESS = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
HERE = RegistryAddress(bytes.fromhex(ADDRESS[2:]))
WORK = {"registries": {"work": {"address": f"base:{ADDRESS}", "rpc": ["https://work.example"]}}}


def reader(environment: dict[str, str] | None = None, *, refused: str = "") -> SettingsReader:
    """A reader of an environment and a configuration file that names one registry."""
    config = parse_config(WORK, "config.toml")
    return SettingsReader(Layers([from_environment(environment or {}), {}, config.values], config, refused=refused))


def noted(found: SettingsReader) -> list[str]:
    return [str(error) for error in found.errors]


def test_a_flag_comes_before_the_variable_even_where_it_is_empty() -> None:
    found = reader({"DIPMP_SIGNER": "keystore:a"})
    assert found.text(" env:B ", "DIPMP_SIGNER") == "env:B"
    assert found.text("", "DIPMP_SIGNER") == ""
    assert found.text(None, "DIPMP_SIGNER") == "keystore:a"


def test_items_of_flags_replace_those_of_the_variable() -> None:
    found = reader({"IPFS_GATEWAY": "https://a, https://b"})
    assert found.items([], "IPFS_GATEWAY") == ["https://a", "https://b"]
    assert found.items(["https://c,https://d", " https://e "], "IPFS_GATEWAY") == [
        "https://c",
        "https://d",
        "https://e",
    ]


def test_what_is_required_and_missing_is_noted_with_its_variable_and_its_flag() -> None:
    found = reader()
    assert found.required(None, "--signer", "DIPMP_SIGNER", "the key") == ""
    assert noted(found) == ["DIPMP_SIGNER (or --signer) is missing: the key"]


def test_problems_of_the_layers_are_the_first() -> None:
    found = SettingsReader(Layers([{}], parse_config({}, "config.toml"), problems=["the file cannot be read"]))
    found.problem("another")
    assert noted(found) == ["the file cannot be read", "another"]


def test_a_registry_is_an_address_or_a_name_that_brings_its_settings() -> None:
    found = reader({"DIPMP_REGISTRY": ADDRESS})
    assert found.registry(None) == HERE
    assert found.registry("work") == RegistryAddress(HERE.address, "base")
    assert found.rpc_urls([], "base") == ("https://work.example",)
    assert noted(found) == []


def test_without_a_registry_nowhere_stands_for_it() -> None:
    found = reader()
    assert found.registry(None) == NOWHERE
    assert noted(found) == ["DIPMP_REGISTRY (or --registry) is missing: the registry's address, 0x… or base:0x…"]


def test_a_mistyped_registry_is_said_with_its_origin_and_the_known_names() -> None:
    found = reader()
    assert found.registry("wrok") == NOWHERE
    [problem] = noted(found)
    assert problem.startswith("'wrok' is not a registry address")
    assert problem.endswith(", nor one of your registries: work (--registry)")
    with pytest.raises(InvalidAddress):
        found.check()


def test_a_refused_registry_is_taken_from_a_flag_or_a_variable_alone() -> None:
    assert noted(refusing := reader(refused="a repository may not choose it")) == []
    assert refusing.registry(None) == NOWHERE
    assert noted(refusing) == ["a repository may not choose it"]
    assert reader(refused="no").registry(ADDRESS) == HERE
    assert reader({"DIPMP_REGISTRY": ADDRESS}, refused="no").registry(None) == HERE


def test_a_url_that_is_none_is_counted_and_not_shown() -> None:
    found = reader({"ETH_GATEWAY": "https://a.example,secret"})
    assert found.rpc_urls([], "") == ("https://a.example",)
    assert noted(found) == ["URL 2 of the variable ETH_GATEWAY is not an http or https URL"]
    assert found.rpc_urls(["secret"], "") == ()
    assert noted(found)[1:] == ["URL 1 of --rpc is not an http or https URL"]


@pytest.mark.parametrize(
    ("flag", "chain", "expected", "problems"),
    [
        (None, "", 5, []),
        (None, "base", 8453, []),
        ("8453", "base", 8453, []),
        ("1", "base", 1, ["--chain-id 1 is not the chain 'base' of the registry, which is 8453"]),
        ("x", "base", 8453, ["--chain-id is 'x', not a chain id such as 8453"]),
        (None, "none", None, ["'none' is not the short name of a known chain (EIP-3770)"]),
    ],
)
def test_a_chain_id_is_that_of_the_chain_or_the_given_one(
    flag: str | None, chain: str, expected: int | None, problems: list[str]
) -> None:
    found = reader({"DIPMP_CHAIN_ID": "5"})
    assert found.chain_id(flag, chain) == expected
    assert noted(found) == problems


def test_an_index_url_follows_from_the_host() -> None:
    assert reader().index_url(None, HERE) == ""
    assert reader({"HOST_URL": "https://h.example/"}).index_url(None, HERE) == f"https://h.example/simple/{ADDRESS}/"
    found = reader({"HOST_URL": "https://h.example"})
    assert found.index_url("https://i.example/simple/", HERE) == "https://i.example/simple/"
    assert found.index_url("secret", HERE) == ""
    assert noted(found) == ["the index URL (--index-url) is not an http or https URL"]
