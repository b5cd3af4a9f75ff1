"""The `dipmp` program: which commands there are, and the one place where errors become messages and exit codes."""

import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from dipmp_lib.errors import DipmpError

_COMMANDS = {"publish": "publish:publish", "dev": "dev:dev", "serve": "serve:serve_command"}
"""Command name to module and function: a module is imported when its command runs, or when help lists it."""

_INTERRUPTED = 130
_CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


class _LazyCommands(TyperGroup):
    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ANN401, ARG002 - Typer's signature
        return list(_COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ANN401, ARG002
        return _load(cmd_name) if cmd_name in _COMMANDS else None


def main() -> None:
    """Run `dipmp`."""
    sys.exit(_guarded(lambda: _program()(prog_name="dipmp")))


def main_publish() -> None:
    """Run `dipmp-publish`, which is `dipmp publish`."""
    sys.exit(_guarded(lambda: _load("publish")(prog_name="dipmp-publish")))


def _program() -> Callable[..., Any]:
    app = typer.Typer(cls=_LazyCommands, add_completion=False, no_args_is_help=True, context_settings=_CONTEXT)
    app.callback()(_root)
    return typer.main.get_command(app)


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


def _load(name: str) -> Callable[..., Any]:
    module, _, function = _COMMANDS[name].partition(":")
    app = typer.Typer(add_completion=False, context_settings=_CONTEXT)
    app.command(name)(getattr(import_module(f"dipmp_cli.{module}"), function))
    return typer.main.get_command(app)


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
    else:
        _say("error: ", str(error))
    if error.hint:
        _say("hint: ", error.hint)


def _say(label: str, text: str) -> None:
    """Print one line; what a message quotes from outside cannot move the cursor or colour the terminal."""
    printable = "".join(char if char.isprintable() else "\ufffd" for char in text)
    typer.echo(f"{label}{printable}", err=True)


if __name__ == "__main__":
    main()
