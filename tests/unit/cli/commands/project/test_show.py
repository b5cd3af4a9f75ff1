"""`dipmp project show` for people and as JSON."""

from tests.support.systems.commands import ME, MINE, OTHER, CommandBench

THERE = bytes.fromhex(OTHER[2:])


def test_versions_publishers_and_status(bench: CommandBench) -> None:
    bench.claim()
    now = bench.node.time
    bench.release("demo-1.0.tar.gz", "demo-1.0-py3-none-any.whl")
    bench.release("demo-2.0.tar.gz")
    bench.node.model.set_publisher(MINE, now, "demo", THERE, now + 9_999, 0)
    bench.node.model.set_status(MINE, now, "demo", 2, "use \x1b[31mdemo2")
    lines = bench("project", "show", "demo").out.splitlines()
    assert f"owner       {ME}" in lines
    assert any(line.startswith(f"publisher   {OTHER} until ") for line in lines)
    assert "version     1.0: 2 files" in lines
    assert "version     2.0: 1 file" in lines
    assert "\x1b" not in "".join(lines)
    document = bench.json("project", "show", "demo")
    assert [each["version"] for each in document["versions"]] == ["1.0", "2.0"]
    assert [each["address"] for each in document["publishers"]] == [OTHER]
    assert (document["owner"], document["offered_to"], document["incomplete"]) == (ME, None, False)


def test_publishers_whose_time_is_over_are_left_out(bench: CommandBench) -> None:
    bench.claim()
    bench.node.model.set_publisher(MINE, bench.node.time - 99, "demo", THERE, bench.node.time - 9, 0)
    assert bench.json("project", "show", "demo")["publishers"] == []


def test_an_entry_that_this_version_cannot_read_is_told(bench: CommandBench) -> None:
    bench.claim()
    bench.node.model.append(MINE, bench.node.time, "demo", 0x3F, b"\x00")
    out = bench("project", "show", "demo").out
    assert "2 entries, 1 note (dipmp log demo); INCOMPLETE: this version of dipmp cannot read all of them" in out
    assert bench.json("project", "show", "demo")["incomplete"] is True
