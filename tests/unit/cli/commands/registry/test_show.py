"""`dipmp registry show`."""

from dipmp_lib.model.names import checksum_address
from tests.support.fakes.node import REGISTRY
from tests.support.systems.commands import ME, MINE, OTHER, CommandBench


def test_a_registry_that_is_not_stock_is_told(bench: CommandBench) -> None:
    bench.claim()
    lines = bench("registry", "show").out.splitlines()
    assert lines[0] == f"registry  {checksum_address(REGISTRY)}: NOT STOCK, so what follows proves nothing"
    assert lines[1] == "why       its code is not that of dipmp's registries"
    assert "projects  1 in 1 entry" in lines
    document = bench.json("registry", "show")
    assert (document["stock"], document["mode"], document["projects"]) == (False, "open", 1)


def test_owner_offer_and_entries_that_cannot_be_read(bench: CommandBench) -> None:
    bench.node.model.logs[bytes(32)].owner = MINE
    assert bench("registry", "owner", "offer", OTHER, "--yes").code == 0
    out = bench("registry", "show").out
    assert f"owner     {ME}" in out
    assert f"offered   to {OTHER}" in out
    assert "mode      open: anybody may claim names" in out


def test_a_curated_registry(bench: CommandBench) -> None:
    bench.node.model.mode = 1
    assert "mode      curated: only its owner may claim names" in bench("registry", "show").out
    assert bench.json("registry", "show")["mode"] == "curated"
