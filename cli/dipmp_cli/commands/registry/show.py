"""`dipmp registry show`: what a registry is, who controls it, and whether it is stock."""

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
def show(desk: "ReadContext") -> None:
    """Show a registry: stock or not and why, owner, guardian, mode, projects."""
    from dipmp_lib.log.history import offered_to
    from dipmp_lib.registry.inspect import inspect_registry

    connection = desk.connection
    facts = inspect_registry(connection.chain.rpc, connection.address)
    page, log = connection.projects()
    offered = offered_to(log.blobs, registry_log=True) if log else None
    chain_id = connection.chain.id()
    if desk.as_json:
        document = _document(facts, page, offered)
        typer.echo(json.dumps({"registry": str(connection.address), "chain_id": chain_id, **document}, indent=2))
        return
    for name, value in _lines(facts, page, offered):
        typer.echo(f"{name:<9} {value}")


def _document(facts: "RegistryInfo", page: "ProjectList", offered: bytes | None) -> "Json":
    from ...terminal.format import json_account

    return {
        "stock": facts.stock is not None,
        "why": facts.verdict,
        "owner": json_account(facts.owner),
        "offered_to": json_account(offered),
        "guardian": json_account(facts.guardian),
        "mode": _mode(facts),
        "projects": len(page.names),
        "entries": page.count,
        "head": f"0x{page.head.hex()}",
        "incomplete": page.incomplete,
    }


def _mode(facts: "RegistryInfo") -> str | None:
    return None if facts.mode is None else _MODES.get(facts.mode, str(facts.mode))


def _lines(facts: "RegistryInfo", page: "ProjectList", offered: bytes | None) -> list[tuple[str, str]]:
    from ...terminal.format import count, show_account

    stock = "stock" if facts.stock else "NOT STOCK, so what follows proves nothing"
    claims = {"open": "anybody claims names", "curated": "its owner alone claims names"}
    mode = _mode(facts) or "unknown"
    incomplete = ", and entries that this version of dipmp cannot read" if page.incomplete else ""
    lines = [
        ("registry", f"{page.registry}: {stock}"),
        ("why", facts.verdict),
        ("owner", show_account(facts.owner)),
        ("guardian", show_account(facts.guardian)),
        ("mode", f"{mode}: {claims[mode]}" if mode in claims else mode),
        ("projects", f"{len(page.names):,} in {count(page.count, 'entry')}{incomplete}"),
        ("head", f"0x{page.head.hex()}"),
    ]
    if offered:
        lines.insert(3, ("offered", f"to {show_account(offered)}"))
    return lines
