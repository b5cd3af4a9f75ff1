"""`dipmp config path` and `dipmp config check`: where settings come from, and what is wrong with them."""

import json

import typer

from ..options import Json, Registry


def path() -> None:
    """Print where the configuration file is, or would be."""
    import os

    from ..layers.files import config_path

    typer.echo(config_path(os.environ))


def check(*, registry: Registry = None, as_json: Json = False) -> None:
    """Show which settings a publish would use, from where, and what is wrong with them; secrets are masked."""
    from ..layers import open_layers
    from .findings import examine

    found = examine(open_layers(), registry)
    if as_json:
        typer.echo(json.dumps(found.document(), indent=2))
    else:
        for line in found.lines():
            typer.echo(line)
    if found.problems:
        raise typer.Exit(1)
