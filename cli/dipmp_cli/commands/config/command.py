"""`dipmp config`: dipmp's own configuration, and lines for the configuration of pip, uv and Poetry."""

import json
from typing import Annotated

import typer

from ...session.options import Json, Registry


def path() -> None:
    """Print the path of the configuration file, whether or not it exists."""
    import os

    from ...settings.config_file import config_path

    typer.echo(config_path(os.environ))


def check(*, registry: Registry = None, as_json: Json = False) -> None:
    """Show the settings of a publish, where each comes from, and what is wrong; secrets are masked."""
    from ...settings import open_layers
    from .check import make_report

    report = make_report(open_layers(), registry)
    if as_json:
        typer.echo(json.dumps(report.document(), indent=2))
    else:
        for line in report.lines():
            typer.echo(line)
    if report.problems:
        raise typer.Exit(1)


IndexUrl = Annotated[
    str, typer.Argument(metavar="INDEX_URL", help="URL of the registry on a server: https://HOST/simple/0xREGISTRY/.")
]


def pip(index_url: IndexUrl) -> None:
    """Print the lines for pip's configuration file; `pip config debug` lists its places."""
    from dipmp_lib.simple_api.clients import parse_index, pip_conf

    typer.echo(pip_conf(parse_index(index_url)), nl=False)


def uv(index_url: IndexUrl) -> None:
    """Print the lines for uv.toml; in pyproject.toml the table is tool.uv.index."""
    from dipmp_lib.simple_api.clients import parse_index, uv_toml

    typer.echo(uv_toml(parse_index(index_url)), nl=False)


def poetry(index_url: IndexUrl) -> None:
    """Print the lines for a project's pyproject.toml."""
    from dipmp_lib.simple_api.clients import parse_index, poetry_toml

    typer.echo(poetry_toml(parse_index(index_url)), nl=False)
