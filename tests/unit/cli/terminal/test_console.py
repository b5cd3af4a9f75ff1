"""Progress on a terminal and without one."""

import io

import pytest
from rich.console import Console

from dipmp_cli.terminal.console import ConsoleReporter, talk

LABEL = "Pinning a_project_with_quite_a_long_name-1.0-py3-none-any.whl (kubo:http://127.0.0.1:5001)"


def run(console: Console) -> None:
    with ConsoleReporter(console).task(LABEL, 10) as advance:
        advance(4)
        advance(6)


def test_a_log_gets_one_line_per_task() -> None:
    out = io.StringIO()
    run(Console(file=out, width=80))
    assert out.getvalue() == f"{LABEL}: done\n"


def test_a_terminal_gets_a_bar_that_fits() -> None:
    out = io.StringIO()
    run(Console(file=out, width=80, force_terminal=True, color_system=None, legacy_windows=False))
    bars = [line for line in out.getvalue().replace("\r", "\n").splitlines() if "%" in line]
    assert any("100%" in line and "Pinning a_project" in line for line in bars)
    assert f"{LABEL}: done" in out.getvalue()


def test_labels_are_never_markup(capsys: pytest.CaptureFixture[str]) -> None:
    with ConsoleReporter(talk()).task("[bold]x[/bold] :ok:", 1):
        pass
    assert capsys.readouterr().err == "[bold]x[/bold] :ok:: done\n"


def test_tasks_side_by_side_have_a_bar_each() -> None:
    out = io.StringIO()
    console = Console(file=out, width=80, force_terminal=True, color_system=None, legacy_windows=False)
    reporter = ConsoleReporter(console)
    with reporter.task("Pinning (one)", 10) as one, reporter.task("Pinning (two)", 10) as two:
        one(5)
        two(8)
        two(-8)
        two(10)
    reporter.note("one is slow")
    with reporter.task("Proving", 1) as prove:  # another display, after the first one has ended
        prove(1)
    shown = out.getvalue()
    assert " 50%" in shown
    assert "Pinning (one): done" in shown
    assert "Pinning (two): done" in shown
    assert "note: one is slow" in shown
    assert "Proving: done" in shown
