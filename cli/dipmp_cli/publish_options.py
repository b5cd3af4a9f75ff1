"""The options of a publish, for commands that publish something they have found themselves."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec

from . import options

if TYPE_CHECKING:
    from .settings import PublishSettings

_SETTINGS: options.Options = {
    "registry": (options.Registry, None),
    "rpc": (options.Rpc, None),
    "chain_id": (options.ChainId, None),
    "gateway": (options.Gateway, None),
    "pinner": (options.Pinner, None),
    "pins": (options.Pins, None),
    "full_proof": (options.FullProof, False),
    "signer": (options.SignerUri, None),
    "password_file": (options.PasswordFile, None),
    "index_url": (options.IndexUrl, None),
    "max_cost": (options.MaxCost, None),
    "finality": (options.Finality, None),
    "wait": (options.Wait, False),
}
_MANNER: options.Options = {
    "dry_run": (options.DryRun, False),
    "yes": (options.Yes, False),
    "as_json": (options.Json, False),
    "verbose": (options.Verbose, False),
}
_LISTS = ("rpc", "gateway", "pinner")
_Own = ParamSpec("_Own")


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishDesk:
    """Where a command that publishes works, and how it goes about it."""

    settings: "PublishSettings"
    dry_run: bool
    yes: bool
    as_json: bool
    verbose: bool


def publishes(command: "Callable[Concatenate[PublishDesk, _Own], None]") -> Callable[_Own, None]:
    """Turn a function of a PublishDesk and its own parameters into a command that publishes."""
    return options.with_options(command, {**_SETTINGS, **_MANNER}, _desk)


def _desk(taken: dict[str, Any]) -> PublishDesk:
    from .layers import open_layers
    from .settings import Flags, read_settings

    flags: dict[str, Any] = {name: taken[name] or () if name in _LISTS else taken[name] for name in _SETTINGS}
    return PublishDesk(settings=read_settings(Flags(**flags), open_layers()), **{name: taken[name] for name in _MANNER})
