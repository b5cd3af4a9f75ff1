"""`dipmp log`: the history of a project or registry, entry by entry, verified against the head on chain."""

import json
from typing import TYPE_CHECKING, Annotated

import typer

from ..session.options import reads

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dipmp_lib.log.history import LogEvent

    from ..session.context import ReadContext
    from ..session.transact import Json

_Project = Annotated[str | None, typer.Argument(metavar="PROJECT", help="Project; the registry's own log if omitted.")]


@reads
def log(context: "ReadContext", project: _Project = None) -> None:
    """Show every entry of a project's log: number, kind, actor, time, content and readers' notes.

    The log's head is recomputed from the entries and compared with the head on chain.
    """
    from dipmp_lib.log.history import history
    from dipmp_lib.log.verify import recompute_head

    from ..terminal.format import count

    connection = context.connection
    project_log = connection.projects()[1] if project is None else context.project(project)[1]
    events = history(project_log) if project_log else ()
    head = project_log.head if project_log else bytes(32)
    computed = recompute_head(project_log, connection.chain.id(), connection.address.address) if project_log else head
    if context.options.as_json:
        top: Json = {"registry": str(connection.address), "chain_id": connection.chain.id()}
        top |= {
            "project": project_log.name or None if project_log else None,
            "entries": _entries(connection.address.address, events),
        }
        heads = {"head": f"0x{head.hex()}", "recomputed": f"0x{computed.hex()}", "verified": head == computed}
        typer.echo(json.dumps(top | heads, indent=2))
        return
    for event in events:
        _show(event)
    verdict = "the same as on chain" if head == computed else f"NOT the head on chain, 0x{head.hex()}"
    typer.echo(f"head 0x{computed.hex()}, computed from {count(len(events), 'entry')}: {verdict}")


def _entries(registry: bytes, events: "Sequence[LogEvent]") -> list["Json"]:
    from dipmp_lib.model.names import checksum_address

    from ..terminal.describe_entry import describe, kind_name
    from ..terminal.format import plain

    return [
        {
            "number": event.number,
            "nonce": event.nonce,
            "blob": checksum_address(_blob_address(registry, event.nonce)),
            "kind": event.kind,
            "kind_name": kind_name(event.kind),
            "actor": checksum_address(event.actor),
            "time": event.time,
            "what": describe(event.entry),
            "notes": [
                {"code": note.code, "filename": note.filename, "detail": plain(note.detail)} for note in event.notes
            ],
        }
        for event in events
    ]


def _show(event: "LogEvent") -> None:
    from dipmp_lib.model.names import checksum_address

    from ..terminal.describe_entry import describe, kind_name
    from ..terminal.format import plain, show_time

    actor = checksum_address(event.actor)
    typer.echo(f"{event.number:>4}  {show_time(event.time)}  {kind_name(event.kind):<8} by {actor}")
    typer.echo(f"      {describe(event.entry)}")
    for note in event.notes:
        where = f" {note.filename}" if note.filename else ""
        detail = f": {plain(note.detail)}" if note.detail else ""
        typer.echo(f"      readers: {note.code}{where}{detail}")


def _blob_address(registry: bytes, nonce: int) -> bytes:
    """Return the address at which CREATE put the blob: keccak256(rlp([registry, nonce]))[12:]."""
    from dipmp_lib.keccak import keccak256

    digits = nonce.to_bytes((nonce.bit_length() + 7) // 8, "big")
    item = digits if nonce < 0x80 else bytes((0x80 + len(digits),)) + digits
    body = b"\x94" + registry + item
    return keccak256(bytes((0xC0 + len(body),)) + body)[12:]
