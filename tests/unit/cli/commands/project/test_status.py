"""`dipmp project status` and `dipmp project quarantine`."""

import pytest

from tests.support.systems.commands import ME, MINE, CommandBench


def test_status_is_set_once_and_keeps_bits_that_others_agreed_on(bench: CommandBench) -> None:
    bench.claim()
    bench.node.model.set_status(MINE, bench.node.time, "demo", 0x04, "")
    assert bench("project", "status", "demo", "deprecated", "--reason", "use demo2", "--yes").code == 0
    assert bench.node.model.entries("demo")[-1][33:] == b"\x06use demo2"
    ran = bench("project", "status", "demo", "deprecated", "--yes")
    assert (ran.code, ran.err) == (0, "nothing to do: already in that state\n")
    assert len(bench.node.sent) == 1
    assert bench.json("project", "status", "demo", "active", "--yes")["status"] == "active"
    assert bench.node.model.entries("demo")[-1][33:] == b"\x04"
    document = bench.json("project", "show", "demo")
    assert (document["status"], document["entries"], document["notes"]) == ("active", 4, 3)


@pytest.mark.slow
def test_the_guardian(bench: CommandBench) -> None:
    bench.claim(owner=b"\x11" * 20)
    bench.node.model.guardian = MINE
    assert bench("project", "quarantine", "demo", "--reason", "malware", "--yes").code == 0
    assert bench("project", "quarantine", "demo", "--yes").err == "nothing to do: already in that state\n"
    document = bench.json("project", "show", "demo")
    assert (document["status"], document["status_reason"]) == ("quarantined", "malware")
    assert bench("project", "quarantine", "demo", "--lift", "--yes").code == 0
    assert bench.json("project", "show", "demo")["status"] == "active"
    ran = bench("registry", "resign-guardian", "--yes")
    assert "note: nobody can become guardian again" in ran.err
    assert bench.json("registry", "show")["guardian"] is None
    assert bench.json("log")["entries"][-1]["what"] == f"the guardian {ME} resigned"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("status", "nobody", "active"), "has no project 'nobody'"),
        (("status", "demo", "archived", "--reason", "x" * 513), "the reason is longer than 512 bytes"),
        (("status", "demo", "archived", "--reason", "é" * 257), "the reason is longer than 512 bytes"),
        (("status", "demo", "archived", "--reason", "a\x1b[31mb"), "or holds control characters"),
        (("quarantine", "demo", "--reason", "two\nlines"), "or holds control characters"),
    ],
)
def test_bad_input_is_one_sentence(bench: CommandBench, arguments: tuple[str, ...], sentence: str) -> None:
    bench.claim()
    ran = bench("project", *arguments, "--yes")
    assert ran.code == 1
    assert sentence in ran.error
    assert not bench.node.sent


def test_a_new_reason_for_the_same_status_is_written(bench: CommandBench) -> None:
    bench.claim()
    assert bench("project", "status", "demo", "archived", "--reason", "done", "--yes").code == 0
    assert bench("project", "status", "demo", "archived", "--reason", "done", "--yes").err.startswith("nothing to do")
    assert bench("project", "status", "demo", "archived", "--reason", "moved", "--yes").code == 0
    assert bench.json("project", "show", "demo")["status_reason"] == "moved"
