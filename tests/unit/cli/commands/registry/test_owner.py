"""`dipmp registry owner`."""

from tests.support.systems.commands import ME, MINE, OTHER, CommandBench


def test_handing_a_registry_on(bench: CommandBench) -> None:
    bench.node.model.logs[bytes(32)].owner = MINE
    assert bench("registry", "owner", "offer", OTHER, "--yes").code == 0
    document = bench.json("registry", "show")
    assert (document["owner"], document["offered_to"], document["entries"]) == (ME, OTHER, 1)
    assert bench("registry", "owner", "withdraw", "--yes").code == 0
    assert bench.json("registry", "show")["offered_to"] is None
