"""`dipmp completion`: what a shell needs to complete dipmp's commands and options."""

from enum import StrEnum
from typing import Annotated

import typer

PROGRAMS = ("dipmp", "dipmp-publish")


class Shell(StrEnum):
    """Shells that can complete."""

    BASH = "bash"
    ZSH = "zsh"
    FISH = "fish"


def completion(shell: Annotated[Shell, typer.Argument(metavar="bash|zsh|fish")]) -> None:
    """Print a script for a shell to read when it starts.

    bash: `source <(dipmp completion bash)` in ~/.bashrc. zsh: the same in ~/.zshrc, after compinit.
    fish: `dipmp completion fish > ~/.config/fish/completions/dipmp.fish`.
    """
    from typer._completion_shared import get_completion_script

    for program in PROGRAMS:
        script = get_completion_script(prog_name=program, complete_var=variable(program), shell=shell.value)
        typer.echo(script.strip() + "\n")


def variable(program: str) -> str:
    """Return the variable with which the script asks the program."""
    return f"_{program.replace('-', '_').upper()}_COMPLETE"
