"""Entry points of `dipmp` and `dipmp-publish`; errors become messages and exit codes here."""

import json
import os
import sys
from collections.abc import Callable, Sequence
from typing import Annotated

import typer

from dipmp_lib.errors import DipmpError, RpcError

from .commands import COMMANDS, group, load


def say(error: DipmpError, *, as_json: bool) -> None:
    """Print an error on stderr, and with `as_json` as a document on stdout."""
    problems = _problems(error)
    if len(problems) > 1:
        _line("error: ", f"nothing was done, because of {len(problems)} problems:")
        for problem in problems:
            _line("  - ", problem)
    else:
        _line("error: ", _message(error))
    if _hint(error):
        _line("hint: ", _hint(error))
    if as_json:
        show_document(type(error).__name__, _message(error), hint=_hint(error), problems=problems)


def show_document(kind: str, message: str, *, hint: str = "", problems: Sequence[str] = ()) -> None:
    """Print the JSON form of a failure, always with the same keys."""
    error = {"type": kind, "message": message, "hint": hint or None, "problems": list(problems)}
    typer.echo(json.dumps({"error": error}, indent=2))


def _message(error: DipmpError) -> str:
    return f"the chain cannot be asked: {error}" if isinstance(error, RpcError) else str(error)


def _problems(error: DipmpError) -> list[str]:
    problems: Sequence[object] = getattr(error, "problems", ())
    return [": ".join(problem) if isinstance(problem, tuple) else str(problem) for problem in problems]


def _hint(error: DipmpError) -> str:
    return error.hint or ("check ETH_GATEWAY (or --rpc)" if isinstance(error, RpcError) else "")


def _line(label: str, text: str) -> None:
    """Print one line; texts from outside in it cannot move the cursor or colour the terminal."""
    printable = "".join(char if char.isprintable() else "\ufffd" for char in text)
    typer.echo(f"{label}{printable}", err=True)


_INTERRUPTED = 130
_ENDINGS = {
    2: ("WrongUsage", "invalid usage; see stderr"),
    _INTERRUPTED: ("Interrupted", "stopped by Ctrl-C"),
}


def main() -> None:
    """Run `dipmp`."""
    sys.exit(_guarded(lambda: group("dipmp", COMMANDS, _root)(prog_name="dipmp")))


def main_publish() -> None:
    """Run `dipmp-publish`, which is `dipmp publish`."""
    sys.exit(_guarded(lambda: load("publish", COMMANDS["publish"])(prog_name="dipmp-publish")))


def _root(
    *,
    version: Annotated[
        bool,
        typer.Option(
            "--version",
            callback=lambda value: _show_version(wanted=value),
            is_eager=True,
            help="Show the version and exit.",
        ),
    ] = False,
) -> None:
    """A Python package index in an Ethereum log, with the files on IPFS."""


def _show_version(*, wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"dipmp {version('dipmp-pkg')}")
        raise typer.Exit


def _guarded(run: Callable[[], object]) -> int:
    """Run a command and return its exit code; a DipmpError becomes sentences on stderr, with --json also a document."""
    if any(name.startswith("_DIPMP_") for name in os.environ):
        _answer_shells()
    try:
        run()
    except DipmpError as error:
        say(error, as_json=_wants_json())
        return 1
    except KeyboardInterrupt:
        return _ended(_INTERRUPTED)
    except SystemExit as ended:  # the parser ends everything else with it
        return _ended(ended.code if isinstance(ended.code, int) else 0)
    return 0


def _answer_shells() -> None:
    """Enable the parser's answers to the scripts of `dipmp completion`."""
    from typer._completion_classes import completion_init

    completion_init()


def _ended(code: int) -> int:
    if code in _ENDINGS and _wants_json():
        show_document(*_ENDINGS[code])
    return code


def _wants_json() -> bool:
    _, *arguments = sys.argv
    return "--json" in arguments[: arguments.index("--") if "--" in arguments else None]


if __name__ == "__main__":
    main()
