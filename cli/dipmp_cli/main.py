"""The `dipmp` program, and the one place where errors become messages and exit codes."""

import sys
from collections.abc import Callable, Sequence
from typing import Annotated

import typer

from dipmp_lib.errors import DipmpError, RpcError

from .commands import COMMANDS, group, load

_INTERRUPTED = 130


def main() -> None:
    """Run `dipmp`."""
    sys.exit(_guarded(lambda: group("dipmp", COMMANDS, _root)(prog_name="dipmp")))


def main_publish() -> None:
    """Run `dipmp-publish`, which is `dipmp publish`."""
    sys.exit(_guarded(lambda: load("publish", COMMANDS["publish"])(prog_name="dipmp-publish")))


def _root(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=lambda value: _show_version(wanted=value), is_eager=True)
    ] = False,
) -> None:
    """A Python package index in an Ethereum log, with the files on IPFS."""


def _show_version(*, wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"dipmp {version('dipmp-pkg')}")
        raise typer.Exit


def _guarded(run: Callable[[], object]) -> int:
    """Run a command and return its exit code; what dipmp raises on purpose becomes sentences on stderr."""
    try:
        run()
    except DipmpError as error:
        _show(error)
        return 1
    except KeyboardInterrupt:
        return _INTERRUPTED
    return 0


def _show(error: DipmpError) -> None:
    problems: Sequence[object] = getattr(error, "problems", ())
    if len(problems) > 1:
        _say("error: ", f"nothing was done, because of {len(problems)} problems:")
        for problem in problems:
            _say("  - ", ": ".join(problem) if isinstance(problem, tuple) else str(problem))
    elif isinstance(error, RpcError):
        _say("error: ", f"the chain cannot be asked: {error}")
    else:
        _say("error: ", str(error))
    hint = error.hint or ("check ETH_GATEWAY (or --rpc)" if isinstance(error, RpcError) else "")
    if hint:
        _say("hint: ", hint)


def _say(label: str, text: str) -> None:
    """Print one line; what a message quotes from outside cannot move the cursor or colour the terminal."""
    printable = "".join(char if char.isprintable() else "\ufffd" for char in text)
    typer.echo(f"{label}{printable}", err=True)


if __name__ == "__main__":
    main()
