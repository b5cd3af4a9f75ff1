"""The `dipmp` program, and the one place where errors become messages and exit codes."""

import os
import sys
from collections.abc import Callable
from typing import Annotated

import typer

from dipmp_lib.errors import DipmpError

from .commands import COMMANDS, group, load
from .failures import say, show_document

_INTERRUPTED = 130
_ENDINGS = {
    2: ("WrongUsage", "the command was called in a wrong way: stderr says how"),
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
    """Run a command and return its exit code; what dipmp raises on purpose becomes sentences on stderr.

    Where the command was asked for JSON, what stopped it is a JSON document on stdout besides.
    """
    if any(name.startswith("_DIPMP_") for name in os.environ):
        _answer_shells()
    try:
        run()
    except DipmpError as error:
        say(error, as_json=_wants_json())
        return 1
    except KeyboardInterrupt:
        return _ended(_INTERRUPTED)
    except SystemExit as ended:  # how the parser ends everything else
        return _ended(ended.code if isinstance(ended.code, int) else 0)
    return 0


def _answer_shells() -> None:
    """Let the parser answer the scripts of `dipmp completion`."""
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
