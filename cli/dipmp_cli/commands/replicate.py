"""`dipmp replicate`: have everything that a registry lists kept by more pinners."""

import json
from typing import TYPE_CHECKING, Annotated

import typer

from ..session.options import ChainId, Gateway, Json, Rpc

if TYPE_CHECKING:
    from dipmp_lib.publish.replicate import RegistryContents, ReplicationResult

    from ..settings.settings import ReplicaSettings

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
    from ..settings import open_layers
    from ..settings.settings import Flags, read_replica_settings

    flags = Flags(registry=registry, rpc=rpc or (), chain_id=chain_id, gateway=gateway or (), pinner=to)
    settings = read_replica_settings(flags, open_layers())
    found, outcome = _run(settings, project or [], again=again)
    _report(settings, found, outcome, as_json=as_json)
    if outcome.losses or found.unreadable:
        raise typer.Exit(1)


def _run(
    settings: "ReplicaSettings", projects: list[str], *, again: bool
) -> "tuple[RegistryContents, ReplicationResult]":
    import os

    from dipmp_lib.http import Fetcher
    from dipmp_lib.ipfs.gateways import GatewayPool
    from dipmp_lib.model.names import parse_project
    from dipmp_lib.publish.replicate import Replicator, contents
    from dipmp_lib.transactions.journal import FileNotes, state_folder

    from ..session.session import ChainConnection
    from ..terminal.console import ConsoleReporter, talk
    from ..terminal.format import plain

    reporter = ConsoleReporter(talk())
    only = [parse_project(name) for name in projects]
    found = contents(ChainConnection(settings).registry, settings.registry, reporter, only)
    for remark in (*found.remarks, *found.unreadable):
        reporter.note(plain(remark))
    gateways = GatewayPool(settings.gateways, Fetcher())
    replicator = Replicator(gateways.block, settings.pinners, FileNotes(state_folder(os.environ)), again=again)
    return found, replicator.run(found.items, reporter)


def _report(
    settings: "ReplicaSettings", found: "RegistryContents", outcome: "ReplicationResult", *, as_json: bool
) -> None:
    from ..terminal.format import count, plain

    names = [pinner.name for pinner in settings.pinners]
    for loss in outcome.losses:
        what = f"not kept by {loss.pinner}" if loss.pinner else "not found"
        typer.echo(f"{what}: {loss.item.label} ({loss.item.root}): {plain(loss.reason)}", err=True)
    if as_json:
        document = {
            "registry": str(settings.registry),
            "pinners": names,
            "roots": len(found.items),
            "kept": outcome.pinned,
            "known": outcome.known,
            "lost": [
                {"what": loss.item.label, "cid": str(loss.item.root), "pinner": loss.pinner or None, "why": loss.reason}
                for loss in outcome.losses
            ],
            "unreadable": list(found.unreadable),
            "notes": list(found.remarks),
        }
        typer.echo(json.dumps(document, indent=2))
        return
    known = f", {outcome.known} of them since before" if outcome.known else ""
    typer.echo(f"{outcome.pinned} of {count(len(found.items), 'root')} kept by {', '.join(names)}{known}")
