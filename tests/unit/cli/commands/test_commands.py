"""The table of commands: help of each, and what holds for all that read or write a registry."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from dipmp_cli.commands import COMMANDS, Group, load
from tests.support.repository import ROOT
from tests.support.systems.commands import (
    ENVIRONMENT,
    MINE,
    OTHER,
    CommandBench,
)

WRITING = [
    ("project", "claim", "demo"),
    ("project", "owner", "offer", "demo", OTHER),
    ("project", "owner", "accept", "demo"),
    ("project", "owner", "withdraw", "demo"),
    ("project", "publishers", "add", "demo", OTHER),
    ("project", "publishers", "revoke", "demo", OTHER),
    ("registry", "owner", "offer", OTHER),
    ("registry", "owner", "accept"),
    ("registry", "owner", "withdraw"),
    ("registry", "resign-guardian"),
]


READING = [
    ("registry", "show"),
    ("project", "show", "demo"),
    ("project", "publishers", "list", "demo"),
    ("log", "demo"),
    ("log",),
]


def places(commands: Mapping[str, str | Group] = COMMANDS, before: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for name, place in commands.items():
        if isinstance(place, Group):
            yield from places(place.commands, (*before, name))
        yield (*before, name)


@pytest.mark.parametrize("place", list(places()), ids=" ".join)
def test_every_command_and_group_has_help(bench: CommandBench, place: tuple[str, ...]) -> None:
    ran = bench(*place, "--help")
    assert (ran.code, ran.err) == (0, "")
    assert f"Usage: dipmp {' '.join(place)}" in ran.out
    last = COMMANDS
    for name in place:
        found = last[name]
        last = found.commands if isinstance(found, Group) else {}
    assert all(f"│ {name} " in ran.out for name in last)


@pytest.mark.parametrize("arguments", READING, ids=" ".join)
def test_reading_needs_no_signer(bench: CommandBench, arguments: tuple[str, ...]) -> None:
    bench.claim()
    settings = {name: value for name, value in ENVIRONMENT.items() if name not in {"DIPMP_SIGNER", "CI_KEY"}}
    bench.shell.environment(settings)
    for options in ((), ("--json",)):
        ran = bench(*arguments, *options)
        assert ran.code == 0, ran.err
    assert not bench.node.sent


@pytest.mark.parametrize("arguments", [*READING, *WRITING, ("registry", "create")], ids=" ".join)
def test_missing_settings_come_all_at_once(bench: CommandBench, arguments: tuple[str, ...]) -> None:
    bench.shell.environment({})
    ran = bench(*arguments)
    assert ran.code == 1
    assert "ETH_GATEWAY (or --rpc) is missing" in ran.err
    assert ("DIPMP_REGISTRY" in ran.err) == (arguments != ("registry", "create"))
    assert ("DIPMP_SIGNER" in ran.err) == (arguments not in READING)


@pytest.mark.parametrize("arguments", WRITING, ids=" ".join)
def test_errors_of_the_contract_are_sentences(bench: CommandBench, arguments: tuple[str, ...]) -> None:
    """Somebody else owns everything, and nothing is offered."""
    bench.claim(owner=b"\x11" * 20)
    ran = bench(*arguments, "--yes")
    assert ran.code == 1
    assert ran.error.startswith("the registry refuses the transaction: ")
    assert "hint: " in ran.err
    assert not bench.node.sent


def keys(document: Any) -> set[str]:  # noqa: ANN401 - JSON
    """Every key in a document."""
    if isinstance(document, dict):
        return set(document).union(*map(keys, document.values()))
    return set().union(*map(keys, document)) if isinstance(document, list) else set()


@pytest.mark.slow
def test_every_command_and_every_json_key_is_documented(bench: CommandBench) -> None:
    text = (ROOT / "docs" / "registries.md").read_text("utf-8")
    documented = set(re.findall(r"`([a-z0-9_]+)`", text))
    bench.claim()
    bench.node.model.set_publisher(MINE, bench.node.time, "demo", bytes.fromhex(OTHER[2:]), bench.node.time + 99, 0)
    bench.node.model.append(MINE, bench.node.time, "demo", 0x3F, b"\x00")
    documents = [bench.json(*arguments) for arguments in READING]
    documents += [
        bench.json(*arguments, "--yes")
        for arguments in (
            ("project", "claim", "other", "--owner", OTHER),
            ("project", "owner", "offer", "demo", OTHER),
            ("project", "publishers", "add", "demo", OTHER),
            ("project", "publishers", "revoke", "demo", OTHER),
            ("project", "status", "demo", "archived"),
        )
    ]
    assert keys(documents) <= documented
    for place in places():
        if place[0] in {"registry", "project", "log"}:
            assert f"`dipmp {' '.join(place)}" in text or f"`{place[-1]}" in text, place


def texts(place: str | Group, name: str = "dipmp") -> Iterator[str]:
    """The help texts of a command, or of a group and its commands, as they were written."""
    command: Any = load(name, place)
    yield command.help or ""
    yield from (str(getattr(each, "help", "") or "") for each in command.params)
    for inner, below in place.commands.items() if isinstance(place, Group) else ():
        yield from texts(below, inner)


def test_no_help_text_is_taken_for_markup() -> None:
    """Rich takes [lower case] for a style, and shows nothing of it."""
    for text in texts(Group("", COMMANDS)):
        assert not re.search(r"\[[a-z#/@]", text), text


def test_an_unknown_command_is_wrong_usage(bench: CommandBench) -> None:
    assert bench("unknown").code == 2
    assert bench("project", "unknown").code == 2
