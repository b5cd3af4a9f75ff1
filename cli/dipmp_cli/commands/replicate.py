"""`dipmp replicate`: pin all files of a registry with further pinners."""

import json
from typing import TYPE_CHECKING, Annotated

import typer

from ..session.options import ChainId, Gateway, Json, Rpc, make_flags

if TYPE_CHECKING:
    from dipmp_lib.publish.replicate import RegistryContents, ReplicationResult

    from ..settings.settings import ReplicaSettings

_Registry = Annotated[str, typer.Argument(metavar="REGISTRY", help="Address of the registry.")]
_To = Annotated[list[str], typer.Option("--to", metavar="URI", help="Pinning service to send to; may be repeated.")]
_Projects = Annotated[
    list[str] | None, typer.Option("--project", metavar="NAME", help="Only this project; may be repeated.")
]
_Again = Annotated[bool, typer.Option("--again", help="Send files again that the pinners keep already.")]


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
    """Pin every file and METADATA of a registry, fetched from gateways and verified block by block.

    Exits with 1 if anything could not be fetched or pinned. Run it again to go on with the rest.
    """
    from ..settings import open_layers
    from ..settings.settings import read_replica_settings

    flags = {"registry": registry, "rpc": rpc, "chain_id": chain_id, "gateway": gateway, "pinner": to}
    settings = read_replica_settings(make_flags(flags), open_layers())
    listed, outcome = _run(settings, project or [], again=again)
    _report(settings, listed, outcome, as_json=as_json)
    if outcome.losses or listed.unreadable:
        raise typer.Exit(1)


def _run(
    settings: "ReplicaSettings", projects: list[str], *, again: bool
) -> "tuple[RegistryContents, ReplicationResult]":
    import os

    from dipmp_lib.http import Fetcher
    from dipmp_lib.ipfs.gateways import GatewayPool
    from dipmp_lib.model.names import parse_project
    from dipmp_lib.publish.replicate import Replicator, contents
    from dipmp_lib.transactions.journal import FilePinNotes, state_folder

    from ..session.session import ChainConnection
    from ..terminal.console import ConsoleReporter, talk
    from ..terminal.format import plain

    reporter = ConsoleReporter(talk())
    only = [parse_project(name) for name in projects]
    listed = contents(ChainConnection(settings.chain).registry, settings.chain.registry, reporter, only)
    for remark in (*listed.remarks, *listed.unreadable):
        reporter.note(plain(remark))
    gateways = GatewayPool(settings.storage.gateways, Fetcher())
    replicator = Replicator(
        gateways.block, settings.storage.pinners, FilePinNotes(state_folder(os.environ)), again=again
    )
    return listed, replicator.run(listed.items, reporter)


def _report(
    settings: "ReplicaSettings", listed: "RegistryContents", outcome: "ReplicationResult", *, as_json: bool
) -> None:
    from ..terminal.format import count, plain

    names = [pinner.name for pinner in settings.storage.pinners]
    for loss in outcome.losses:
        what = f"not kept by {loss.pinner}" if loss.pinner else "not found"
        typer.echo(f"{what}: {loss.item.label} ({loss.item.root}): {plain(loss.reason)}", err=True)
    if as_json:
        document = {
            "registry": str(settings.chain.registry),
            "pinners": names,
            "roots": len(listed.items),
            "kept": outcome.pinned,
            "known": outcome.known,
            "lost": [
                {"what": loss.item.label, "cid": str(loss.item.root), "pinner": loss.pinner or None, "why": loss.reason}
                for loss in outcome.losses
            ],
            "unreadable": list(listed.unreadable),
            "notes": list(listed.remarks),
        }
        typer.echo(json.dumps(document, indent=2))
        return
    known = f", {outcome.known} of them already" if outcome.known else ""
    typer.echo(f"{outcome.pinned} of {count(len(listed.items), 'root')} kept by {', '.join(names)}{known}")
