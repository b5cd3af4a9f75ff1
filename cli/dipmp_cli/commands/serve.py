"""`dipmp serve`: the index server on this machine."""

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from dipmp_lib.server.settings import Settings

DEFAULT_HOST, DEFAULT_PORT = "127.0.0.1", 5000
_EVERY = {"0.0.0.0", "::"}  # noqa: S104 - every address of the machine, so none to show


def serve_command(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = DEFAULT_HOST,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on; 0 takes a free one.")] = DEFAULT_PORT,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Log no requests.")] = False,  # noqa: FBT002
) -> None:
    """Serve registries to pip, uv and poetry.

    The chain's JSON-RPC endpoints come from ETH_GATEWAY, the IPFS gateways from IPFS_GATEWAY, each a comma-separated
    list of URLs.
    """
    import os

    from dipmp_lib.server.settings import Settings

    serve(Settings.from_env(os.environ), host=host, port=port, log=not quiet)


def serve(settings: "Settings", *, host: str = DEFAULT_HOST, port: int = DEFAULT_PORT, log: bool = True) -> None:
    """Serve until SIGINT or SIGTERM; the URL goes to stdout as soon as connections are accepted.

    Raises InvalidInput if the address cannot be listened on.
    """
    try:
        from dipmp_lib.http.listen import listen, url_of
        from dipmp_lib.server.uvicorn import server
    except ModuleNotFoundError as error:
        raise _not_installed(error) from error
    from dipmp_lib.server.app import create_app
    from dipmp_lib.server.compose import build

    with listen(host, port) as listening:
        url = settings.host_url or url_of(listening)
        app = create_app(build(replace(settings, host_url=settings.host_url if host in _EVERY else url)))

        def ready() -> None:
            typer.echo(f"A registry's index is at {url}/simple/{{registry}}/ (Ctrl-C stops the server)", err=True)
            typer.echo(url)

        with suppress(KeyboardInterrupt):  # uvicorn raises the signal again when it has shut down
            server(app, log=log, requests=settings.log == "text", ready=ready).run(sockets=[listening])


def _not_installed(error: ModuleNotFoundError) -> Exception:
    from dipmp_lib.errors import InvalidInput

    return InvalidInput(f"{error.name} is not installed", hint="pip install 'dipmp-pkg[server]'")
