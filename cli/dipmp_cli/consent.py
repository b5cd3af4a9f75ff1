"""Asking a person before anything is sent."""

import typer

from dipmp_lib.errors import PublishError

from . import console


def ask(question: str, *, yes: bool) -> None:
    """Return if the person agrees, or has agreed with `yes`. Raises PublishError."""
    if yes:
        return
    if not console.can_ask():
        raise PublishError("nothing was sent: there is no terminal to ask for consent on", hint="add --yes to consent")
    try:
        agreed = typer.confirm(question, err=True)
    except typer.Abort:  # Ctrl-C or the end of the input
        agreed = False
    if not agreed:
        raise PublishError("nothing was sent: you said no")
