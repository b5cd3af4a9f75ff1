"""The prototype's configuration file."""

import pytest

from dipmp_cli.settings.seed_config import parse
from tests.support.files.config import KEY, ONE, SEED, Place


def test_the_prototypes_file_as_it_is(place: Place) -> None:
    place.config(SEED)
    layers = place.layers()
    assert not layers.problems
    assert layers["DIPMP_REGISTRY"] == ONE
    assert layers["ETH_GATEWAY"] == "https://rpc.example/v3/token-1"
    assert layers["DIPMP_PINNER"] == "pinata-legacy:"
    [warning] = layers.warnings
    assert "dipmp account import" in warning
    assert layers.secrets[layers["DIPMP_SIGNER"].removeprefix("env:")] == KEY
    assert sorted(layers.secrets.values()) == sorted([KEY, "canary-pin-key", "canary-pin-secret"])
    shown = " ".join([repr(layers), repr(layers.secrets), str(layers.secrets), warning, repr(dict(layers))])
    assert KEY not in shown
    assert "canary" not in shown


def test_the_prototypes_template_with_nothing_filled_in(place: Place) -> None:
    place.config(
        '[chain]\naddress = ""\nprivate_key = ""\ngateway = ""\naccount = ""\n[ipfs]\nurl=""\nkey=""\nsecret=""'
    )
    assert not place.layers().problems
    assert not place.layers().warnings


def test_a_url_alone_is_a_kubo_endpoint(place: Place) -> None:
    place.config('[ipfs]\nurl = "http://127.0.0.1:5001"\n')
    assert place.layers()["DIPMP_PINNER"] == "kubo:http://127.0.0.1:5001"


def test_new_keys_win_over_the_prototypes(place: Place) -> None:
    place.config(f'signer = "keystore:new"\n{SEED}')
    assert place.layers()["DIPMP_SIGNER"] == "keystore:new"


@pytest.mark.parametrize(
    ("chain", "ipfs", "problem"),
    [
        ({"private_key": "canary"}, {}, "private_key in [chain] of the file is not a private key"),
        ({"account": "canary"}, {}, "account in [chain] of the file is not an address"),
        ({}, {"key": "canary"}, "key in [ipfs] of the file is not enough"),
        ({}, {"secret": "canary"}, "secret in [ipfs] of the file is not enough"),
        ({"gateway": 7}, {}, "gateway in [chain] of the file is not a text or a list of texts"),
    ],
)
def test_mistakes_name_the_key_and_never_the_value(
    chain: dict[str, object], ipfs: dict[str, object], problem: str
) -> None:
    problems: list[str] = []
    config = parse(chain, ipfs, "the file", problems)
    [found] = problems
    assert found.startswith(problem)
    assert "canary" not in found + repr(config)
    assert (dict(config.secrets), config.account) == ({}, "")
