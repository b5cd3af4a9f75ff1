"""`dipmp replicate`: have everything that a registry lists kept by more pinners."""

import json
from typing import TYPE_CHECKING, Annotated

import typer

from .options import ChainId, Gateway, Json, Rpc

if TYPE_CHECKING:
    from dipmp_lib.mirror.contents import Contents
    from dipmp_lib.mirror.replicate import Outcome

    from .replica_settings import ReplicaSettings

_Registry = Annotated[str, typer.Argument(metavar="REGISTRY", help="Address of the registry.")]
_To = Annotated[list[str], typer.Option("--to", metavar="URI", help="Pinner to keep it; may be repeated.")]
_Projects = Annotated[
    list[str] | None, typer.Option("--project", metavar="NAME", help="Only this one; may be repeated.")
]
_Again = Annotated[bool, typer.Option("--again", help="Send also what is known to be kept.")]


def replicate(
    registry: _Registry,
    to: _To,
    *,
    project: _Projects = None,
    again: _Again = False,
    gateway: Gateway = None,
    rpc: Rpc = None,
    chain_id: ChainId = None,
    as_json: Json = False,
) -> None:
    """Pin everything that a registry lists: every file and METADATA, fetched from gateways and verified block by block.

    Exits with 1 where something could not be had, or a pinner did not keep it. Run again, it goes on with the rest.
    """
    from .layers import open_layers
    from .replica_settings import read_replica_settings
    from .settings import Flags

    flags = Flags(registry=registry, rpc=rpc or (), chain_id=chain_id, gateway=gateway or (), pinner=to)
    settings = read_replica_settings(flags, open_layers())
    found, outcome = _run(settings, project or [], again=again)
    _report(settings, found, outcome, as_json=as_json)
    if outcome.losses or found.unreadable:
        raise typer.Exit(1)


def _run(settings: "ReplicaSettings", projects: list[str], *, again: bool) -> "tuple[Contents, Outcome]":
    import os

    from dipmp_lib.gateways import Gateways
    from dipmp_lib.http import Fetcher
    from dipmp_lib.journal import FileNotes, state_folder
    from dipmp_lib.mirror.contents import contents
    from dipmp_lib.mirror.replicate import Replicator
    from dipmp_lib.names import parse_project

    from .console import ConsoleReporter, talk
    from .session import Connection
    from .words import plain

    reporter = ConsoleReporter(talk())
    only = [parse_project(name) for name in projects]
    found = contents(Connection(settings).registry, settings.registry, reporter, only)
    for remark in (*found.remarks, *found.unreadable):
        reporter.note(plain(remark))
    gateways = Gateways(settings.gateways, Fetcher())
    replicator = Replicator(gateways.block, settings.pinners, FileNotes(state_folder(os.environ)), again=again)
    return found, replicator.run(found.items, reporter)


def _report(settings: "ReplicaSettings", found: "Contents", outcome: "Outcome", *, as_json: bool) -> None:
    from .words import count, plain

    names = [pinner.name for pinner in settings.pinners]
    for loss in outcome.losses:
        what = f"not kept by {loss.where}" if loss.where else "not found"
        typer.echo(f"{what}: {loss.item.label} ({loss.item.root}): {plain(loss.reason)}", err=True)
    if as_json:
        document = {
            "registry": str(settings.registry),
            "pinners": names,
            "roots": len(found.items),
            "kept": outcome.kept,
            "known": outcome.known,
            "lost": [
                {"what": loss.item.label, "cid": str(loss.item.root), "pinner": loss.where or None, "why": loss.reason}
                for loss in outcome.losses
            ],
            "unreadable": list(found.unreadable),
            "notes": list(found.remarks),
        }
        typer.echo(json.dumps(document, indent=2))
        return
    known = f", {outcome.known} of them since before" if outcome.known else ""
    typer.echo(f"{outcome.kept} of {count(len(found.items), 'root')} kept by {', '.join(names)}{known}")
