"""`dipmp completion`: scripts with which shells complete dipmp's commands and options."""

from enum import StrEnum
from typing import Annotated

import typer

PROGRAMS = ("dipmp", "dipmp-publish")


class Shell(StrEnum):
    """Supported shells."""

    BASH = "bash"
    ZSH = "zsh"
    FISH = "fish"


def completion(
    shell: Annotated[Shell, typer.Argument(metavar="bash|zsh|fish", help="Shell to print the script for.")],
) -> None:
    """Print a completion script for a shell.

    bash: `source <(dipmp completion bash)` in ~/.bashrc. zsh: the same in ~/.zshrc, after compinit.
    fish: `dipmp completion fish > ~/.config/fish/completions/dipmp.fish`.
    """
    from typer._completion_shared import get_completion_script

    for program in PROGRAMS:
        script = get_completion_script(prog_name=program, complete_var=variable(program), shell=shell.value)
        typer.echo(script.strip() + "\n")


def variable(program: str) -> str:
    """Return the environment variable through which the script asks a program for completions."""
    return f"_{program.replace('-', '_').upper()}_COMPLETE"
