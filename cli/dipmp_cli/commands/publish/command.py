"""`dipmp publish`: check every file, plan, ask, pin, write on chain, read back."""

import json
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ...session.options import publishes
from .sign_only import VALID, Request, SignOnly, Valid, sign_request

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import NoReturn

    from dipmp_lib.distributions import Distribution
    from dipmp_lib.errors import InvalidDistribution
    from dipmp_lib.publish import Published

    from ...session.options import PublishContext
    from ...session.session import Session
    from ...settings.settings import PublishSettings

_Files = Annotated[list[Path], typer.Argument(metavar="FILES", help="Wheels and sdists, as in dist/*.")]
Lenient = Annotated[bool, typer.Option("--lenient", help="Only warn about what other indexes refuse for its form.")]


@publishes
def publish(
    desk: "PublishContext", files: _Files, *, lenient: Lenient = False, sign_only: SignOnly = None, valid: Valid = VALID
) -> None:
    """Publish wheels and sdists: pin them on IPFS and list them in a registry."""
    from dipmp_lib.distributions import read_each

    from ...session.context import RunOptions
    from ...terminal.console import ConsoleReporter, talk

    reporter = ConsoleReporter(talk())
    reading = read_each(files, reporter, lenient=lenient)
    dists = reading.dists
    if reading.error is not None:
        _refuse(desk.settings, dists, reading.error)
    from ...session.session import open_session

    session = open_session(desk.settings)
    with closing(session.publisher):
        if sign_only is None:
            publish_distributions(session, desk, dists)
            return
        plan = session.publisher.preview(dists)
        sign_request(session, plan, Request(sign_only, valid), reporter, RunOptions(dry_run=desk.dry_run, yes=desk.yes))


def publish_distributions(session: "Session", desk: "PublishContext", dists: "Sequence[Distribution]") -> None:
    """Plan, show the plan, ask, publish, and print the result. Raises as `Publisher` says, and for want of consent."""
    from ...terminal.console import ConsoleReporter, ask, talk
    from .report import document, pip_command, show_plan, show_result

    console = talk()
    publisher, chain_id = session.publisher, session.publisher.writer.chain_id
    plan = publisher.preview(dists) if desk.dry_run else publisher.plan(dists)
    quote = publisher.quote(plan)
    show_plan(console, plan, quote, chain_id, verbose=desk.verbose)
    if not publisher.gateways:
        console.print("note: no IPFS_GATEWAY (or --gateway): nobody checks that files can be fetched", soft_wrap=True)
    published: tuple[Published, ...] = ()
    if not desk.dry_run:
        if plan.entries:
            ask("Publish?", yes=desk.yes)
            session.signer.unlock()
        published = publisher.publish(plan, ConsoleReporter(console))
    show_result(console, published, chain_id)
    if desk.as_json:
        result = document(
            plan, quote, published, chain_id=chain_id, index_url=desk.settings.index_url, dry_run=desk.dry_run
        )
        typer.echo(json.dumps(result, indent=2))
    elif not desk.dry_run:
        _close(desk.settings, pip_command(plan, desk.settings.index_url))


def _refuse(settings: "PublishSettings", dists: "Sequence[Distribution]", error: "InvalidDistribution") -> "NoReturn":
    """Raise what is wrong with some files, together with what the registry would refuse of the others."""
    from dipmp_lib.errors import DipmpError, InvalidDistribution

    if dists:
        from ...session.session import open_session

        try:
            open_session(settings).publisher.preview(dists, error)
        except InvalidDistribution:
            raise
        except DipmpError:
            # The files are to be mended first, whatever hinders asking.
            raise error from None
    raise error


def _close(settings: "PublishSettings", command: str) -> None:
    if settings.index_url:
        typer.echo(f"Index: {settings.index_url}")
    typer.echo(f"Install: {command}")
