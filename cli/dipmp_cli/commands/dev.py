"""`dipmp dev`: a chain, a registry, a block store and the index server on this machine, for trials and tests."""

import json
import signal
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from dipmp_lib.devnet.node import DevNode

DEFAULT_PORT = 5000
_OURS = {"dipmp_lib", "dipmp_cli"}


def dev(
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="The index server's port; 0 takes a free one.")
    ] = DEFAULT_PORT,
    state: Annotated[
        Path | None,
        typer.Option(metavar="DIR", show_default="keep nothing", help="Folder to keep everything in."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one line of JSON instead of text.")] = False,  # noqa: FBT002
) -> None:
    """Run a complete local dipmp until Ctrl-C.

    An embedded Ethereum chain with a registry and a funded key, an IPFS block store with a gateway, and the index
    server: enough to publish and install packages with nothing but Python.
    """
    # From here on a signal is a request to end, also while the chain is still starting.
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with _open(port, state) as node:
        if as_json:
            typer.echo(json.dumps(node.endpoints()))
        else:
            _welcome(node, state)
        stop.wait()
    if not as_json:
        typer.echo(f"Stopped. Everything is kept in {state}." if state else "Stopped. Nothing is kept.", err=True)


def _open(port: int, state: Path | None) -> "DevNode":
    try:
        from dipmp_lib.devnet.node import DevNode
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] in _OURS:
            raise
        raise _not_installed(error) from error
    return DevNode(port=port, state=state)


def _not_installed(error: ModuleNotFoundError) -> Exception:
    from dipmp_lib.errors import InvalidInput

    return InvalidInput(f"{error.name} is not installed", hint="pip install 'dipmp-pkg[local]'")


def _welcome(node: "DevNode", state: Path | None) -> None:
    from rich.console import Console
    from rich.panel import Panel

    kept = f"Everything is kept in {state}." if state else "Nothing is kept: --state DIR keeps it across restarts."
    text = f"A chain, a registry, a block store and an index server, on this machine only.\n{kept} Ctrl-C stops it."
    console = Console(highlight=False, soft_wrap=True)
    console.print(Panel(text, title="dipmp dev", title_align="left", expand=False))
    # Outside the panel, and never broken: these lines are there to be copied.
    for title, lines in _commands(node).items():
        console.print(f"\n# {title}", style="dim")
        for line in lines:
            console.print(line, markup=False)


def _commands(node: "DevNode") -> dict[str, tuple[str, ...]]:
    from shlex import quote

    return {
        "Publish, in another terminal": (
            f"export ETH_GATEWAY={node.rpc_url} IPFS_GATEWAY={node.gateway_url}",
            f"export DIPMP_REGISTRY={node.registry} DIPMP_PINNER={node.pinner} DIPMP_SIGNER={quote(node.signer)}",
            f"export DIPMP_INDEX_URL={node.index_url}",
            "dipmp-publish dist/*",
        ),
        "Install": (f"pip install --index-url {node.index_url} NAME",),
    }
