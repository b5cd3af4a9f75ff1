"""`dipmp publish --sign-only FILE`: pin, and sign a request that another key sends and pays for."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from dipmp_lib.progress import Reporter
    from dipmp_lib.publish import Plan, Publisher
    from dipmp_lib.publish.plan import PlannedEntry
    from dipmp_lib.transactions.sponsored import UnsignedAppend

    from ...session.context import PublishContext

VALID = "7d"
SignOnly = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Pin and sign only; `dipmp relay FILE` with another key sends and pays."),
]
Valid = Annotated[str, typer.Option(metavar="TIME", help="Validity of --sign-only's signature: 12h, 7d or a date.")]


@dataclass(frozen=True, slots=True)
class Request:
    """File of a signed request, and its validity as typed: a duration or a date."""

    path: Path
    valid: str


def sign_request(context: "PublishContext", plan: "Plan", request: Request, reporter: "Reporter") -> None:
    """Pin the plan's files, sign its one entry and write the request. Raises as a publish does, and SignerError."""
    from dipmp_lib.transactions.signers import check_typed_data, typed_data_digest

    from ...terminal.console import ask, talk
    from ...terminal.format import show_account, show_time
    from .report import show_for_ever

    console = talk()
    entry = _only(plan)
    if entry is None:
        console.print("nothing to sign: everything is published already")
        return
    _check_free(request.path)
    unsigned = _unsigned(context.publisher, plan, entry, request.valid)
    console.print(
        f"sign: {entry.project} {entry.version}, {', '.join(dist.filename.text for dist in entry.dists)}, "
        f"as {show_account(plan.actor)}, until {show_time(unsigned.deadline)}",
        soft_wrap=True,
    )
    show_for_ever(console)
    if context.options.dry_run:
        return
    ask("Pin and sign?", yes=context.options.yes)
    context.signer.unlock()
    context.publisher.store(plan, reporter)
    signature = context.signer.sign_typed_data(unsigned.typed_data)
    check_typed_data(signature, typed_data_digest(unsigned.typed_data), plan.actor)
    _write(request.path, unsigned.signed(signature).document())
    console.print(f"signed; any key can send it and pay: dipmp relay {request.path}", soft_wrap=True)


def _only(plan: "Plan") -> "PlannedEntry | None":
    """Return a plan's only entry, None if it has none. Raises PublishError for a claim or several entries.

    Each signature covers the head that the entry before it leaves, so several cannot be signed at once.
    """
    from dipmp_lib.errors import PublishError

    if plan.claims:
        names = ", ".join(plan.claims)
        raise PublishError(
            f"a claim cannot be relayed, and {names} is not claimed yet",
            hint="anybody can claim it for you: dipmp project claim NAME --owner YOUR-ADDRESS",
        )
    if len(plan.entries) > 1:
        releases = ", ".join(f"{entry.project} {entry.version}" for entry in plan.entries)
        raise PublishError(
            f"a request carries one entry, and this takes {len(plan.entries)}: {releases}",
            hint="sign and relay them one after another",
        )
    return plan.entries[0] if plan.entries else None


def _unsigned(publisher: "Publisher", plan: "Plan", entry: "PlannedEntry", valid: str) -> "UnsignedAppend":
    import time

    from dipmp_lib.errors import InvalidInput
    from dipmp_lib.log.entries import RELEASE
    from dipmp_lib.transactions.sponsored import UnsignedAppend

    from ...terminal.format import parse_time

    now = max(publisher.writer.chain_time(), int(time.time()))
    deadline = parse_time(valid, now, ahead=True)
    if deadline <= now:
        raise InvalidInput(f"--valid {valid[:40]} is in the past", hint="write 12h, 7d or a date ahead")
    return UnsignedAppend(
        chain_id=publisher.writer.chain_id,
        registry=plan.registry.address,
        project=entry.project,
        kind=RELEASE,
        payload=entry.payload,
        signer=plan.actor,
        head=publisher.registry.project(plan.registry, entry.project).head,
        deadline=deadline,
    )


def _check_free(path: Path) -> None:
    from dipmp_lib.errors import InvalidInput

    if path.exists():
        raise InvalidInput(f"the file {path} exists already", hint="choose another name for the request")


def _write(path: Path, text: str) -> None:
    from dipmp_lib.errors import InvalidInput

    try:
        with path.open("x", encoding="ascii") as stream:
            stream.write(text)
    except OSError as error:
        raise InvalidInput(f"the request cannot be written to {path}: {error.strerror}") from None
