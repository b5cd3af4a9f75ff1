"""`dipmp publish`: check every file, plan, ask, pin, write on chain, read back."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .options import ChainId, DryRun, Finality, Json, MaxCost, PasswordFile, Registry, Rpc, SignerUri, Wait, Yes

if TYPE_CHECKING:
    from dipmp_lib.publish import Published

    from .settings import PublishSettings


_Text = str | None
_Texts = list[str] | None
_Files = Annotated[list[Path], typer.Argument(metavar="FILES", help="Wheels and sdists, as in dist/*.")]
_Gateway = Annotated[_Texts, typer.Option(metavar="URL", help="IPFS gateway; may be repeated. [IPFS_GATEWAY]")]
_Pinner = Annotated[_Texts, typer.Option(metavar="URI", help="Pinner; may be repeated. [DIPMP_PINNER]")]
_Pins = Annotated[_Text, typer.Option(metavar="N", help="Pinners that must keep everything; 2 of 2. [DIPMP_PINS]")]
_FullProof = Annotated[bool, typer.Option("--full-proof", help="Fetch back every block of large files, too.")]
_IndexUrl = Annotated[_Text, typer.Option(metavar="URL", help="Where the registry is served. [DIPMP_INDEX_URL]")]
_Lenient = Annotated[bool, typer.Option("--lenient", help="Only warn about what other indexes refuse for its form.")]
_Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Show digests and CIDs.")]


def publish(  # noqa: PLR0913 - one per option
    files: _Files,
    *,
    registry: Registry = None,
    rpc: Rpc = None,
    chain_id: ChainId = None,
    gateway: _Gateway = None,
    pinner: _Pinner = None,
    pins: _Pins = None,
    full_proof: _FullProof = False,
    signer: SignerUri = None,
    password_file: PasswordFile = None,
    index_url: _IndexUrl = None,
    max_cost: MaxCost = None,
    finality: Finality = None,
    wait: Wait = False,
    dry_run: DryRun = False,
    yes: Yes = False,
    as_json: Json = False,
    lenient: _Lenient = False,
    verbose: _Verbose = False,
) -> None:
    """Publish wheels and sdists: pin them on IPFS and list them in a registry."""
    from .layers import open_layers
    from .settings import Flags, read_settings

    flags = Flags(
        registry=registry,
        rpc=rpc or (),
        chain_id=chain_id,
        gateway=gateway or (),
        pinner=pinner or (),
        pins=pins,
        full_proof=full_proof,
        signer=signer,
        password_file=password_file,
        index_url=index_url,
        max_cost=max_cost,
        finality=finality,
        wait=wait,
    )
    mode = _Mode(dry_run=dry_run, yes=yes, as_json=as_json, lenient=lenient, verbose=verbose)
    _publish(read_settings(flags, open_layers()), files, mode)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Mode:
    dry_run: bool
    yes: bool
    as_json: bool
    lenient: bool
    verbose: bool


def _publish(settings: "PublishSettings", paths: Sequence[Path], mode: _Mode) -> None:
    from dipmp_lib.dist import read_distributions

    from .consent import ask
    from .console import ConsoleReporter, talk
    from .report import document, pip_command, show_plan, show_result

    console = talk()
    reporter = ConsoleReporter(console)
    dists = read_distributions(paths, reporter, lenient=mode.lenient)
    from .session import open_session  # after the files: it imports web3

    session = open_session(settings)
    publisher, chain_id = session.publisher, session.publisher.writer.chain_id
    plan = publisher.look(dists) if mode.dry_run else publisher.plan(dists)
    quote = publisher.quote(plan)
    show_plan(console, plan, quote, chain_id, verbose=mode.verbose)
    if not publisher.gateways:
        console.print("note: no IPFS_GATEWAY (or --gateway): nobody checks that files can be fetched", soft_wrap=True)
    published: tuple[Published, ...] = ()
    if not mode.dry_run:
        if plan.entries:
            ask("Publish?", yes=mode.yes)
            session.signer.unlock()
        published = publisher.publish(plan, reporter)
    show_result(console, published, chain_id)
    if mode.as_json:
        result = document(plan, quote, published, chain_id=chain_id, index_url=settings.index_url, dry_run=mode.dry_run)
        typer.echo(json.dumps(result, indent=2))
    elif not mode.dry_run:
        _close(settings, pip_command(plan, settings.index_url))


def _close(settings: "PublishSettings", command: str) -> None:
    if settings.index_url:
        typer.echo(f"Index: {settings.index_url}")
    typer.echo(f"Install: {command}")
