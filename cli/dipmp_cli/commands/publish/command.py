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

    from ...session.context import PublishContext
    from ...settings.settings import PublishSettings

_Files = Annotated[list[Path], typer.Argument(metavar="FILES", help="Wheels and sdists, e.g. dist/*.")]
Lenient = Annotated[bool, typer.Option("--lenient", help="Only warn about what indexes refuse but installers accept.")]


@publishes
def publish(
    context: "PublishContext",
    files: _Files,
    *,
    lenient: Lenient = False,
    sign_only: SignOnly = None,
    valid: Valid = VALID,
) -> None:
    """Publish wheels and sdists: pin them on IPFS and list them in a registry."""
    from dipmp_lib.distributions import read_each

    from ...terminal.console import ConsoleReporter, talk

    reporter = ConsoleReporter(talk())
    reading = read_each(files, reporter, lenient=lenient)
    dists = reading.dists
    if reading.error is not None:
        _refuse(context, dists, reading.error)
    with closing(context.publisher):
        if sign_only is None:
            publish_distributions(context, dists)
        else:
            sign_request(context, context.publisher.preview(dists), Request(sign_only, valid), reporter)


def publish_distributions(context: "PublishContext", dists: "Sequence[Distribution]") -> None:
    """Plan, show the plan, ask, publish, print the result. Raises as Publisher does, PublishError without consent."""
    from ...terminal.console import ConsoleReporter, ask, talk
    from .report import document, pip_command, show_no_gateway, show_plan, show_result

    console = talk()
    publisher, chain_id = context.publisher, context.publisher.writer.chain_id
    plan = publisher.preview(dists) if context.options.dry_run else publisher.plan(dists)
    quote = publisher.quote(plan)
    show_plan(console, plan, quote, chain_id, verbose=context.options.verbose)
    if not publisher.gateways:
        show_no_gateway(console)
    published: tuple[Published, ...] = ()
    if not context.options.dry_run:
        if plan.entries:
            ask("Publish?", yes=context.options.yes)
            context.signer.unlock()
        published = publisher.publish(plan, ConsoleReporter(console))
    show_result(console, published, chain_id)
    if context.options.as_json:
        result = document(
            plan,
            quote,
            published,
            chain_id=chain_id,
            index_url=context.settings.index_url,
            dry_run=context.options.dry_run,
        )
        typer.echo(json.dumps(result, indent=2))
    elif not context.options.dry_run:
        _close(context.settings, pip_command(plan, context.settings.index_url))


def _refuse(context: "PublishContext", dists: "Sequence[Distribution]", error: "InvalidDistribution") -> "NoReturn":
    """Raise the error of some files, together with what the registry would refuse of the others."""
    from dipmp_lib.errors import DipmpError, InvalidDistribution

    if dists:
        try:
            context.publisher.preview(dists, error)
        except InvalidDistribution:
            raise
        except DipmpError:
            # The files must be mended first, even if the registry cannot be asked.
            raise error from None
    raise error


def _close(settings: "PublishSettings", command: str) -> None:
    if settings.index_url:
        typer.echo(f"Index: {settings.index_url}")
    typer.echo(f"Install: {command}")
