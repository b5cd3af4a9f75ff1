"""`dipmp registry show`: whether a registry is stock, owner, guardian, mode, number of projects."""

import json
from typing import TYPE_CHECKING

import typer

from ...session.options import reads

if TYPE_CHECKING:
    from dipmp_lib.model.pages import ProjectList
    from dipmp_lib.registry.inspect import RegistryInfo

    from ...session.context import ReadContext
    from ...session.transact import Json

_MODES = {0: "open", 1: "curated"}


@reads
def show(context: "ReadContext") -> None:
    """Show a registry: whether it is stock and why, owner, guardian, mode, projects."""
    from dipmp_lib.log.history import offered_to
    from dipmp_lib.registry.inspect import inspect_registry

    connection = context.connection
    info = inspect_registry(connection.chain.rpc, connection.address)
    page, log = connection.projects()
    offered = offered_to(log.blobs, registry_log=True) if log else None
    chain_id = connection.chain.id()
    if context.options.as_json:
        document = _document(info, page, offered)
        typer.echo(json.dumps({"registry": str(connection.address), "chain_id": chain_id, **document}, indent=2))
        return
    for name, value in _lines(info, page, offered):
        typer.echo(f"{name:<9} {value}")


def _document(info: "RegistryInfo", page: "ProjectList", offered: bytes | None) -> "Json":
    from ...terminal.format import json_account

    return {
        "stock": info.stock is not None,
        "why": info.verdict,
        "owner": json_account(info.owner),
        "offered_to": json_account(offered),
        "guardian": json_account(info.guardian),
        "mode": _mode(info),
        "projects": len(page.names),
        "entries": page.count,
        "head": f"0x{page.head.hex()}",
        "incomplete": page.incomplete,
    }


def _mode(info: "RegistryInfo") -> str | None:
    return None if info.mode is None else _MODES.get(info.mode, str(info.mode))


def _lines(info: "RegistryInfo", page: "ProjectList", offered: bytes | None) -> list[tuple[str, str]]:
    from ...terminal.format import count, show_account

    stock = "stock" if info.stock else "NOT STOCK, so what follows proves nothing"
    claims = {"open": "anybody may claim names", "curated": "only its owner may claim names"}
    mode = _mode(info) or "unknown"
    incomplete = ", and entries that this version of dipmp cannot read" if page.incomplete else ""
    lines = [
        ("registry", f"{page.registry}: {stock}"),
        ("why", info.verdict),
        ("owner", show_account(info.owner)),
        ("guardian", show_account(info.guardian)),
        ("mode", f"{mode}: {claims[mode]}" if mode in claims else mode),
        ("projects", f"{len(page.names):,} in {count(page.count, 'entry')}{incomplete}"),
        ("head", f"0x{page.head.hex()}"),
    ]
    if offered:
        lines.insert(3, ("offered", f"to {show_account(offered)}"))
    return lines
