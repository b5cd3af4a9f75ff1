"""Settings of `dipmp publish`: flags over environment, lists, and every mistake at once."""

import pytest

from dipmp_cli.settings.settings import Flags, PublishSettings, read_publish_settings
from dipmp_lib.errors import InvalidAddress, InvalidSettings

REGISTRY = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
FULL = {
    "DIPMP_REGISTRY": REGISTRY,
    "ETH_GATEWAY": "https://one.example/key-1, http://two.example ,",
    "IPFS_GATEWAY": "https://ipfs.example/ipfs,https://other.example/",
    "DIPMP_PINNER": "kubo:http://127.0.0.1:5001",
    "DIPMP_SIGNER": "keystore:work",
}


def problems(flags: Flags, environment: dict[str, str]) -> tuple[str, ...]:
    with pytest.raises(InvalidSettings) as caught:
        read_publish_settings(flags, environment)
    return caught.value.problems


def test_everything_from_the_environment() -> None:
    settings = read_publish_settings(Flags(), FULL)
    assert str(settings.chain.registry) == REGISTRY
    assert settings.chain.rpc_urls == ("https://one.example/key-1", "http://two.example")
    assert settings.storage.gateways == ("https://ipfs.example/ipfs", "https://other.example/ipfs")
    assert [pinner.name for pinner in settings.storage.pinners] == ["kubo:http://127.0.0.1:5001"]
    assert (settings.chain.signer, settings.chain.chain_id, settings.index_url) == ("keystore:work", None, "")


def test_flags_win() -> None:
    flags = Flags(
        registry="base:" + REGISTRY.lower(),
        rpc=["http://flag.example", "http://more.example,http://third.example"],
        gateway=["http://gateway.example"],
        pinner=["kubo:http://127.0.0.1:1", "kubo:http://127.0.0.1:2"],
        signer="env:KEY",
        index_url="https://index.example/simple/x/",
    )
    settings = read_publish_settings(flags, FULL | {"DIPMP_CHAIN_ID": "1"})
    assert str(settings.chain.registry) == f"base:{REGISTRY}"
    assert settings.chain.rpc_urls == ("http://flag.example", "http://more.example", "http://third.example")
    assert settings.storage.gateways == ("http://gateway.example/ipfs",)
    assert len(settings.storage.pinners) == 2
    # DIPMP_CHAIN_ID is the default chain's; a short name says its own.
    assert (settings.chain.signer, settings.chain.chain_id, settings.index_url) == (
        "env:KEY",
        8453,
        "https://index.example/simple/x/",
    )


@pytest.mark.parametrize(("name", "variable"), [("base", "DIPMP_RPC_BASE"), ("arb-nova", "DIPMP_RPC_ARB_NOVA")])
def test_a_chain_has_its_own_variable(name: str, variable: str) -> None:
    flags = Flags(registry=f"{name}:{REGISTRY}")
    assert read_publish_settings(flags, FULL | {variable: "http://own.example"}).chain.rpc_urls == (
        "http://own.example",
    )
    assert problems(flags, FULL)[0].startswith(f"{variable} (or --rpc) is missing")


@pytest.mark.parametrize("text", ["0", "x", "-1", "1.5", "1" * 30])
def test_chain_ids(text: str) -> None:
    assert "not a chain id" in problems(Flags(chain_id=text), FULL)[0]


def test_a_chain_id_that_contradicts_the_short_name() -> None:
    flags = Flags(registry=f"base:{REGISTRY}", rpc=["http://x.example"], chain_id="1")
    assert problems(flags, FULL) == ("--chain-id 1 is not the chain 'base' of the registry, which is 8453",)


def test_an_unknown_short_name() -> None:
    flags = Flags(registry=f"nowhere:{REGISTRY}", rpc=["http://x.example"])
    assert problems(flags, FULL) == ("'nowhere' is not the short name of a known chain (EIP-3770)",)


def test_one_mistake_keeps_its_own_error_and_hint() -> None:
    with pytest.raises(InvalidAddress) as caught:
        read_publish_settings(Flags(registry="0x12"), FULL)
    assert caught.value.hint


def test_every_mistake_at_once_and_no_secret_among_them() -> None:
    bad = {
        "DIPMP_REGISTRY": "nonsense",
        "ETH_GATEWAY": "ftp://user:token-1@host/token-2",
        "IPFS_GATEWAY": "token-3",
        "DIPMP_PINNER": "pinata:token-4,kubo:token-5",
        "DIPMP_CHAIN_ID": "none",
        "DIPMP_INDEX_URL": "token-6",
    }
    found = problems(Flags(), bad)
    assert len(found) == 8
    assert "token" not in " ".join(found)


def test_settings_show_no_url() -> None:
    settings: PublishSettings = read_publish_settings(Flags(), FULL)
    assert "key-1" not in repr(settings)
    assert "keystore:work" not in repr(settings)


@pytest.mark.parametrize(("given", "count", "pins"), [("", 1, 1), ("", 2, 2), ("", 3, 2), ("1", 3, 1), ("3", 3, 3)])
def test_two_pinners_have_to_keep_everything_where_there_are_two(given: str, count: int, pins: int) -> None:
    pinners = ",".join(f"kubo:http://127.0.0.1:{port}" for port in range(1, count + 1))
    environment = FULL | {"DIPMP_PINNER": pinners, "DIPMP_PINS": given}
    assert read_publish_settings(Flags(), environment).pins == pins
    assert read_publish_settings(Flags(pins="1"), environment).pins == 1


@pytest.mark.parametrize("given", ["0", "3", "-1", "two", "1.5", "\u0662", "9" * 5000])
def test_as_many_pinners_as_there_are(given: str) -> None:
    environment = FULL | {"DIPMP_PINNER": "kubo:http://127.0.0.1:1,kubo:http://127.0.0.1:2"}
    [problem] = problems(Flags(pins=given), environment)
    assert problem.startswith("--pins is")
    assert "a number from 1 to the 2 pinners" in problem


def test_a_pinner_that_is_given_twice() -> None:
    [problem] = problems(Flags(pinner=["kubo:http://127.0.0.1:1", "kubo:http://127.0.0.1:1/"]), FULL)
    assert "is given twice" in problem


def test_variables_whose_names_the_user_chose_for_secrets_are_known(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("MY_JWT", "MY_TOKEN"):
        monkeypatch.setenv(name, "token")
    pinners = "pinata:MY_JWT,psa:https://pins.example#MY_TOKEN,kubo:http://127.0.0.1:5001"
    settings = read_publish_settings(Flags(), FULL | {"DIPMP_PINNER": pinners, "DIPMP_SIGNER": "env:MY_KEY"})
    assert settings.hidden == {"MY_JWT", "MY_TOKEN", "MY_KEY"}
    assert read_publish_settings(Flags(), FULL).hidden == frozenset()
