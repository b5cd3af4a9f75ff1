"""`dipmp project publishers` from its arguments to what it prints."""

import pytest

from tests.support.systems.commands import ME, MINE, OTHER, CommandBench


def test_publishers(bench: CommandBench) -> None:
    bench.claim()
    now = bench.node.time
    added = bench.json("project", "publishers", "add", "demo", OTHER, "--until", "2d", "--yes")
    assert (added["account"], added["until"] - now - 2 * 86_400) == (OTHER, pytest.approx(0, abs=5))
    ran = bench("project", "publishers", "list", "demo")
    assert ran.out.startswith(f"{OTHER} active until ")
    ran = bench("project", "publishers", "revoke", "demo", OTHER, "--compromised-since", "1h", "--yes")
    assert ran.code == 0, ran.err
    assert "it released 0 files, which are withdrawn for ever" in ran.err
    [listed] = bench.json("project", "publishers", "list", "demo")["publishers"]
    assert (listed["state"], listed["until"], listed["entry"]) == ("revoked", None, 2)
    assert now - listed["compromised_since"] == pytest.approx(3_600, abs=30)


def test_a_project_without_publishers(bench: CommandBench) -> None:
    bench.claim()
    ran = bench("project", "publishers", "list", "demo")
    assert (ran.out, ran.err) == ("", "demo has no publishers besides its owner\n")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("add", "demo", "me"), "'me' is not an address"),
        (("add", "demo", OTHER, "--until", "soon"), "'soon' is not a time"),
        (
            ("add", "demo", OTHER, "--until", "1960-01-01"),
            "which a registry cannot store",
        ),
        (("add", "demo", ME), f"{ME} owns the project, and so may publish already"),
        (("add", "demo", OTHER, "--until", "2001-01-01"), "would end at 2001-01-01"),
        (("revoke", "demo", OTHER, "--compromised-since", "31d"), "cannot be compromised since"),
    ],
)
def test_bad_input_is_one_sentence(bench: CommandBench, arguments: tuple[str, ...], sentence: str) -> None:
    bench.claim()
    ran = bench("project", "publishers", *arguments, "--yes")
    assert ran.code == 1
    assert sentence in ran.error
    assert not bench.node.sent


def test_a_revocation_names_what_it_withdraws(bench: CommandBench) -> None:
    """Twelve files of the key, of which ten are named."""
    bench.claim()
    there = bytes.fromhex(OTHER[2:])
    bench.node.model.set_publisher(MINE, bench.node.time, "demo", there, bench.node.time + 99, 0)
    bench.release(*(f"demo-1.0-{number}-py3-none-any.whl" for number in range(12)), by=there)
    ran = bench("project", "publishers", "revoke", "demo", OTHER, "--compromised-since", "1h", "--dry-run")
    assert "it released 12 files, which are withdrawn for ever: demo-1.0-" in ran.err
    assert ran.err.count(".whl") == 10
    assert ", …" in ran.err
