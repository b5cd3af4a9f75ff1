"""`dipmp project show`: owner, publishers, status and versions of a project."""

import json
from typing import TYPE_CHECKING

import typer

from ...session.options import reads
from .owner import ProjectName

if TYPE_CHECKING:
    from dipmp_lib.log.history import PublisherTerm
    from dipmp_lib.log.log import Log
    from dipmp_lib.model.pages import Project

    from ...session.context import ReadContext
    from ...session.transact import Json


@reads
def show(context: "ReadContext", project: ProjectName) -> None:
    """Show a project: owner, publishers, status, releases."""
    page, log = context.project(project)
    if context.options.as_json:
        typer.echo(json.dumps(_document(page, log), indent=2))
        return
    for name, value in _lines(page, log):
        typer.echo(f"{name:<11} {value}")


def _active(log: "Log") -> list["PublisherTerm"]:
    import time

    from dipmp_lib.log.history import publishers

    now = int(time.time())
    return [each for each in publishers(log.blobs) if each.state(now) == "active"]


def _document(page: "Project", log: "Log") -> "Json":
    from dipmp_lib.log.history import offered_to
    from dipmp_lib.model.names import checksum_address

    from ...terminal.format import json_account

    return {
        "registry": str(page.registry),
        "project": page.name,
        "owner": checksum_address(page.owner),
        "offered_to": json_account(offered_to(log.blobs)),
        "publishers": [{"address": checksum_address(each.address), "until": each.until} for each in _active(log)],
        "status": str(page.status),
        "status_reason": page.status_reason,
        "versions": _versions(page),
        "entries": page.count,
        "head": f"0x{page.head.hex()}",
        "notes": len(page.notes),
        "incomplete": page.incomplete,
    }


def _versions(page: "Project") -> list["Json"]:
    versions: dict[str, list[bool]] = {}
    for file in page.files:
        versions.setdefault(file.version, []).append(file.yanked is not None)
    return [{"version": text, "files": len(each), "yanked": sum(each)} for text, each in versions.items()]


def _lines(page: "Project", log: "Log") -> list[tuple[str, str]]:
    from dipmp_lib.log.history import offered_to

    from ...terminal.format import count, plain, show_account, show_time

    reason = f": {plain(page.status_reason)}" if page.status_reason else ""
    lines = [("project", f"{page.name} in {page.registry}"), ("owner", show_account(page.owner))]
    offered = offered_to(log.blobs)
    lines += [("offered", f"to {show_account(offered)}")] if offered else []
    lines += [("publisher", f"{show_account(each.address)} until {show_time(each.until)}") for each in _active(log)]
    lines.append(("status", f"{page.status}{reason}"))
    for each in _versions(page):
        yanked = f", {each['yanked']} yanked" if each["yanked"] else ""
        lines.append(("version", f"{each['version']}: {count(int(str(each['files'])), 'file')}{yanked}"))
    notes = f", {count(len(page.notes), 'note')} (dipmp log {page.name})" if page.notes else ""
    incomplete = "; INCOMPLETE: this version of dipmp cannot read all of them" if page.incomplete else ""
    return [*lines, ("log", f"{count(page.count, 'entry')}{notes}{incomplete}"), ("head", f"0x{page.head.hex()}")]
