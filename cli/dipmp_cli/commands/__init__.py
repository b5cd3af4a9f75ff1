"""The table of commands. A command's module is imported when the command runs, or when help lists it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Union

import typer
from typer.core import TyperGroup

CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


@dataclass(frozen=True, slots=True)
class Group:
    """A group of commands: its help text, and by name `module:function` or a nested group."""

    text: str
    commands: Mapping[str, Union[str, "Group"]]


_OWNER = {name: f"owner:{name}" for name in ("offer", "accept", "withdraw")}


def _within(package: str, commands: Mapping[str, str]) -> dict[str, str]:
    return {name: f"{package}.{place}" for name, place in commands.items()}


_REGISTRY = Group(
    "Create, inspect and transfer a registry.",
    {
        **_within("registry", {"create": "create:create", "show": "show:show"}),
        "owner": Group("Transfer a registry to another owner, in two steps.", _within("registry", _OWNER)),
        "resign-guardian": "registry.owner:resign",
    },
)
_PROJECT = Group(
    "Claim, inspect and manage a project: owner, publishers, status, yanks.",
    {
        **_within("project", {"show": "show:show", "claim": "owner:claim"}),
        "owner": Group("Transfer a project to another owner, in two steps.", _within("project", _OWNER)),
        "publishers": Group(
            "List, add and revoke publishers.",
            _within(
                "project",
                {"list": "publishers:list_publishers", "add": "publishers:add", "revoke": "publishers:revoke"},
            ),
        ),
        **_within(
            "project",
            {
                "status": "status:status",
                "quarantine": "status:quarantine",
                "yank": "yank:yank",
                "unyank": "yank:unyank",
            },
        ),
    },
)
_CONFIG = Group(
    "Show dipmp's configuration; print the configuration of pip, uv or Poetry for a registry.",
    _within(
        "config",
        {
            **{name: f"command:{name}" for name in ("check", "path")},
            **{name: f"command:{name}" for name in ("pip", "uv", "poetry")},
        },
    ),
)
_ACCOUNT = Group(
    "Manage keys in encrypted files on this machine.",
    {"new": "account:new", "import": "account:import_key", "list": "account:list_accounts"},
)
COMMANDS: Mapping[str, str | Group] = {
    "publish": "publish.command:publish",
    "bridge": "bridge.command:bridge",
    "relay": "relay:relay",
    "account": _ACCOUNT,
    "mirror": "mirror.command:mirror",
    "replicate": "replicate:replicate",
    "registry": _REGISTRY,
    "project": _PROJECT,
    "log": "log:log",
    "completion": "completion:completion",
    "config": _CONFIG,
    "doctor": "doctor.command:doctor",
    "dev": "dev:dev",
    "serve": "serve:serve_command",
    "sync": "sync:sync_command",
}


def load(name: str, place: str | Group) -> Callable[..., Any]:
    """Return the parser's command for `module:function`, or its group for a Group."""
    if isinstance(place, Group):
        return group(name, place.commands, _described(place.text))
    module, _, function = place.partition(":")
    app = typer.Typer(add_completion=False, context_settings=CONTEXT)
    app.command(name)(getattr(import_module(f"{__name__}.{module}"), function))
    return typer.main.get_command(app)


def group(name: str, commands: Mapping[str, str | Group], callback: Callable[..., None]) -> Callable[..., Any]:
    """Return the parser's group, which loads its commands when they are needed."""

    class Lazy(TyperGroup):
        def list_commands(self, ctx: Any) -> list[str]:  # noqa: ANN401, ARG002 - Typer's signature
            return list(commands)

        def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ANN401, ARG002
            return load(cmd_name, commands[cmd_name]) if cmd_name in commands else None

    app = typer.Typer(cls=Lazy, add_completion=False, no_args_is_help=True, context_settings=CONTEXT)
    app.callback()(callback)
    command = typer.main.get_command(app)
    command.name = name  # by which the help of the group above lists it
    return command


def _described(text: str) -> Callable[[], None]:
    def describe() -> None:
        pass

    describe.__doc__ = text
    return describe
