"""The options that commands share. `reads` and `writes` give them to a command, which then gets one object for all."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Concatenate, ParamSpec

import typer

if TYPE_CHECKING:
    from ..settings.settings import PublishSettings
    from .context import ReadContext, WriteContext

_Text = str | None
_Texts = list[str] | None
Registry = Annotated[
    _Text, typer.Option(metavar="ADDRESS", help="Registry: an address, or a name of yours. [DIPMP_REGISTRY]")
]
ChainName = Annotated[_Text, typer.Option(metavar="NAME", help="Short name of the chain, as in base. [ETH_GATEWAY's]")]
Rpc = Annotated[_Texts, typer.Option(metavar="URL", help="JSON-RPC URL; may be repeated. [ETH_GATEWAY]")]
ChainId = Annotated[_Text, typer.Option(metavar="ID", help="Chain that has to be served. [DIPMP_CHAIN_ID]")]
SignerUri = Annotated[
    _Text, typer.Option(metavar="URI", help="keystore:NAME, kms:KEY, rpc:URL, env:VARIABLE. [DIPMP_SIGNER]")
]
PasswordFile = Annotated[Path | None, typer.Option(metavar="FILE", help="File with the keystore's password.")]
Gateway = Annotated[_Texts, typer.Option(metavar="URL", help="IPFS gateway; may be repeated. [IPFS_GATEWAY]")]
Pinner = Annotated[_Texts, typer.Option(metavar="URI", help="Pinner; may be repeated. [DIPMP_PINNER]")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show the plan and its cost, and stop.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
MaxCost = Annotated[_Text, typer.Option(metavar="AMOUNT", help="Most that it may cost, as in 0.002. [DIPMP_MAX_COST]")]
Finality = Annotated[_Text, typer.Option(metavar="BLOCK", help="latest, safe or finalized. [DIPMP_FINALITY, latest]")]
Wait = Annotated[bool, typer.Option("--wait", help="Wait while another dipmp sends with the same key.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout.")]
Pins = Annotated[_Text, typer.Option(metavar="N", help="Pinners that must keep everything; 2 of 2. [DIPMP_PINS]")]
FullProof = Annotated[bool, typer.Option("--full-proof", help="Fetch back every block of large files, too.")]
IndexUrl = Annotated[_Text, typer.Option(metavar="URL", help="Where the registry is served. [DIPMP_INDEX_URL]")]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Show digests and CIDs.")]

Options = dict[str, tuple[Any, Any]]
"""By name: the annotation and the default."""

_REGISTRY = {"registry": (Registry, None)}
_CHAIN = {"chain": (ChainName, None)}
_READS: Options = {"rpc": (Rpc, None), "chain_id": (ChainId, None)}
_SIGNS: Options = {"signer": (SignerUri, None), "password_file": (PasswordFile, None)}
_SENDS: Options = {"max_cost": (MaxCost, None), "finality": (Finality, None), "wait": (Wait, False)}
_JSON: Options = {"as_json": (Json, False)}
_WRITES = {**_READS, **_SIGNS, **_SENDS, "dry_run": (DryRun, False), "yes": (Yes, False), **_JSON}
_FLAGS = {"registry", "chain", *_READS, *_SIGNS, *_SENDS}

_Own = ParamSpec("_Own")


def reads(command: "Callable[Concatenate[ReadContext, _Own], None]") -> Callable[_Own, None]:
    """Turn a function of a ReadingDesk and its own parameters into a command that reads a registry."""
    return with_options(command, {**_REGISTRY, **_READS, **_JSON}, partial(_desk, writes=False))


def writes(command: "Callable[Concatenate[WriteContext, _Own], None]") -> Callable[_Own, None]:
    """Turn a function of a WritingDesk and its own parameters into a command that writes to a registry."""
    return with_options(command, {**_REGISTRY, **_WRITES}, partial(_desk, writes=True))


def writes_to_chain(command: "Callable[Concatenate[WriteContext, _Own], None]") -> Callable[_Own, None]:
    """Do the same for a command that has a chain and no registry yet."""
    return with_options(command, {**_CHAIN, **_WRITES}, partial(_desk, writes=True))


def with_options(
    command: Callable[..., None], shared: Options, desk: Callable[[dict[str, Any]], object]
) -> Callable[..., None]:
    """Turn a function into a command with more options, which gets what `desk` makes of them in their place."""

    def run(**values: Any) -> None:  # noqa: ANN401 - as Typer parsed them
        taken = {name: values.pop(name) for name in shared}
        command(desk(taken), **values)

    _, *own = inspect.signature(command).parameters.values()
    added = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=kind, default=default)
        for name, (kind, default) in shared.items()
    ]
    run.__doc__ = command.__doc__
    run.__dict__["__signature__"] = inspect.Signature([*own, *added])  # which Typer reads
    run.__annotations__ = {each.name: each.annotation for each in (*own, *added)}
    return run


def _desk(taken: dict[str, Any], *, writes: bool) -> "ReadContext | WriteContext":
    from ..settings import open_layers
    from ..settings.settings import Flags, read_chain_settings
    from .context import ReadContext, RunOptions, WriteContext

    values = {name: taken[name] for name in _FLAGS & set(taken)}
    values["rpc"] = values["rpc"] or ()
    if "chain" in values:
        values["chain"] = values["chain"] or ""
    flags = Flags(**values)
    settings = read_chain_settings(flags, open_layers(), writes=writes)
    if not writes:
        return ReadContext(settings, as_json=taken["as_json"])
    manner = RunOptions(dry_run=taken["dry_run"], yes=taken["yes"])
    return WriteContext(settings, manner, as_json=taken["as_json"])


_SETTINGS: Options = {
    "registry": (Registry, None),
    "rpc": (Rpc, None),
    "chain_id": (ChainId, None),
    "gateway": (Gateway, None),
    "pinner": (Pinner, None),
    "pins": (Pins, None),
    "full_proof": (FullProof, False),
    "signer": (SignerUri, None),
    "password_file": (PasswordFile, None),
    "index_url": (IndexUrl, None),
    "max_cost": (MaxCost, None),
    "finality": (Finality, None),
    "wait": (Wait, False),
}
_MANNER: Options = {
    "dry_run": (DryRun, False),
    "yes": (Yes, False),
    "as_json": (Json, False),
    "verbose": (Verbose, False),
}
_LISTS = ("rpc", "gateway", "pinner")


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishContext:
    """Where a command that publishes works, and how it goes about it."""

    settings: "PublishSettings"
    dry_run: bool
    yes: bool
    as_json: bool
    verbose: bool


def publishes(command: "Callable[Concatenate[PublishContext, _Own], None]") -> Callable[_Own, None]:
    """Turn a function of a PublishDesk and its own parameters into a command that publishes."""
    return with_options(command, {**_SETTINGS, **_MANNER}, _publish_desk)


def _publish_desk(taken: dict[str, Any]) -> PublishContext:
    from ..settings import open_layers
    from ..settings.settings import Flags, read_settings

    flags: dict[str, Any] = {name: taken[name] or () if name in _LISTS else taken[name] for name in _SETTINGS}
    return PublishContext(
        settings=read_settings(Flags(**flags), open_layers()), **{name: taken[name] for name in _MANNER}
    )
