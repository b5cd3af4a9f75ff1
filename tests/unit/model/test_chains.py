"""Chain ids by short name, and explorers."""

import re

import pytest

from dipmp_lib.errors import InvalidAddress
from dipmp_lib.model.chains import CHAIN_IDS, ChainIds, explorer_url
from dipmp_lib.model.names import RegistryAddress, parse_registry

ADDRESS = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"


def test_every_short_name_can_stand_before_an_address_and_means_one_chain() -> None:
    for name, chain_id in CHAIN_IDS.items():
        assert parse_registry(f"{name}:{ADDRESS}").chain == name
        assert chain_id > 0
    assert len(set(CHAIN_IDS.values())) == len(CHAIN_IDS)


def test_the_id_is_that_of_the_short_name_or_the_default() -> None:
    plain, base, unknown = (RegistryAddress(bytes(20), chain) for chain in ("", "base", "nochain"))
    ids = ChainIds(7)
    assert (ids.of(plain), ids.of(base)) == (7, 8453)
    assert (ids.find(plain), ids.find(base), ids.find(unknown)) == (7, 8453, None)
    assert (ChainIds(None).find(plain), ChainIds(None).of(base)) == (None, 8453)


@pytest.mark.parametrize("chain", ["", "nochain"])
def test_a_chain_without_an_id_is_an_error_that_names_the_setting(chain: str) -> None:
    with pytest.raises(InvalidAddress, match="has no id here") as caught:
        ChainIds(None).of(RegistryAddress(bytes(20), chain))
    assert caught.value.hint == "set DIPMP_CHAIN_ID"


def test_explorers() -> None:
    assert explorer_url(8453, ADDRESS) == f"https://basescan.org/address/{ADDRESS}"
    assert [explorer_url(chain_id, ADDRESS) for chain_id in (None, 0, 31337)] == [""] * 3
    for chain_id in CHAIN_IDS.values():
        url = explorer_url(chain_id, ADDRESS)
        assert not url or re.fullmatch(rf"https://[a-z.-]+/address/{ADDRESS}", url)
