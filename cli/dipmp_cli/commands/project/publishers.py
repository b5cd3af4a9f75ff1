"""`dipmp project publishers`: list, add and revoke the publishers of a project."""

import json
from typing import TYPE_CHECKING, Annotated

import typer

from ...session.options import reads, writes
from .owner import Account, ProjectName

if TYPE_CHECKING:
    from dipmp_lib.log.history import PublisherTerm
    from dipmp_lib.model.pages import Project

    from ...session.context import ReadContext, WriteContext
    from ...session.transact import Json

_Until = Annotated[str, typer.Option(metavar="WHEN", help="End of the permission: 90d, 2w, 2027-01-31 (midnight UTC).")]
_Since = Annotated[str | None, typer.Option(metavar="WHEN", help="When the key was compromised: 3d (ago) or a date.")]
_NEVER = 2**40


@reads
def list_publishers(context: "ReadContext", project: ProjectName) -> None:
    """List the publishers that the present owner has added, from the project's log."""
    import time

    from dipmp_lib.log.history import publishers

    page, log = context.project(project)
    now, terms = int(time.time()), publishers(log.blobs)
    if context.options.as_json:
        listed = [_publisher(each, now) for each in terms]
        document = {"registry": str(page.registry), "project": page.name, "publishers": listed}
        typer.echo(json.dumps(document, indent=2))
        return
    for each in terms:
        typer.echo(_line(each, now))
    if not terms:
        typer.echo(f"{page.name} has no publishers besides its owner", err=True)


@writes
def add(context: "WriteContext", project: ProjectName, account: Account, *, until: _Until = "90d") -> None:
    """Let an address publish to a project and do nothing else, for 90 days by default."""
    from dipmp_lib.errors import InvalidInput
    from dipmp_lib.transactions import Call

    from ...session.transact import Step, carry_out
    from ...terminal.format import parse_account, parse_time, show_account, show_time

    name, address = context.name(project), parse_account(account)
    end = parse_time(until, context.now(), ahead=True)
    if not 0 < end < _NEVER:
        raise InvalidInput(f"--until is {show_time(end)}, which a registry cannot store", hint="give a date ahead")
    shown = show_account(address)
    step = Step(f"let {shown} publish to {name} until {show_time(end)}", Call.set_publisher(name, address, end))
    carry_out(context, [step], {"project": name, "account": shown, "until": end})


@writes
def revoke(
    context: "WriteContext", project: ProjectName, account: Account, *, compromised_since: _Since = None
) -> None:
    """Revoke a publisher at once; --compromised-since also withdraws what its key did since then."""
    from dipmp_lib.transactions import Call

    from ...session.transact import Step, carry_out
    from ...terminal.format import parse_account, parse_time, show_account

    name, address = context.name(project), parse_account(account)
    since = 0 if compromised_since is None else parse_time(compromised_since, context.now(), ahead=False)
    since = min(max(since, 0), _NEVER - 1)
    shown = show_account(address)
    step = Step(f"revoke the permission of {shown} to publish to {name}", Call.set_publisher(name, address, 0, since))
    notes = _withdrawn(context.project(name)[0], address, since) if since else []
    details: Json = {"project": name, "account": shown, "compromised_since": since or None}
    carry_out(context, [step], details, notes=notes)


def _withdrawn(page: "Project", account: bytes, since: int) -> list[str]:
    """Return a note on the files that the revocation withdraws, because that cannot be undone."""
    from ...terminal.format import count, show_time

    files = [file.filename for file in page.files if file.publisher == account and file.uploaded >= since]
    listed = f": {', '.join(files[:10])}{', …' if len(files) > 10 else ''}" if files else ""
    return [f"since {show_time(since)} it released {count(len(files), 'file')}, which are withdrawn for ever{listed}"]


def _publisher(each: "PublisherTerm", now: int) -> "Json":
    from dipmp_lib.model.names import checksum_address

    return {
        "address": checksum_address(each.address),
        "state": each.state(now),
        "until": each.until or None,
        "compromised_since": each.compromised_since or None,
        "entry": each.entry,
    }


def _line(each: "PublisherTerm", now: int) -> str:
    from ...terminal.format import show_account, show_time

    state = each.state(now)
    since = f", compromised since {show_time(each.compromised_since)}" if each.compromised_since else ""
    when = "" if state == "revoked" else f" {'until' if state == 'active' else 'on'} {show_time(each.until)}"
    return f"{show_account(each.address)} {state}{when}{since} (entry {each.entry})"
