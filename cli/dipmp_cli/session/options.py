"""The options that commands share, and decorators that give them to a command, which gets a context in their place."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Concatenate, ParamSpec

import typer

if TYPE_CHECKING:
    from ..settings.settings import Flags
    from .context import PublishContext, ReadContext, RunOptions, WriteContext

_Text = str | None
_Texts = list[str] | None
Registry = Annotated[
    _Text,
    typer.Option(metavar="ADDRESS", help="Registry: an address or a configured name. [DIPMP_REGISTRY]"),
]
ChainName = Annotated[
    _Text, typer.Option(metavar="NAME", help="Short name of the chain, e.g. base; else ETH_GATEWAY's.")
]
Rpc = Annotated[_Texts, typer.Option(metavar="URL", help="JSON-RPC URL; may be repeated. [ETH_GATEWAY]")]
ChainId = Annotated[_Text, typer.Option(metavar="ID", help="Expected chain id. [DIPMP_CHAIN_ID]")]
SignerUri = Annotated[
    _Text, typer.Option(metavar="URI", help="Signer: keystore:NAME, kms:KEY, rpc:URL or env:VARIABLE. [DIPMP_SIGNER]")
]
PasswordFile = Annotated[Path | None, typer.Option(metavar="FILE", help="File with the keystore's password.")]
Gateway = Annotated[_Texts, typer.Option(metavar="URL", help="IPFS gateway; may be repeated. [IPFS_GATEWAY]")]
Pinner = Annotated[_Texts, typer.Option(metavar="URI", help="Pinning service; may be repeated. [DIPMP_PINNER]")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show the plan and its cost, then stop.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask for consent.")]
MaxCost = Annotated[_Text, typer.Option(metavar="AMOUNT", help="Maximum total cost, e.g. 0.002. [DIPMP_MAX_COST]")]
Finality = Annotated[
    _Text,
    typer.Option(metavar="BLOCK", help="Finality to wait for: latest (default), safe or finalized. [DIPMP_FINALITY]"),
]
Wait = Annotated[bool, typer.Option("--wait", help="Wait while another dipmp process sends with the same key.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout.")]
Pins = Annotated[
    _Text,
    typer.Option(
        metavar="N", help="Number of pinners that must keep every file; 2 if there are two or more. [DIPMP_PINS]"
    ),
]
FullProof = Annotated[bool, typer.Option("--full-proof", help="Fetch back every block of large files, not a sample.")]
IndexUrl = Annotated[_Text, typer.Option(metavar="URL", help="URL of the registry on a server. [DIPMP_INDEX_URL]")]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Show digests and CIDs.")]

Options = dict[str, tuple[Any, Any]]
"""Annotation and default of options, by name."""

_REGISTRY: Options = {"registry": (Registry, None)}
_CHAIN: Options = {"chain": (ChainName, None)}
_READS: Options = {"rpc": (Rpc, None), "chain_id": (ChainId, None)}
_STORES: Options = {
    "gateway": (Gateway, None),
    "pinner": (Pinner, None),
    "pins": (Pins, None),
    "full_proof": (FullProof, False),
}
_SIGNS: Options = {"signer": (SignerUri, None), "password_file": (PasswordFile, None)}
_SERVES: Options = {"index_url": (IndexUrl, None)}
_SENDS: Options = {"max_cost": (MaxCost, None), "finality": (Finality, None), "wait": (Wait, False)}
_ASKS: Options = {"dry_run": (DryRun, False), "yes": (Yes, False)}
_JSON: Options = {"as_json": (Json, False)}
_VERBOSE: Options = {"verbose": (Verbose, False)}
_WRITES: Options = {**_READS, **_SIGNS, **_SENDS, **_ASKS, **_JSON}
_PUBLISHES: Options = {
    **_REGISTRY,
    **_READS,
    **_STORES,
    **_SIGNS,
    **_SERVES,
    **_SENDS,
    **_ASKS,
    **_JSON,
    **_VERBOSE,
}

_Own = ParamSpec("_Own")


def reads(command: "Callable[Concatenate[ReadContext, _Own], None]") -> Callable[_Own, None]:
    """Return a command that reads a registry, made of a function of a ReadContext and its own parameters."""
    return _with_options(command, {**_REGISTRY, **_READS, **_JSON}, _read_context)


def writes(command: "Callable[Concatenate[WriteContext, _Own], None]") -> Callable[_Own, None]:
    """Return a command that writes to a registry, made of a function of a WriteContext and its own parameters."""
    return _with_options(command, {**_REGISTRY, **_WRITES}, _write_context)


def writes_to_chain(command: "Callable[Concatenate[WriteContext, _Own], None]") -> Callable[_Own, None]:
    """Return a command like one of `writes` for a chain that has no registry yet."""
    return _with_options(command, {**_CHAIN, **_WRITES}, _write_context)


def publishes(command: "Callable[Concatenate[PublishContext, _Own], None]") -> Callable[_Own, None]:
    """Return a command that publishes, made of a function of a PublishContext and its own parameters."""
    return _with_options(command, _PUBLISHES, _publish_context)


def make_flags(values: Mapping[str, Any]) -> "Flags":
    """Return the flags among the values of options, as Typer parsed them."""
    from ..settings.settings import Flags

    given = {each.name: values[each.name] for each in fields(Flags) if values.get(each.name) is not None}
    if "chain" in values:
        given.setdefault("chain", "")  # the chain of ETH_GATEWAY, and no registry
    return Flags(**given)


def _read_context(values: Mapping[str, Any]) -> "ReadContext":
    from ..settings import open_layers
    from ..settings.settings import read_chain_settings
    from .context import ReadContext

    return ReadContext(read_chain_settings(make_flags(values), open_layers(), writes=False), _run_options(values))


def _write_context(values: Mapping[str, Any]) -> "WriteContext":
    from ..settings import open_layers
    from ..settings.settings import read_chain_settings
    from .context import WriteContext

    return WriteContext(read_chain_settings(make_flags(values), open_layers(), writes=True), _run_options(values))


def _publish_context(values: Mapping[str, Any]) -> "PublishContext":
    from ..settings import open_layers
    from ..settings.settings import read_publish_settings
    from .context import PublishContext

    return PublishContext(read_publish_settings(make_flags(values), open_layers()), _run_options(values))


def _run_options(values: Mapping[str, Any]) -> "RunOptions":
    from .context import RunOptions

    return RunOptions(**{each.name: values[each.name] for each in fields(RunOptions) if each.name in values})


def _with_options(
    command: Callable[..., None], shared: Options, make_context: Callable[[Mapping[str, Any]], object]
) -> Callable[..., None]:
    """Return the command with the shared options added to its own; it gets a context in place of their values."""

    def run(**values: Any) -> None:  # noqa: ANN401 - as Typer parsed them
        context = make_context({name: values.pop(name) for name in shared})
        command(context, **values)

    _, *own = inspect.signature(command).parameters.values()
    added = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=kind, default=default)
        for name, (kind, default) in shared.items()
    ]
    run.__doc__ = command.__doc__
    run.__dict__["__signature__"] = inspect.Signature([*own, *added])  # which Typer reads
    run.__annotations__ = {each.name: each.annotation for each in (*own, *added)}
    return run
