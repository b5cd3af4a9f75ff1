"""`dipmp project claim` and `dipmp project owner`."""

import pytest

from dipmp_lib.model.names import checksum_address
from tests.support.systems.commands import ME, OTHER, CommandBench


def test_claims_of_a_curated_registry(bench: CommandBench) -> None:
    bench.node.model.mode = 1
    owner = checksum_address(bench.node.model.registry_owner)
    ran = bench("project", "claim", "demo", "--yes")
    assert ran.error == (
        "the registry refuses the transaction: "
        f"names in this registry are claimed by its owner {owner} alone, because it is curated"
    )


def test_handing_a_project_on(bench: CommandBench) -> None:
    bench.claim()
    assert bench("project", "owner", "offer", "demo", OTHER, "--yes").code == 0
    assert bench.json("project", "show", "demo")["offered_to"] == OTHER
    assert f"offered     to {OTHER}\n" in bench("project", "show", "demo").out
    assert bench("project", "owner", "withdraw", "demo", "--yes").code == 0
    assert bench.json("project", "show", "demo")["offered_to"] is None


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("claim", "bad--"), "'bad--' is not a project name"),
        (("claim", "demo"), f"the name 'demo' is taken: it belongs to {ME}"),
        (("claim", "dem0"), "the name 'dem0' is easily mistaken for 'demo', which is taken"),
        (("claim", "free", "--owner", "me"), "'me' is not an address"),
        (("owner", "offer", "demo", "0x12"), "'0x12' is not an address"),
    ],
)
def test_bad_input_is_one_sentence(bench: CommandBench, arguments: tuple[str, ...], sentence: str) -> None:
    bench.claim()
    ran = bench("project", *arguments, "--yes")
    assert ran.code == 1
    assert sentence in ran.error
    assert not bench.node.sent


def test_the_name_is_normalised_and_the_owner_is_who_is_given(bench: CommandBench) -> None:
    document = bench.json("project", "claim", "Zope.Interface", "--owner", OTHER.lower(), "--yes")
    assert (document["project"], document["owner"]) == ("zope-interface", OTHER)
    assert bench.json("project", "show", "zope_interface")["owner"] == OTHER
