"""`dipmp config pip|uv|poetry`: what a client's configuration needs so that a registry is its only index."""

from typing import Annotated

import typer

IndexUrl = Annotated[
    str, typer.Argument(metavar="INDEX_URL", help="Of the registry on a server: https://HOST/simple/0xREGISTRY/.")
]


def pip(index_url: IndexUrl) -> None:
    """Print the lines for pip's configuration file; `pip config debug` names its places."""
    from dipmp_lib.client_config import parse_index, pip_conf

    typer.echo(pip_conf(parse_index(index_url)), nl=False)


def uv(index_url: IndexUrl) -> None:
    """Print the lines for uv.toml; in pyproject.toml the table is [[tool.uv.index]]."""
    from dipmp_lib.client_config import parse_index, uv_toml

    typer.echo(uv_toml(parse_index(index_url)), nl=False)


def poetry(index_url: IndexUrl) -> None:
    """Print the lines for a project's pyproject.toml."""
    from dipmp_lib.client_config import parse_index, poetry_toml

    typer.echo(poetry_toml(parse_index(index_url)), nl=False)
