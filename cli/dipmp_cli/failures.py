"""What a command that failed says: sentences on stderr, and one JSON document on stdout where JSON was asked for."""

import json
from collections.abc import Sequence

import typer

from dipmp_lib.errors import DipmpError, RpcError


def say(error: DipmpError, *, as_json: bool) -> None:
    """Print an error of dipmp's own."""
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
    """Print the JSON form of a failure; its keys are always the same."""
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
    """Print one line; what a message quotes from outside cannot move the cursor or colour the terminal."""
    printable = "".join(char if char.isprintable() else "\ufffd" for char in text)
    typer.echo(f"{label}{printable}", err=True)
